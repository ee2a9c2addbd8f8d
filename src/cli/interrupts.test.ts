import { expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { createInterrupts } from './interrupts.js'

function rig() {
  const clock = createFakeClock()
  const codes: number[] = []
  return { clock, codes, ...createInterrupts(clock.after, code => codes.push(code)) }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends a process of which nobody wants to hear with %i', (signal, code) => {
  const { interrupt, codes } = rig()
  interrupt(signal)
  expect(codes).toEqual([code])
})

test('the first is told, the second ends the process at once', () => {
  const { interrupt, onInterrupt, codes } = rig()
  let told = 0
  onInterrupt(() => told++)
  interrupt('SIGINT')
  expect([told, codes]).toEqual([1, []])
  interrupt('SIGINT')
  expect([told, codes]).toEqual([1, [130]])
})

test('a terminal that goes while it stops changes nothing', () => {
  const { interrupt, onInterrupt, codes } = rig()
  onInterrupt(() => {})
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGHUP'] as const) interrupt(signal)
  expect(codes).toEqual([])
  interrupt('SIGINT')
  expect(codes).toEqual([130])
})

test('a stop that hangs ends after ten seconds', () => {
  const { clock, interrupt, onInterrupt, codes } = rig()
  onInterrupt(() => {})
  interrupt('SIGTERM')
  clock.advance(9_999)
  expect(codes).toEqual([])
  clock.advance(1)
  expect(codes).toEqual([143])
})

test('what begins because of the stop has its own time, and the second signal ends it', () => {
  const { clock, interrupt, onInterrupt, codes } = rig()
  const offs: (() => void)[] = []
  offs.push(onInterrupt(() => offs.push(onInterrupt(() => {}))))
  interrupt('SIGINT')
  clock.advance(35_000)
  expect(codes).toEqual([])
  for (const off of offs) off()
  clock.advance(10_000)
  expect(codes).toEqual([130])
  interrupt('SIGINT')
  expect(codes).toEqual([130, 130])
})
