import { describe, expect, it } from 'vitest'
import { container, waiting } from '../testing/rollout-fixtures.js'
import {
  applied,
  applyFailed,
  boom,
  buildFailed,
  buildMode,
  built,
  connected,
  engineGone,
  type Given,
  linkedObject,
  loaded,
  projectOf,
  rendered,
  rolledOut,
  rollout,
  save,
  scanned,
  serviceSpec,
  session,
  upMode,
} from '../testing/states.js'
import { announceChange } from './announce.js'
import { outcome } from './outcome.js'
import type { Problem } from './problem.js'
import { deadlines, retries } from './retry.js'
import { selectServices } from './select-services.js'
import { serviceStatus } from './service-status.js'
import type { State } from './state.js'

const once = { ...upMode, once: true }
const a = linkedObject('Deployment', 'a', { services: ['a'] })
const unreachable: Problem = { kind: 'cluster-unreachable', context: 'kind-dev', message: 'refused' }

/** A service `a` whose image is on the nodes and whose Deployment is about to be applied. */
function ready(project = projectOf(['a'])): Given {
  let it = session(project, once).start()
  it = it.do(connected(it.state), rendered(it.state, a), scanned(it.state, 'a', 'a0')).start()
  it = it.do(rendered(it.state, a), built(it.state, 'a', 'x')).start()
  return it.do(loaded(it.state, 'shop/a:dev-x'))
}

function appliedOnce(project = projectOf(['a']), how: 'created' | 'unchanged' = 'created'): Given {
  const it = ready(project).start()
  return it.do(applied(it.state, a.key, how))
}

const phase = (it: Given, name = 'a') => serviceStatus(it.state, name).phase

describe('the status of a service', () => {
  it('goes from reading to live', () => {
    let it = session(projectOf(['a']), once)
    expect(phase(it)).toBe('reading')
    it = it.start()
    it = it.do(scanned(it.state, 'a', 'a0')).start()
    expect(phase(it)).toBe('building')
    it = it.do(built(it.state, 'a', 'x'))
    expect(serviceStatus(it.state, 'a')).toEqual({ phase: 'waiting', hold: { kind: 'manifests' } })
    expect(phase(ready())).toBe('deploying')
    it = appliedOnce()
    expect(phase(it)).toBe('rolling')
    it = it.do(rolledOut(a.key))
    expect(phase(it)).toBe('live')
    expect(it.state.services.a?.ledger).toMatchObject({ save: 0, liveSave: 0 })
  })

  it('says what is waited for', () => {
    const project = projectOf([serviceSpec('a', { requires: [{ service: 'b', arg: 'B' }] }), 'b', 'c'], {
      build: { concurrency: 1 },
    })
    let it = session(project, buildMode).start()
    for (const name of ['a', 'b', 'c']) it = it.do(scanned(it.state, name, name))
    it = it.start()
    expect(serviceStatus(it.state, 'a')).toEqual({
      phase: 'waiting',
      hold: { kind: 'requires', service: 'b' },
    })
    expect(serviceStatus(it.state, 'c')).toEqual({ phase: 'waiting', hold: { kind: 'build-slot' } })
    // A base that cannot be built is why its dependents are not.
    it = it.do(buildFailed(it.state, 'b', boom))
    expect(serviceStatus(it.state, 'a')).toEqual({ phase: 'failed', problem: boom, final: true })
  })

  it('of a service that depends on its own workload ends somewhere', () => {
    const it = ready(projectOf([serviceSpec('a', { dependsOn: ['deployment/a'] })]))
    expect(phase(it)).toBe('waiting')
  })

  it('shows the newest save, not the one that is live', () => {
    const live = appliedOnce().do(rolledOut(a.key))
    const saved = live.do(save(5000, 'a'))
    expect(phase(saved)).toBe('reading')
    const read = saved.start()
    expect(phase(read.do(scanned(read.state, 'a', 'a1')).start())).toBe('building')
    expect(phase(read.do(scanned(read.state, 'a', 'a0')))).toBe('live')
  })
})

describe('the outcome', () => {
  it.each<readonly [string, () => State, string]>([
    ['nothing has happened', () => session(projectOf(['a']), once).state, 'running'],
    ['an apply is under way', () => ready().start().state, 'running'],
    ['pods are not ready', () => appliedOnce().state, 'running'],
    ['all is live', () => appliedOnce().do(rolledOut(a.key)).state, 'succeeded'],
    ['nothing is to be deployed', () => session(projectOf([]), buildMode).state, 'succeeded'],
  ])('when %s is %s', (_, state, expected) => {
    expect(outcome(state()).kind).toBe(expected)
  })

  it('waits for a rollout that fails until its time is over', () => {
    const it = appliedOnce(projectOf(['a'], { waitTimeout: 10 })).do(rolledOut(a.key, { ready: false }))
    expect(outcome(it.state).kind).toBe('running')
    const version = deadlines(it.state)[0]?.version ?? ''
    const late = it.do({ type: 'rollout-deadline-passed', key: a.key, version })
    expect(outcome(late.state)).toMatchObject({ kind: 'failed', problems: [{ kind: 'rollout-failed' }] })
    // It may still become ready, and is live then.
    expect(outcome(late.do(rolledOut(a.key)).state).kind).toBe('succeeded')
  })

  it('waits for the engine and the cluster a while', () => {
    let it = session(projectOf(['a']), buildMode).start()
    it = it.do(scanned(it.state, 'a', 'a0')).start()
    it = it.do(buildFailed(it.state, 'a', engineGone))
    expect(outcome(it.state).kind).toBe('running')
    for (const run of [91, 92, 93])
      it = it.do(
        { type: 'retry-due', what: 'engine' },
        { type: 'engine-probe-started', run },
        { type: 'engine-probe-failed', run, problem: engineGone },
      )
    expect(outcome(it.state)).toEqual({ kind: 'failed', problems: [engineGone] })

    let lost = session(projectOf([]), once)
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(outcome(lost.state).kind).toBe('running')
      lost = lost.do({ type: 'retry-due', what: 'connect' }).start()
      const run = lost.state.cluster.kind === 'connecting' ? lost.state.cluster.run : -1
      lost = lost.do({ type: 'connect-failed', run, problem: unreachable })
    }
    expect(outcome(lost.state)).toEqual({ kind: 'failed', problems: [unreachable] })
  })
})

describe('retries and deadlines', () => {
  it('are none while all is well, and none once the session ends', () => {
    expect(retries(appliedOnce().do(rolledOut(a.key)).state)).toEqual([])
    expect(deadlines(appliedOnce().do(rolledOut(a.key)).state)).toEqual([])
    const it = ready().start()
    const failed = it.do(applyFailed(it.state, a.key, unreachable))
    expect(retries(failed.state)).toMatchObject([{ what: 'apply', delay: 250 }])
    expect(retries(failed.do({ type: 'stop-requested' }).state)).toEqual([])
  })

  it('looks again at a pod that waits for a claim, for the scheduler says nothing more', () => {
    const it = appliedOnce()
    const waits = {
      unschedulable: 'persistentvolumeclaim "data" not found',
      containers: [],
      createdAt: new Date(0).toISOString(),
    }
    const seen = it.do({ type: 'observed', observations: rollout(a.key, { ready: false, over: waits }) })
    expect(seen.state.objects[a.key]?.rollout?.status.kind).toBe('progressing')
    const [look] = retries(seen.state)
    expect(look).toMatchObject({ what: 'judge', delay: 10_000 })
    const later = seen.wait(10_000).do({ type: 'retry-due', what: 'judge' })
    expect(later.state.objects[a.key]?.rollout?.status).toMatchObject({
      kind: 'failing',
      problem: { reason: 'volume' },
    })
  })

  it('come at growing intervals up to five seconds', () => {
    let it = ready().start()
    const delays: (number | undefined)[] = []
    for (let attempt = 0; attempt < 7; attempt++) {
      it = it.do(applyFailed(it.state, a.key, unreachable))
      delays.push(retries(it.state)[0]?.delay)
      it = it.do({ type: 'retry-due', what: 'apply' }).start()
    }
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000])
  })

  it('keep the time of a Deployment only where the cluster does not', () => {
    const seconds = (it: Given) =>
      deadlines(it.state).map(({ at, key }) => {
        const apply = it.state.objects[key]?.apply
        return apply?.kind === 'applied' ? (at - apply.at) / 1000 : undefined
      })
    expect(seconds(appliedOnce())).toEqual([])
    expect(seconds(appliedOnce(projectOf(['a'], { waitTimeout: 30 })))).toEqual([30])
    // Its controller keeps no time for a template that it brought up before.
    expect(seconds(appliedOnce(projectOf(['a']), 'unchanged'))).toEqual([600])
  })
})

describe('what is told of a change', () => {
  it('is the live save once, with its stages', () => {
    const before = appliedOnce()
    const after = before.do(rolledOut(a.key))
    expect(announceChange(before.state, after.state).filter(({ type }) => type === 'live')).toMatchObject([
      { service: 'a', save: 0 },
    ])
    const again = after.do(rolledOut(a.key))
    expect(announceChange(after.state, again.state)).toEqual([])
  })

  it('is a problem once, until it changes', () => {
    let it = session(projectOf(['a']), buildMode).start()
    it = it.do(scanned(it.state, 'a', 'a0')).start()
    const failed = it.do(buildFailed(it.state, 'a', boom))
    expect(announceChange(it.state, failed.state)).toEqual([
      { type: 'problem', service: 'a', final: true, problem: boom },
    ])
    expect(announceChange(failed.state, failed.do({ type: 'watch-changed' }).state)).toEqual([])
  })

  it('is a crash again when its last lines were read', () => {
    const terminated = {
      kind: 'terminated',
      exitCode: 1,
      reason: 'Error',
      message: '',
    } as const
    const over = {
      containers: [
        container({
          name: 'a',
          restarts: 2,
          state: waiting('CrashLoopBackOff'),
          lastTermination: terminated,
        }),
      ],
    }
    const observations = rollout(a.key, { ready: false, over })
    const crashed = appliedOnce().do({ type: 'observed', observations })
    expect(crashed.planned()).toEqual(['read a-1-xyz'])
    const reading = crashed.start()
    const [crash = ''] = Object.keys(reading.state.crashes)
    const read = reading.do({ type: 'last-lines-read', run: 1, crash, lines: ['no database'] })
    expect(announceChange(reading.state, read.state)).toMatchObject([
      { type: 'problem', service: 'a', problem: { kind: 'rollout-failed', lastLines: ['no database'] } },
    ])
  })

  it('is a crash once: with its last lines, and not again with each restart', () => {
    const ended = { kind: 'terminated', exitCode: 1, reason: 'Error', message: '' } as const
    const crash = (restarts: number) => ({
      type: 'observed' as const,
      observations: rollout(a.key, {
        ready: false,
        over: {
          containers: [
            container({
              name: 'a',
              restarts,
              state: waiting('CrashLoopBackOff'),
              lastTermination: ended,
            }),
          ],
        },
      }),
    })
    const read = (given: ReturnType<typeof session>) => {
      const [key, { run }] = Object.entries(given.state.crashes).at(-1) ?? ['', { run: 0 }]
      return given.do({ type: 'last-lines-read', run: run ?? 0, crash: key, lines: ['no database'] })
    }
    let it = appliedOnce()
    const told: string[] = []
    const step = (next: ReturnType<typeof session>) => {
      told.push(...announceChange(it.state, next.state).map(({ type }) => type))
      it = next
    }
    for (const restarts of [1, 2, 3]) {
      step(it.do(crash(restarts)).start())
      step(read(it))
    }
    expect(told.filter(type => type === 'problem')).toHaveLength(1)
  })

  it('is a lost cluster once, not for each service again', () => {
    const before = session(projectOf(['a', 'b'])).start()
    const run = before.state.cluster.kind === 'connecting' ? before.state.cluster.run : -1
    let ready = before
    for (const name of ['a', 'b']) ready = ready.do(scanned(ready.state, name, name)).start()
    for (const name of ['a', 'b']) ready = ready.do(built(ready.state, name, name))
    const after = ready.do({ type: 'connect-failed', run, problem: unreachable })
    expect(announceChange(ready.state, after.state).filter(({ type }) => type === 'problem')).toEqual([
      { type: 'problem', object: 'cluster', final: false, problem: unreachable },
    ])
  })
})

describe('selected services', () => {
  it.each<readonly [readonly string[] | undefined, readonly string[]]>([
    [undefined, ['a', 'b', 'c', 'd']],
    [['d'], ['d']],
    [['a'], ['a', 'b', 'c']],
    [['b'], ['b', 'c']],
  ])('of %j are %j', (only, expected) => {
    const project = projectOf([
      serviceSpec('a', { dependsOn: ['b', 'statefulset/db'] }),
      serviceSpec('b', { requires: [{ service: 'c', arg: 'C' }] }),
      'c',
      'd',
    ])
    expect(selectServices(project, only).map(({ name }) => name)).toEqual(expected)
  })
})
