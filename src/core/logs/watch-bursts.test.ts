import { expect, test } from 'vitest'
import { createFakeClock } from '../../testing/fake-clock.js'
import { type LogRate, watchBursts } from './watch-bursts.js'

function rig() {
  const clock = createFakeClock()
  const told: LogRate[] = []
  let listener = (): void => {}
  const store = {
    end: 0,
    subscribe: (given: () => void) => {
      listener = given
      return () => {
        listener = () => {}
      }
    },
  }
  const stop = watchBursts(store, clock, rate => told.push(rate))
  /** Lines that come evenly, told of twenty times a second. */
  const lines = (perSecond: number, milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += 50) {
      clock.advance(50)
      store.end += perSecond / 20
      listener()
    }
  }
  return { clock, told, lines, stop }
}

test('what a busy service says is no burst, and no timer runs', () => {
  const { clock, told, lines } = rig()
  lines(1000, 5000)
  expect(told).toEqual([])
  expect(clock.pending()).toEqual([])
})

test('a burst is told once, and that it is over once, some time after', () => {
  const { clock, told, lines } = rig()
  lines(20_000, 10_000)
  expect(told).toEqual(['burst'])
  lines(20, 2000)
  expect(told).toEqual(['burst'])
  clock.advance(3000)
  expect(told).toEqual(['burst', 'calm'])
  expect(clock.pending()).toEqual([])
  lines(20_000, 1000)
  expect(told).toEqual(['burst', 'calm', 'burst'])
})

test('a few lines at once after a long silence are no burst', () => {
  const { clock, told, lines } = rig()
  clock.advance(60_000)
  lines(4000, 50)
  expect(told).toEqual([])
})

test('nothing is told after the end', () => {
  const { clock, told, lines, stop } = rig()
  lines(20_000, 1000)
  stop()
  clock.advance(10_000)
  expect(told).toEqual(['burst'])
  expect(clock.pending()).toEqual([])
})
