import { expect, test } from 'vitest'
import type { ProbeSpec } from '../../core/embedded/probe-spec.js'
import { err, ok } from '../../core/result.js'
import { createFakeClock } from '../../testing/fake-clock.js'
import { probeLoop } from './probe-loop.js'

const standard: ProbeSpec = {
  action: { kind: 'tcp', port: 80 },
  initialDelay: 0,
  period: 1000,
  timeout: 1000,
  successThreshold: 1,
  failureThreshold: 3,
}

/** Lets everything that waits for nothing but promises come to rest. */
const settle = () => new Promise(resolve => setImmediate(resolve))

/** A loop over a program that answers well from a time on; what happened, each with its milliseconds. */
async function watch(options: {
  readonly spec?: Partial<ProbeSpec>
  readonly eager?: boolean
  readonly wellFrom: number
  /** When a promise of success comes, where the loop is told to wait for one. */
  readonly promisedAt?: number
  readonly until: number
}) {
  const clock = createFakeClock(0)
  const over = new AbortController()
  const asked: number[] = []
  const events: string[] = []
  let promise = (): void => {}
  const promising =
    options.promisedAt === undefined
      ? undefined
      : new Promise<void>(resolve => {
          promise = resolve
        })
  const loop = probeLoop({
    spec: { ...standard, ...options.spec },
    clock,
    signal: over.signal,
    eager: options.eager ?? true,
    promising,
    ask: async () => {
      asked.push(clock.now())
      return clock.now() >= options.wellFrom ? ok(undefined) : err('refused')
    },
    onPassed: () => events.push(`passed ${clock.now()}`),
    onMissed: () => events.push(`missed ${clock.now()}`),
    onFailed: () => events.push(`failed ${clock.now()}`),
  })
  await settle()
  for (let time = 0; time < options.until; time++) {
    if (time === options.promisedAt) promise()
    await settle()
    clock.advance(1)
    await settle()
  }
  over.abort()
  await loop
  return { asked, events }
}

test('an eager loop looks between the periods until it passes once, then each period', async () => {
  const { asked, events } = await watch({ wellFrom: 100, until: 2300 })
  expect(events).toEqual(['missed 0', expect.stringMatching(/^passed 1[0-3]\d$/)])
  const passed = asked.findIndex(at => at >= 100)
  expect(passed).toBeGreaterThan(2)
  expect(asked.slice(passed + 1)).toEqual([1000, 2000])
})

test('one that waits for a promise looks when it comes, and before only when it is due', async () => {
  const { asked, events } = await watch({ wellFrom: 100, promisedAt: 150, until: 1100 })
  expect([asked, events]).toEqual([
    [0, 150, 1000],
    ['missed 0', 'passed 150'],
  ])
})

test.each([
  { name: 'a success before the initial delay counts', wellFrom: 100, events: [/^passed 1[0-3]\d$/] },
  { name: 'a failure before it does not', wellFrom: 2500, events: [/^missed 2000$/, /^passed 2[5-9]\d\d$/] },
])('$name', async ({ wellFrom, events }) => {
  const told = await watch({ spec: { initialDelay: 2000 }, wellFrom, until: 3100 })
  expect(told.events).toEqual(events.map(event => expect.stringMatching(event)))
})

test('the thresholds count', async () => {
  const twice = await watch({ spec: { successThreshold: 2 }, wellFrom: 500, until: 2100 })
  expect(twice.events).toEqual(['missed 0', 'passed 1000'])
  const never = await watch({ spec: { failureThreshold: 2 }, wellFrom: 9000, until: 1100 })
  expect(never.events).toEqual(['missed 0', 'missed 1000', 'failed 1000'])
})

test('one that is not eager looks each period alone', async () => {
  const { asked, events } = await watch({ eager: false, wellFrom: 100, until: 2100 })
  expect([asked, events]).toEqual([
    [0, 1000, 2000],
    ['missed 0', 'passed 1000'],
  ])
})
