import { expect, test } from 'vitest'
import { createSlices } from './slices.js'

test('work is done in its order, and others get their turn after each slice', async () => {
  let time = 0
  const slices = createSlices(() => time)
  const seen: string[] = []
  const work = (name: string) =>
    slices.run(() => {
      time += 2
      seen.push(name)
    })
  let turns = 0
  const count = (): void => {
    seen.push('turn')
    turns += 1
    if (turns < 3) setImmediate(count)
  }
  const all = Promise.all([work('a'), work('b'), work('c'), work('d')])
  setImmediate(count)
  await all
  expect(seen).toEqual(['a', 'b', 'turn', 'c', 'd'])
})

test('what fails fails alone', async () => {
  const slices = createSlices()
  const broken = slices.run(() => {
    throw new Error('no')
  })
  const after = slices.run(() => undefined)
  await expect(broken).rejects.toThrow('no')
  expect(await after).toBeUndefined()
})
