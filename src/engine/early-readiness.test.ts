import { expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.js'
import { connected, projectOf, rollout, session } from '../testing/states.js'
import { watchEarlyReadiness } from './early-readiness.js'
import { createGuard } from './guard.js'
import { createStore } from './store.js'

const key = 'apps/Deployment/shop/a'
const uid = `pod of uid ${key}`
const probes = [{ kind: 'tcp' as const, port: 80, timeout: 1000 }]
const starting = { nodeName: 'node', probes }
const settled = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
}

function start() {
  const clock = createFakeClock()
  const initial = session(projectOf(['a'])).start().state
  const store = createStore({ initial, now: () => clock.now(), tell: () => {} })
  const asked: AbortSignal[] = []
  const names: string[] = []
  let passes = false
  const watch = watchEarlyReadiness(store, {
    clock,
    guard: createGuard(store),
    probe: {
      passes: async ({ pod }, signal) => {
        asked.push(signal)
        names.push(pod)
        return passes
      },
    },
  })
  store.subscribe(() => watch.refresh())
  const see = (over = {}, generation = 2) =>
    store.dispatch({
      type: 'observed',
      observations: rollout(key, { ready: false, generation, over: { ...starting, ...over } }),
    })
  store.dispatch(connected(store.getState()))
  const serve = () =>
    store.dispatch({
      type: 'gateway-changed',
      gateway: { kind: 'serving', port: 80, addresses: [], urls: {} },
    })
  return { clock, store, asked, names, watch, see, serve, pass: () => (passes = true) }
}

test('a pod that replaces another is asked until it passes, and counts as open from then on', async () => {
  const { clock, store, asked, see, serve, pass } = start()
  serve()
  see()
  clock.advance(500)
  await settled()
  expect(asked).toHaveLength(1)
  expect(store.getState().observed.pods[uid]?.answers).toBeUndefined()
  pass()
  clock.advance(80)
  await settled()
  expect(store.getState().observed.pods[uid]?.answers).toBe(true)
  clock.advance(10_000)
  await settled()
  expect(asked).toHaveLength(2)
  see({ phase: 'Running' })
  expect(store.getState().observed.pods[uid]?.answers).toBe(true)
  see({ ready: true })
  expect(store.getState().observed.pods[uid]).not.toHaveProperty('answers')
})

test('the next pod of a workload is asked when the last one was about to pass', async () => {
  const { clock, asked, see, serve, pass } = start()
  serve()
  see({ uid: 'one' })
  clock.advance(2000)
  await settled()
  pass()
  clock.advance(1000)
  await settled()
  const before = asked.length
  see({ uid: 'one', deleting: true })
  see({ uid: 'two' })
  clock.advance(2600)
  await settled()
  expect(asked).toHaveLength(before)
  clock.advance(100)
  await settled()
  expect(asked).toHaveLength(before + 1)
})

test('what answered and then ended does not count', async () => {
  const { clock, store, see, serve, pass } = start()
  serve()
  pass()
  see()
  clock.advance(500)
  await settled()
  expect(store.getState().observed.pods[uid]?.answers).toBe(true)
  see({ deleting: true })
  expect(store.getState().observed.pods[uid]).not.toHaveProperty('answers')
})

test.each([
  ['a pod of a first revision', {}, 1, true],
  ['where nothing on this machine leads to pods', {}, 2, false],
])('nobody asks: %s', async (_, over, generation, isServing) => {
  const { clock, asked, see, serve } = start()
  if (isServing) serve()
  see(over, generation)
  clock.advance(5000)
  await settled()
  expect(asked).toEqual([])
})

test('a pod that goes is asked no more, nor any when the session ends', async () => {
  const { clock, asked, see, serve, watch } = start()
  serve()
  see()
  clock.advance(500)
  await settled()
  see({ deleting: true })
  expect(asked[0]?.aborted).toBe(true)
  see()
  clock.advance(500)
  await settled()
  watch.stop()
  expect(asked[1]?.aborted).toBe(true)
  clock.advance(5000)
  await settled()
  expect(asked).toHaveLength(2)
})

test('pods that do not pass give way to others that wait', async () => {
  const { clock, store, names, serve, watch } = start()
  serve()
  const services = ['a', 'b', 'c', 'd', 'e']
  for (const name of services)
    store.dispatch({
      type: 'observed',
      observations: rollout(`apps/Deployment/shop/${name}`, {
        ready: false,
        generation: 2,
        over: { ...starting, name },
      }),
    })
  const pass = async (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += 100) {
      clock.advance(100)
      await settled()
    }
    return new Set(names.splice(0))
  }
  expect(await pass(9_000)).toEqual(new Set(['a', 'b', 'c']))
  expect(await pass(5_000)).toEqual(new Set(services))
  expect(await pass(5_000)).toContain('d')
  watch.stop()
  expect(clock.pending()).toEqual([])
})
