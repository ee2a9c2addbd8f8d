import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ChangeBatch } from '../../ports/file-watcher.js'
import { createBatcher } from './batcher.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function start() {
  const batches: ChangeBatch[] = []
  let busy = false
  const batcher = createBatcher({ onBatch: batch => batches.push(batch), busy: async () => busy })
  return {
    batcher,
    hold: (is: boolean) => {
      busy = is
    },
    /** Each batch as its paths. */
    told: () => batches.splice(0).map(({ paths }) => paths.join(' ')),
  }
}

it('makes one batch of what rests together, whatever the root', async () => {
  const { batcher, told } = start()
  batcher.add('/a/1', '/a', false)
  await vi.advanceTimersByTimeAsync(30)
  batcher.add('/b/1', '/b', false)
  await vi.advanceTimersByTimeAsync(30)
  expect(told()).toEqual([])
  await vi.advanceTimersByTimeAsync(30)
  expect(told()).toEqual(['/a/1 /b/1'])
})

it('hands over a save while there is no rest below another root', async () => {
  const { batcher, told } = start()
  const noise = async (times: number) => {
    for (let at = 0; at < times; at += 1) {
      batcher.add('/a/node_modules/x', '/a', false)
      await vi.advanceTimersByTimeAsync(10)
    }
  }
  await noise(20)
  batcher.add('/b/main.ts', '/b', false)
  await noise(20)
  expect(told()).toEqual(['/b/main.ts'])
  await noise(180)
  expect(told()).toEqual(['/a/node_modules/x'])
})

it('hands over nothing while git is at work, and all of it after', async () => {
  const { batcher, hold, told } = start()
  hold(true)
  batcher.add('/a/1', '/a', false)
  await vi.advanceTimersByTimeAsync(1000)
  batcher.add('/b/1', '/b', false)
  await vi.advanceTimersByTimeAsync(1000)
  expect(told()).toEqual([])
  hold(false)
  await vi.advanceTimersByTimeAsync(100)
  expect(told()).toEqual(['/a/1 /b/1'])
})

it('says nothing once it is closed', async () => {
  const { batcher, told } = start()
  batcher.add('/a/1', '/a', false)
  batcher.close()
  await vi.advanceTimersByTimeAsync(1000)
  expect(told()).toEqual([])
})

it('does not wait for a clock that was set back', async () => {
  const { batcher, told } = start()
  batcher.add('/a/1', '/a', false)
  vi.setSystemTime(Date.now() - 3_600_000)
  await vi.advanceTimersByTimeAsync(30)
  batcher.add('/a/2', '/a', false)
  await vi.advanceTimersByTimeAsync(100)
  expect(told()).toEqual(['/a/1 /a/2'])
})
