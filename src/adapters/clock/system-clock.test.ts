import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from './system-clock.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const DAY = 86_400_000

test.each([1, 30, 100])('%i days are waited for', days => {
  let rang = 0
  systemClock.after(days * DAY, () => {
    rang += 1
  })
  vi.advanceTimersByTime(days * DAY - 1)
  expect(rang).toBe(0)
  vi.advanceTimersByTime(1)
  expect(rang).toBe(1)
})

test('what is taken back does not ring, however long it was to wait', () => {
  let rang = 0
  const cancel = systemClock.after(100 * DAY, () => {
    rang += 1
  })
  vi.advanceTimersByTime(50 * DAY)
  cancel()
  vi.advanceTimersByTime(100 * DAY)
  expect(rang).toBe(0)
})
