import { expect, test } from 'vitest'
import { gather } from './gather.js'

/** Readings that wait until the test answers them. */
function rig() {
  const readings: { readonly keys: readonly string[]; answer(text: string): void; fail(): void }[] = []
  const ask = gather(
    keys =>
      new Promise<string>((resolve, reject) => {
        readings.push({ keys, answer: resolve, fail: () => reject(new Error('no node')) })
      }),
  )
  const begun = async (count: number) => {
    while (readings.length < count) await new Promise(setImmediate)
    return readings[count - 1] ?? expect.fail('no reading')
  }
  return { ask, readings, begun }
}

test('calls of one moment share a reading', async () => {
  const { ask, readings, begun } = rig()
  const answers = [ask(['a']), ask(['b']), ask(['a', 'c'])]
  const first = await begun(1)
  expect(first.keys).toEqual(['a', 'b', 'c'])
  first.answer('all')
  expect(await Promise.all(answers)).toEqual(['all', 'all', 'all'])
  expect(readings).toHaveLength(1)
})

test('a call during a reading gets the next one, whole', async () => {
  const { ask, begun } = rig()
  const before = ask(['a'])
  const first = await begun(1)
  const later = [ask(['b']), ask(['c'])]
  first.answer('old')
  expect(await before).toBe('old')
  const second = await begun(2)
  expect(second.keys).toEqual(['b', 'c'])
  second.answer('new')
  expect(await Promise.all(later)).toEqual(['new', 'new'])
})

test('a reading that fails fails those who asked for it, and no other', async () => {
  const { ask, begun } = rig()
  const before = ask(['a'])
  const failed = expect(before).rejects.toThrow('no node')
  ;(await begun(1)).fail()
  await failed
  const after = ask(['a'])
  ;(await begun(2)).answer('there')
  expect(await after).toBe('there')
})
