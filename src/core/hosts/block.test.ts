import { describe, expect, test } from 'vitest'
import { blockId, blockLines, type Edited, hostLine, isInBlock, withBlock, withoutBlock } from './block.js'
import { hostLines } from './host-lines.js'

const ID = 'tours@kind-dev'
const BEGIN = `# BEGIN devloop ${ID}`
const END = `# END devloop ${ID}`
const LINES = ['127.0.0.1 tour.xyz', '127.0.0.1 api.tour.xyz']
const OTHER = '# BEGIN devloop other@kind-dev\n10.0.0.1 o.xyz\n# END devloop other@kind-dev\n'

const textOf = (edited: Edited): string => {
  if (edited.kind === 'damaged') throw new Error(`line ${edited.line}: ${edited.message}`)
  return edited.text
}

describe('a block is put in and taken away', () => {
  test.each([
    ['an empty file', '', `${BEGIN}\n${LINES.join('\n')}\n${END}\n`],
    ['the end of a file', 'a\n', `a\n${BEGIN}\n${LINES.join('\n')}\n${END}\n`],
    ['a file with CRLF', 'a\r\n', `a\r\n${[BEGIN, ...LINES, END].join('\r\n')}\r\n`],
    [
      'a file without a final newline',
      'a\nb',
      `a\nb\n${BEGIN} (the file ended without a newline)\n${LINES.join('\n')}\n${END}\n`,
    ],
    ['a file with the block of another project', OTHER, `${OTHER}${[BEGIN, ...LINES, END].join('\n')}\n`],
  ])('%s', (_, before, after) => {
    expect(textOf(withBlock(before, ID, LINES))).toBe(after)
    expect(textOf(withoutBlock(after, ID))).toBe(before)
  })
})

test.each([
  ['in its place', `a\n${BEGIN}\n10.0.0.1 old\n${END}\nz\n`, `a\n${BEGIN}\n${LINES.join('\n')}\n${END}\nz\n`],
  ['with CRLF', `a\r\n${BEGIN}\r\n${END}\r\n`, `a\r\n${[BEGIN, ...LINES, END].join('\r\n')}\r\n`],
  [
    'twice: one is left',
    `${BEGIN}\n10.0.0.1 a\n${END}\nmine\n${BEGIN}\n10.0.0.1 b\n${END}\n`,
    `${BEGIN}\n${LINES.join('\n')}\n${END}\nmine\n`,
  ],
  [
    'that is right already',
    `${[BEGIN, ...LINES, END].join('\n')}\nz`,
    `${[BEGIN, ...LINES, END].join('\n')}\nz`,
  ],
])('an older block is replaced %s', (_, before, after) => {
  expect(textOf(withBlock(before, ID, LINES))).toBe(after)
})

test('no lines: no block', () => {
  expect(textOf(withBlock(`a\n${BEGIN}\n10.0.0.1 a\n${END}\nz\n`, ID, []))).toBe('a\nz\n')
  expect(textOf(withBlock('a', ID, []))).toBe('a')
})

test('a newline that somebody came to rely on stays: lines behind the block keep their own line', () => {
  const after = `${textOf(withBlock('a', ID, LINES))}10.0.0.1 mine\n`
  expect(textOf(withoutBlock(after, ID))).toBe('a\n10.0.0.1 mine\n')
})

test.each([
  ['BEGIN without END', `a\n${BEGIN}\n127.0.0.1 a\nmine\n`, 2],
  ['END without BEGIN', `a\nb\n${END}\n`, 3],
  ['BEGIN twice', `${BEGIN}\n127.0.0.1 a\n${BEGIN}\n${END}\n`, 1],
  ['the block of another project within it', `${BEGIN}\n${OTHER}${END}\n`, 1],
])('%s: nothing is guessed, the line is named', (_, text, line) => {
  expect(withBlock(text, ID, LINES)).toMatchObject({ kind: 'damaged', line })
  expect(withoutBlock(text, ID)).toMatchObject({ kind: 'damaged', line })
  expect(blockLines(text, ID)).toEqual([])
})

test('which lines are of the block', () => {
  const text = `a\n${BEGIN}\n${LINES[0]}\n${END}\nz`
  expect(blockLines(text, ID)).toEqual([LINES[0]])
  expect([1, 2, 3, 4, 5].filter(line => isInBlock(text, ID, line))).toEqual([2, 3, 4])
  expect(blockLines(text, 'tours@kind')).toEqual([])
})

test('an id is one word, whatever a context is called', () => {
  expect(blockId('tours', 'arn:aws:eks\n# END devloop')).toBe('tours@arn%3Aaws%3Aeks%0A%23%20END%20devloop')
  expect(blockId('tours', 'kind-dev')).toBe(ID)
})

test.each([
  ['127.0.0.1', 'tour.xyz\n10.0.0.1 bank.com'],
  ['127.0.0.1', 'tour.xyz bank.com'],
  ['127.0.0.1', 'tour.xyz#'],
  ['127.0.0.1', '*.tour.xyz'],
  ['127.0.0.1\n10.0.0.1', 'tour.xyz'],
  ['127.0.0.256', 'tour.xyz'],
])('%j %j is no line', (address, name) => {
  expect(() => hostLine(address, name)).toThrow('not for a hosts file')
})

/** A small generator of numbers (mulberry32), so that a failure can be run again by its seed. */
function random(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const PARTS = [
  '\n',
  '\r\n',
  '\r',
  ' ',
  '\t',
  '#',
  '127.0.0.1 a',
  '::1 b c',
  '\u00ff',
  '# BEGIN devloop',
  OTHER,
]

test('put in, changed and taken away, a block leaves the bytes as they were: 1000 random files', () => {
  for (let seed = 0; seed < 1000; seed++) {
    const next = random(seed)
    const text = Array.from({ length: next(12) }, () => PARTS[next(PARTS.length)]).join('')
    const lines = LINES.slice(0, 1 + next(2))
    const once = textOf(withBlock(text, ID, lines))
    const twice = textOf(withBlock(once, ID, LINES))
    expect(textOf(withBlock(twice, ID, LINES)), `seed ${seed}`).toBe(twice)
    expect(blockLines(twice, ID), `seed ${seed}`).toEqual(LINES)
    expect(textOf(withoutBlock(twice, ID)), `seed ${seed}`).toBe(text)
    const mapped = hostLines(twice).flatMap(({ names }) => names)
    expect(mapped, `seed ${seed}`).toEqual([
      ...hostLines(text).flatMap(({ names }) => names),
      'tour.xyz',
      'api.tour.xyz',
    ])
  }
})
