import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { cutEnd, cutMiddle, oneLine, padEnd, wrapText } from './text.js'

describe('texts in columns', () => {
  it.each([
    ['short', 'tour', 10, 'tour'],
    ['long', 'payment-gateway', 9, 'paym…eway'],
    ['Korean', '부산여행안내서비스', 9, '부산…비스'],
    ['Korean in an odd number of columns', '부산여행', 6, '부…행'],
    ['in hardly any', 'tour', 2, 't…'],
    ['in none', 'tour', 0, ''],
  ])('cut in the middle: %s', (_, text, columns, expected) => {
    const cut = cutMiddle(text, columns)
    expect(cut).toBe(expected)
    expect(stringWidth(cut)).toBeLessThanOrEqual(columns)
  })

  it('cut at the end never take half of a wide character', () => {
    expect(cutEnd('부산', 4)).toBe('부산')
    expect(cutEnd('부산여', 4)).toBe('부…')
    expect(cutEnd('👩‍👩‍👧 abc', 4)).toBe('👩‍👩‍👧 …')
  })

  it.each(['tour', '부산여행안내서비스', 'payment-gateway-service'])(
    'fill their columns exactly: %s',
    text => {
      expect(stringWidth(padEnd(text, 11))).toBe(11)
    },
  )

  it('are one line that a terminal only shows', () => {
    expect(oneLine('a\tb\u001b[2Jc\nd\re')).toBe('a  bc de')
  })

  it('are broken at spaces where there are some, and no character is lost', () => {
    expect(wrapText('the build failed here', 10)).toEqual(['the build', 'failed', 'here'])
    expect(wrapText('0123456789abc', 5)).toEqual(['01234', '56789', 'abc'])
    expect(wrapText('부산여행안내', 5)).toEqual(['부산', '여행', '안내'])
    expect(wrapText('', 5)).toEqual([''])
  })
})

describe('what counts as one column without being measured', () => {
  it('is one column as string-width has it', () => {
    const narrow = [...'·…←↑→↓─└┐╳▸✓✗⠋⣿~ '].filter(character => stringWidth(character) !== 1)
    expect(narrow).toEqual([])
  })
})
