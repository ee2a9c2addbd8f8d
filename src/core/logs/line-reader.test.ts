import { expect, test } from 'vitest'
import { createLineReader } from './line-reader.js'

test.each([1, 2, 3, 7, 1000])('chunks of %i bytes', size => {
  const bytes = Buffer.from('첫 줄\r\nb\rc\n\n🚀 last')
  const reader = createLineReader()
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += size) lines.push(...reader.read(bytes.subarray(at, at + size)))
  expect(lines).toEqual(['첫 줄', 'b\rc', ''])
  expect(reader.rest()).toBe('🚀 last')
})

test('a line that never ends is cut, and the next one is whole', () => {
  const reader = createLineReader(10)
  expect(reader.read(Buffer.from('0123456'))).toEqual([])
  const [long, next] = reader.read(Buffer.from('789abcdef\nnext\n'))
  expect(long).toMatch(/^0123456789 … \[devloop: /)
  expect(next).toBe('next')
})

test('nothing is left after a line end', () => {
  const reader = createLineReader()
  reader.read(Buffer.from('a\n'))
  expect(reader.rest()).toBeUndefined()
})
