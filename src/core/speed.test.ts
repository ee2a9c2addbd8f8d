import { describe, expect, it } from 'vitest'
import {
  applied,
  built,
  connected,
  type Given,
  linkedObject,
  loaded,
  projectOf,
  rendered,
  rollout,
  save,
  scanned,
  session,
} from '../testing/states.js'
import { announceChange, announceEvent } from './announce.js'
import type { StampedEvent } from './event.js'
import { outcome } from './outcome.js'
import { plan } from './plan.js'
import { reduce } from './reduce.js'
import { deadlines, retries } from './retry.js'
import type { State } from './state.js'

const SERVICES = 200
const OBJECTS = 1500
/** Milliseconds for one event on a slow machine; what it takes is a fraction of it. */
const LIMIT = 25

/** A project that is as big as any, all of it live. */
function big(): State {
  const names = Array.from({ length: SERVICES }, (_, at) => `s${at}`)
  const deployments = names.map(name => linkedObject('Deployment', name, { services: [name] }))
  const others = Array.from({ length: OBJECTS - SERVICES }, (_, at) => linkedObject('ConfigMap', `c${at}`))
  let it = session(projectOf(names, { build: { concurrency: SERVICES } }))
  const settle = (next: Given): Given => {
    let all = next.start()
    for (const { name, source, build } of Object.values(all.state.services)) {
      if (source.kind === 'scanning') all = all.do(scanned(all.state, name, name))
      if (build.kind === 'building') all = all.do(built(all.state, name, name))
    }
    for (const [image, load] of Object.entries(all.state.loads))
      if (load.kind === 'loading') all = all.do(loaded(all.state, image))
    for (const [key, { apply }] of Object.entries(all.state.objects))
      if (apply.kind === 'applying') all = all.do(applied(all.state, key))
    if (all.state.cluster.kind === 'connecting') all = all.do(connected(all.state))
    if (all.state.render.run !== undefined) all = all.do(rendered(all.state, ...deployments))
    return all
  }
  for (let before: State | undefined; before !== it.state; ) {
    before = it.state
    it = settle(it)
  }
  const observations = deployments.flatMap(({ key }) => rollout(key, { ready: true }))
  const { state } = it.do({ type: 'observed', observations })
  const there = others.map(linked => {
    const apply = {
      kind: 'applied' as const,
      version: linked.contentHash,
      uid: linked.key,
      generation: 0,
      save: 0,
      at: 0,
      startedAt: 0,
      outcome: 'created' as const,
    }
    return [linked.key, { linked, apply, rollout: undefined }] as const
  })
  return { ...state, objects: { ...Object.fromEntries(there), ...state.objects } }
}

/** All that one event sets off. */
function step(before: State, event: StampedEvent): State {
  const after = reduce(before, event)
  announceEvent(before, after, event)
  announceChange(before, after)
  plan(after)
  retries(after)
  deadlines(after)
  outcome(after)
  return after
}

describe('a project of 200 services and 1500 objects', () => {
  it('takes each event within a few milliseconds, at rest and at work', { timeout: 60_000 }, () => {
    let state = big()
    expect(outcome(state)).toEqual({ kind: 'succeeded' })
    expect(plan(state).start).toEqual([])
    const key = 'apps/Deployment/shop/s7'
    const events = Array.from({ length: 60 }, (_, at): StampedEvent => {
      const time = 10_000 + at
      if (at % 3 === 0) return { ...save(time, `s${at}`), at: time }
      return { type: 'observed', observations: rollout(key, { ready: at % 3 === 1 }), at: time }
    })
    const times = events.map(event => {
      const start = performance.now()
      state = step(state, event)
      return performance.now() - start
    })
    const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
    expect(median).toBeLessThan(LIMIT)
  })
})
