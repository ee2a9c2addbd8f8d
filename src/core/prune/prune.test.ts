import { describe, expect, it } from 'vitest'
import {
  applied,
  applyFailed,
  connected,
  type Given,
  linkedObject,
  projectOf,
  rendered,
  session,
  upMode,
} from '../../testing/states.js'
import { announceChange } from '../announce.js'
import { outcome } from '../outcome.js'
import { plan } from '../plan.js'
import type { Problem } from '../problem.js'
import type { Project } from '../project.js'
import { retries } from '../retry.js'
import type { Mode, State } from '../state.js'
import { isPrunePending } from './due-prune.js'
import { type DroppedObject, PRUNE_QUIET } from './prune-state.js'

const a = linkedObject('ConfigMap', 'a')
const once: Mode = { ...upMode, once: true }
const old = (name: string, over: Partial<DroppedObject> = {}): DroppedObject => ({
  key: `/ConfigMap/shop/${name}`,
  ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name },
  origin: 'created',
  isGuarded: false,
  ...over,
})

/** The effects that concern dropped objects. */
const planned = (it: Given): readonly string[] =>
  plan(it.state).start.flatMap(effect =>
    effect.type === 'prune'
      ? [`prune ${effect.keys.join(' ')}${effect.volumes ? ' volumes' : ''}`]
      : effect.type === 'find-dropped'
        ? ['look']
        : [],
  )

/** A session whose manifests are read for the first time, and that has applied what they hold. */
function live(over: Partial<Project> = {}, mode: Mode = upMode): Given {
  let it = session(projectOf([], over), mode).start()
  it = it.do(connected(it.state), rendered(it.state, a)).start()
  it = it.do(rendered(it.state, a)).start()
  return it.do(applied(it.state, a.key))
}

/** One look at the journal after a reading, at a time of its own. */
function look(it: Given, objects: readonly DroppedObject[], { isBusy = false, wait = 0 } = {}): Given {
  let next = it.do({ type: 'retry-due', what: 'prune' })
  const reading = plan(next.state).start.find(({ type }) => type === 'render')
  if (reading === undefined) throw new Error('nothing is read')
  next = next.do({ type: 'render-started', run: reading.run })
  next = next.do(rendered(next.state, a))
  const effect = plan(next.state).start.find(({ type }) => type === 'find-dropped')
  if (effect === undefined) throw new Error('no look')
  const { run } = effect
  return next
    .wait(wait)
    .do({ type: 'dropped-look-started', run }, { type: 'dropped-found', run, objects, isBusy })
}

const settled = (it: Given, objects: readonly DroppedObject[]): Given =>
  look(look(it, objects), objects, { wait: PRUNE_QUIET })

const names = (state: State): readonly string[] => state.prune.dropped.map(({ ref }) => ref.name)

describe('what was dropped', () => {
  it('counts when a second reading after a quiet time has not found it either', () => {
    let it = look(live(), [old('b')])
    expect(names(it.state)).toEqual([])
    expect(retries(it.state)).toMatchObject([{ what: 'prune', delay: PRUNE_QUIET }])
    it = look(it, [old('b'), old('c')], { wait: PRUNE_QUIET })
    expect(names(it.state)).toEqual(['b'])
    it = look(it, [old('b')], { wait: PRUNE_QUIET })
    expect(names(it.state)).toEqual(['b'])
    expect(retries(it.state)).toEqual([])
  })

  it('does not count when the file is back', () => {
    let it = look(live({ prune: 'auto' }), [old('b')])
    it = look(it, [], { wait: PRUNE_QUIET })
    expect(names(it.state)).toEqual([])
    it = look(it, [old('b')])
    expect(names(it.state)).toEqual([])
    expect(planned(it)).toEqual([])
  })

  it('does not count while git changes the files', () => {
    let it = look(live({ prune: 'auto' }), [old('b')], { isBusy: true })
    it = look(it, [old('b')], { isBusy: true, wait: 2 * PRUNE_QUIET })
    expect(names(it.state)).toEqual([])
    it = look(it, [old('b')], { wait: PRUNE_QUIET })
    expect(names(it.state)).toEqual(['b'])
  })

  it('is not looked for by a reading that failed', () => {
    let it = live({ prune: 'auto' }).do({ type: 'retry-due', what: 'prune' }).start()
    const problem: Problem = { kind: 'render-failed', diagnostics: [] }
    it = it.do({ type: 'render-failed', run: it.state.render.run ?? -1, problem })
    expect(planned(it)).toEqual([])
    expect(settledThenBroken(live({ prune: 'auto' }), problem)).toEqual([])
  })
})

/** What goes when the manifests break just after something was found to be dropped. */
function settledThenBroken(it: Given, problem: Problem): readonly string[] {
  let next = settled(it, [old('b')])
  expect(planned(next)).toEqual(['prune /ConfigMap/shop/b'])
  next = next.do({ type: 'retry-due', what: 'prune' }).start()
  return planned(next.do({ type: 'render-failed', run: next.state.render.run ?? -1, problem }))
}

describe('what becomes of it', () => {
  const guarded = old('data', { isGuarded: true })
  it.each<[what: string, over: Partial<Project>, mode: Partial<Mode>, goes: readonly string[]]>([
    ['ask', { prune: 'ask' }, {}, []],
    ['auto', { prune: 'auto' }, {}, ['prune /ConfigMap/shop/b']],
    ['off', { prune: 'off' }, {}, []],
    ['deploy --prune', { prune: 'off' }, { prune: 'asked' }, ['prune /ConfigMap/shop/b']],
    [
      'deploy --prune-all',
      { prune: 'ask' },
      { prune: 'all' },
      ['prune /ConfigMap/shop/b /ConfigMap/shop/data volumes'],
    ],
  ])('%s', (_what, over, mode, goes) => {
    const it = settled(live(over, { ...upMode, ...mode }), [old('b'), guarded])
    expect(planned(it)).toEqual(goes)
  })

  it('told once, with what to do', () => {
    const it = settled(live(), [old('b', { origin: 'adopted' })])
    const told = announceChange(live().state, it.state)
    expect(told).toEqual([
      {
        type: 'dropped',
        objects: [{ object: 'configmap/b -n shop', action: 'ask', restores: true }],
        hint: expect.stringContaining('devloop deploy --prune'),
      },
    ])
    expect(announceChange(it.state, settled(it, [old('b')]).state)).toEqual([])
  })

  it('goes when a person says so, once the files were read again', () => {
    let it = settled(live(), [old('b'), guarded])
    it = it.do({ type: 'prune-confirmed', keys: [old('b').key, 'unknown'] })
    expect(planned(it)).toEqual([])
    it = look(it, [old('b'), guarded])
    expect(planned(it)).toEqual(['prune /ConfigMap/shop/b'])
    const gone = [{ key: old('b').key, object: 'configmap/b', outcome: 'deleted' as const }]
    it = it.start()
    const run = it.state.prune.running?.run ?? -1
    it = it.do({ type: 'prune-finished', run, gone, stayed: [], problems: [] })
    expect(names(it.state)).toEqual(['data'])
    it = look(it, [guarded]).do({ type: 'prune-confirmed', keys: [guarded.key] })
    expect(planned(look(it, [guarded]))).toEqual(['prune /ConfigMap/shop/data volumes'])
  })

  it('stays when the file is back before it was deleted', () => {
    const it = settled(live(), [old('b')]).do({ type: 'prune-confirmed', keys: [old('b').key] })
    const back = look(it, [])
    expect(planned(back)).toEqual([])
    expect(back.state.prune.confirmed).toEqual([])
  })

  it('is not tried again by itself when it stayed', () => {
    let it = settled(live({ prune: 'auto' }), [old('b')]).start()
    const stayed = [{ object: 'configmap/b', why: 'a finalizer' }]
    const run = it.state.prune.running?.run ?? -1
    it = it.do({ type: 'prune-finished', run, gone: [], stayed, problems: [] })
    it = look(it, [old('b')])
    expect(planned(it)).toEqual([])
    it = look(it.do({ type: 'prune-confirmed', keys: [old('b').key] }), [old('b')])
    expect(planned(it)).toEqual(['prune /ConfigMap/shop/b'])
  })

  it('goes when what it stood in the way of was refused, which is then tried again', () => {
    let it = session(projectOf([], { prune: 'auto' }), upMode).start()
    it = it.do(connected(it.state), rendered(it.state, a)).start()
    it = it.do(rendered(it.state, a)).start()
    const refused: Problem = {
      kind: 'apply-rejected',
      object: 'configmap/a',
      reason: 'invalid',
      message: 'the port is taken',
      fields: [],
    }
    it = settled(it.do(applyFailed(it.state, a.key, refused)), [old('b')])
    expect(planned(it)).toEqual(['prune /ConfigMap/shop/b'])
    it = it.start()
    const gone = [{ key: old('b').key, object: 'configmap/b', outcome: 'deleted' as const }]
    const run = it.state.prune.running?.run ?? -1
    it = it.do({ type: 'prune-finished', run, gone, stayed: [], problems: [] })
    expect(it.state.objects[a.key]?.apply).toMatchObject({ kind: 'failed', retry: true })
  })

  it('is waited for by a session that ends by itself', () => {
    let it = live({}, { ...once, prune: 'asked' })
    expect(outcome(it.state)).toEqual({ kind: 'succeeded' })
    it = look(it, [old('b')])
    expect(isPrunePending(it.state)).toBe(true)
    expect(outcome(it.state)).toEqual({ kind: 'running' })
    it = look(it, [old('b')], { wait: PRUNE_QUIET }).start()
    expect(outcome(it.state)).toEqual({ kind: 'running' })
    const problem: Problem = { kind: 'delete-failed', object: 'configmap/b', message: 'forbidden' }
    const run = it.state.prune.running?.run ?? -1
    it = it.do({ type: 'prune-finished', run, gone: [], stayed: [], problems: [problem] })
    expect(outcome(look(it, [old('b')]).state)).toEqual({ kind: 'failed', problems: [problem] })
  })
})
