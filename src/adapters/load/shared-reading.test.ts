import { expect, it } from 'vitest'
import { createSharedReading } from './shared-reading.js'

function rig() {
  let time = 0
  const answers: ((value: string) => void)[] = []
  const failures: ((error: Error) => void)[] = []
  const reading = createSharedReading<string>(
    () =>
      new Promise((resolve, reject) => {
        answers.push(resolve)
        failures.push(reject)
      }),
    () => time,
  )
  return {
    reading,
    reads: () => answers.length,
    answer: (index: number, value: string) => answers[index]?.(value),
    fail: (index: number) => failures[index]?.(new Error('no answer')),
    at: (milliseconds: number) => {
      time = milliseconds
    },
  }
}

it('shares a reading under way and keeps it as long as it may be old', async () => {
  const { reading, reads, answer, at } = rig()
  const both = [reading.read(0), reading.read(1000)]
  expect(reads()).toBe(1)
  answer(0, 'a')
  expect(await Promise.all(both)).toEqual(['a', 'a'])
  at(999)
  expect(await reading.read(1000)).toBe('a')
  expect(reads()).toBe(1)
  at(1000)
  const next = reading.read(1000)
  expect(reads()).toBe(2)
  expect(reading.latest).toBe('a')
  answer(1, 'b')
  expect(await next).toBe('b')
})

it('gives nothing that was read before the end of a change', async () => {
  const { reading, reads, answer, at } = rig()
  const early = reading.read(0)
  const end = reading.change()
  at(10)
  end()
  const late = reading.read(1000)
  expect(reads()).toBe(2)
  answer(1, 'new')
  expect(await late).toBe('new')
  answer(0, 'old')
  expect(await early).toBe('old')
  expect(reading.latest).toBe('new')
})

it('takes the value that a change brings', async () => {
  const { reading, reads, at } = rig()
  const end = reading.change()
  at(10)
  end('after')
  expect(await reading.read(1000)).toBe('after')
  expect(reads()).toBe(0)
})

it('does not trust a value that was read while another change ended', async () => {
  const { reading, reads, answer, at } = rig()
  const [first, second] = [reading.change(), reading.change()]
  at(10)
  first('with the first')
  at(20)
  second('with the second, perhaps without the first')
  const read = reading.read(1000)
  expect(reads()).toBe(1)
  answer(0, 'with both')
  expect(await read).toBe('with both')
})

it('reads anew after a failure', async () => {
  const { reading, reads, answer, fail } = rig()
  const failed = reading.read(1000)
  fail(0)
  await expect(failed).rejects.toThrow('no answer')
  const next = reading.read(1000)
  expect(reads()).toBe(2)
  answer(1, 'a')
  expect(await next).toBe('a')
})
