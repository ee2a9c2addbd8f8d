import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { chooseOn } from './choose.js'

async function choose(typed: string) {
  const input = new PassThrough()
  const output = new PassThrough()
  const answer = chooseOn(input, output)('Which?', ['a', 'b'])
  input.end(typed)
  return { answer: await answer, shown: String(output.read()) }
}

describe('a question with several answers', () => {
  it.each([
    ['\n', 0],
    ['2\n', 1],
    [' 1 \n', 0],
    ['0\n', undefined],
    ['x\n3\n2\n', 1],
    ['', 'left'],
    ['x\n', 'left'],
  ] as const)('%j is %s', async (typed, expected) => {
    expect((await choose(typed)).answer).toBe(expected)
  })

  it('shows what there is to choose from', async () => {
    expect((await choose('1\n')).shown).toContain('Which?\n  1  a\n  2  b\n')
  })
})
