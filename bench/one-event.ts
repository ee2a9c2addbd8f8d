// What one event costs the loop in a project that is as big as any: reduce, announce, plan, timers, outcome. Run: npx tsx bench/one-event.ts

import { announceChange, announceEvent } from '../src/core/announce.js'
import type { StampedEvent } from '../src/core/event.js'
import { outcome } from '../src/core/outcome.js'
import { plan } from '../src/core/plan.js'
import { reduce } from '../src/core/reduce.js'
import { deadlines, retries } from '../src/core/retry.js'
import type { State } from '../src/core/state.js'
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
} from '../src/testing/states.js'

const SERVICES = 200
const OBJECTS = 1500

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
      redeploys: 0,
      at: 0,
      startedAt: 0,
      outcome: 'created' as const,
    }
    return [linked.key, { linked, apply, rollout: undefined, restart: { kind: 'none' as const } }] as const
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

const key = 'apps/Deployment/shop/s7'
const events = Array.from({ length: 60 }, (_, at): StampedEvent => {
  const time = 10_000 + at
  if (at % 3 === 0) return { ...save(time, `s${at}`), at: time }
  return { type: 'observed', observations: rollout(key, { ready: at % 3 === 1 }), at: time }
})
let state = big()
const times = events
  .map(event => {
    const start = performance.now()
    state = step(state, event)
    return performance.now() - start
  })
  .sort((a, b) => a - b)
const figure = (at: number) => `${(times[at] ?? 0).toFixed(1)} ms`
console.log(
  `one event of ${SERVICES} services and ${OBJECTS} objects: median ${figure(times.length / 2)}, most ${figure(times.length - 1)}`,
)
