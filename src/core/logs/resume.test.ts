import { describe, expect, test } from 'vitest'
import { createLogResume, type LogResume } from './resume.js'

const at = (second: number, nanos: number, text: string) =>
  `2026-01-01T10:00:${String(second).padStart(2, '0')}.${String(nanos).padStart(9, '0')}Z ${text}`

/** Shown texts; gaps as `gap`, the node's own words in brackets. */
function read(resume: LogResume, ...lines: readonly string[]): readonly string[] {
  resume.connect()
  return lines.flatMap(line => {
    const got = resume.line(line)
    if (got.type === 'line') return got.gap === undefined ? [got.text] : ['gap', got.text]
    return got.type === 'foreign' ? [`[${got.text}]`] : []
  })
}

describe('a connection after a cut', () => {
  const a = at(10, 1, 'a')
  const b = at(10, 2, 'b')
  const c = at(11, 3, 'c')
  test.each<[string, readonly string[][], readonly string[]]>([
    [
      'shows nothing twice',
      [
        [a, b],
        [a, b, c],
      ],
      ['a', 'b', 'c'],
    ],
    [
      'shows equal lines as often as they came',
      [
        [a, a],
        [a, a, a],
      ],
      ['a', 'a', 'a'],
    ],
    [
      'shows a line that was late',
      [
        [a, c],
        [a, b, c],
      ],
      ['a', 'c', 'b'],
    ],
    ['marks a rotation', [[a], [c]], ['a', 'gap', 'c']],
    ['marks it once', [[a], [c, at(11, 4, 'd')]], ['a', 'gap', 'c', 'd']],
    ['drops the end of a line that was shown', [[a], ['rest of a line', a, b]], ['a', 'b']],
    ['marks no rotation where such an end comes first', [[a], ['rest of a line', c]], ['a', 'c']],
    [
      'tells the node’s words from a line',
      [[a, 'failed to create fsnotify watcher: too many open files']],
      ['a', '[failed to create fsnotify watcher: too many open files]'],
    ],
    [
      'tells an unreadable log from the end of a line',
      [[a], ['unable to retrieve container logs for containerd://x']],
      ['a', '[unable to retrieve container logs for containerd://x]'],
    ],
    ['keeps empty lines', [[at(10, 1, ''), '2026-01-01T10:00:10.000000002Z']], ['', '']],
    [
      'reads other zones',
      [['2026-01-01T19:00:10.000000001+09:00 a'], ['2026-01-01T19:00:10.000000001+09:00 a', b]],
      ['a', 'b'],
    ],
    ['joins three', [[a], [a, b], [a, b, c]], ['a', 'b', 'c']],
  ])('%s', (_name, connections, shown) => {
    const resume = createLogResume()
    expect(connections.flatMap(lines => read(resume, ...lines))).toEqual(shown)
  })
})

test('a line that does not follow what was shown is apart while it is not certain whose it is, and changes nothing', () => {
  const resume = createLogResume()
  const a = at(10, 1, 'a')
  const other = at(11, 1, 'of another run')
  resume.connect({ certain: false })
  expect(resume.line(a)).toEqual({ type: 'apart' })
  resume.connect()
  expect(resume.line(a)).toMatchObject({ type: 'line', text: 'a' })
  resume.connect({ certain: false })
  expect(resume.line(other)).toEqual({ type: 'apart' })
  resume.connect({ certain: false })
  expect(resume.line(a)).toEqual({ type: 'seen' })
  expect(resume.line(at(10, 2, 'b'))).toMatchObject({ type: 'line', text: 'b' })
  resume.connect({ certain: false })
  expect(resume.last(other)).toMatchObject({ type: 'line', text: 'of another run' })
})

test('asks from a second before the newest line', () => {
  const resume = createLogResume()
  expect(resume.connect()).toBeUndefined()
  resume.line(at(10, 999, 'a'))
  resume.line(at(9, 1, 'late'))
  expect(resume.connect()).toBe('2026-01-01T10:00:09Z')
})

test('goes on after a line that was shown elsewhere', () => {
  const resume = createLogResume({ since: '2026-01-01T10:00:10.000000002Z' })
  expect(read(resume, at(10, 1, 'a'), at(10, 2, 'b'), at(10, 3, 'c'))).toEqual(['c'])
})

test('remembers no more lines than it may, and still repeats none', () => {
  const resume = createLogResume({ capacity: 10 })
  const lines = Array.from({ length: 100 }, (_, n) => at(10, n, `line ${n}`))
  expect(read(resume, ...lines)).toHaveLength(100)
  expect(read(resume, ...lines, at(10, 100, 'new'))).toEqual(['new'])
})

test('every cut of a log gives the same lines', () => {
  const lines = Array.from({ length: 300 }, (_, n) =>
    at(10 + Math.floor(n / 60), (n * 7919) % 1000, `x${n % 3}`),
  )
  const resume = createLogResume()
  const shown: string[] = []
  for (let to = 17; shown.length < lines.length; to += 41) {
    const since = resume.connect() ?? ''
    for (const line of lines.slice(0, to)) {
      if (`${line.slice(0, 19)}Z` < since) continue
      const got = resume.line(line)
      if (got.type === 'line') shown.push(`${got.time} ${got.text}`)
    }
  }
  expect(shown).toEqual(lines)
})
