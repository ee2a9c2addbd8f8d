import { describe, expect, it } from 'vitest'
import {
  buildMode,
  cancels,
  type Given,
  projectOf,
  save,
  scanned,
  serviceSpec,
  session,
} from '../../testing/states.js'
import { announceChange } from '../announce.js'
import { cancelled, type Problem } from '../problem.js'
import type { Project } from '../project.js'
import { serviceStatus } from '../service-status.js'
import type { HookSpec } from './hook-spec.js'
import type { HookRecord } from './hook-state.js'
import { pathPattern } from './path-pattern.js'

const hook = (id: string, over: Partial<HookSpec> = {}): HookSpec => ({
  id,
  stage: 'beforeBuild',
  run: 'make',
  place: { kind: 'host', cwd: '/shop/a' },
  env: {},
  inputs: [pathPattern('src', '/shop/a')],
  outputs: [pathPattern('target', '/shop/a')],
  lock: undefined,
  timeout: undefined,
  ...over,
})

const withHooks = (...hooks: readonly HookSpec[]) => ({ hooks: { beforeBuild: hooks } })
const project = (over: Partial<HookSpec> = {}): Project =>
  projectOf([serviceSpec('a', withHooks(hook('a.beforeBuild', over)))])

/** What stands on disk, and what the hook left at its last success. */
interface Disk {
  readonly image: string
  readonly key: string
  readonly outputs?: string
  readonly last?: HookRecord | undefined
}

function read(it: Given, service: string, { image, key, outputs = 'o', last }: Disk): Given {
  const started = it.start()
  const hooks = { [`${service}.beforeBuild`]: { key, outputs, last } }
  return started.do({ ...scanned(started.state, service, image), hooks } as ReturnType<typeof scanned>)
}

function finish(it: Given, service: string, key: string, outputs = 'o'): Given {
  const run = it.state.services[service]?.prepare?.running?.run ?? -1
  return it.do({ type: 'hook-finished', run, service, hook: `${service}.beforeBuild`, key, outputs })
}

function fail(it: Given, problem: Problem): Given {
  const run = it.state.services.a?.prepare?.running?.run ?? -1
  return it.do({ type: 'hook-failed', run, service: 'a', hook: 'a.beforeBuild', problem })
}

const broken: Problem = {
  kind: 'hook-failed',
  hook: 'a.beforeBuild',
  command: 'make',
  place: '/shop/a',
  reason: 'exited',
  exitCode: 1,
  output: [],
}
const left = (key: string, outputs = 'o'): HookRecord => ({ key, outputs })
/** Built of `image`, with the hook done for `k0`. */
const settled = (over: Partial<HookSpec> = {}) => {
  const started = read(session(project(over), buildMode), 'a', { image: 'i0', key: 'k0' }).start()
  return read(finish(started, 'a', 'k0'), 'a', { image: 'i0', key: 'k0', last: left('k0') })
}

describe('a before-build hook', () => {
  it.each<[string, Partial<HookSpec>, Disk, readonly string[]]>([
    ['never ran', {}, { image: 'i', key: 'k' }, ['hook a.beforeBuild']],
    ['has other inputs', {}, { image: 'i', key: 'k', last: left('j') }, ['hook a.beforeBuild']],
    ['lost what it wrote', {}, { image: 'i', key: 'k', last: left('k', 'p') }, ['hook a.beforeBuild']],
    ['is as it was left', {}, { image: 'i', key: 'k', last: left('k') }, ['build a 0']],
    ['has no inputs of its own', { inputs: undefined }, { image: 'i', key: 'k' }, ['hook a.beforeBuild']],
  ])('that %s', (_name, over, disk, planned) => {
    expect(read(session(project(over), buildMode), 'a', disk).planned()).toEqual(planned)
  })

  it('is followed by a look at the files, and the build of what it left: one save', () => {
    const done = finish(read(session(project(), buildMode), 'a', { image: 'i0', key: 'k' }).start(), 'a', 'k')
    expect(done.planned()).toEqual(['scan a'])
    const built = read(done, 'a', { image: 'i1', key: 'k', last: left('k') })
    expect(built.planned()).toEqual(['build a 0'])
    expect(built.state.save).toBe(0)
  })

  it('and the build after it are told apart', () => {
    const first = read(session(project(), buildMode), 'a', { image: 'i0', key: 'k' })
    const steps = [first.start()]
    steps.push(finish(first.start(), 'a', 'k').start())
    steps.push(read(finish(first.start(), 'a', 'k'), 'a', { image: 'i1', key: 'k', last: left('k') }).start())
    const told = steps.flatMap(({ state }, at) =>
      announceChange(steps[at - 1]?.state ?? first.state, state).flatMap(one =>
        one.type === 'phase' && one.phase === 'building' ? [one.message ?? ''] : [],
      ),
    )
    expect(told).toEqual(['hook: make', ''])
  })

  it('whose inputs alone change makes a save, and what it writes is of it', () => {
    const edited = read(settled().do(save(5000, 'a')), 'a', { image: 'i0', key: 'k1', last: left('k0') })
    expect(edited.state.services.a?.ledger.save).toBe(1)
    expect(edited.planned()).toEqual(['hook a.beforeBuild'])
    const built = read(finish(edited.start(), 'a', 'k1'), 'a', { image: 'i1', key: 'k1', last: left('k1') })
    expect(built.planned()).toEqual(['build a 1'])
    expect(built.state.save).toBe(1)
  })

  it('that writes the same again makes no image', () => {
    const first = settled().start()
    expect(first.state.services.a?.build.kind).toBe('building')
    const edited = read(first.do(save(5000, 'a')), 'a', { image: 'i0', key: 'k1', last: left('k0') })
    // The build of the earlier content is of no use if the hook changes it: it is ended first.
    expect(cancels(edited)).toEqual(['a'])
  })

  it('is not started by what it writes while it runs', () => {
    const running = read(session(project(), buildMode), 'a', { image: 'i', key: 'k' }).start()
    const written = running.do({
      type: 'files-changed',
      firstAt: 5000,
      services: { a: ['/shop/a/target/app.war'] },
      manifests: [],
    })
    expect(written.planned()).toEqual([])
    expect(cancels(written)).toEqual([])
  })

  it('is ended by a newer save of its inputs, and runs again when it has ended', () => {
    const running = read(session(project(), buildMode), 'a', { image: 'i', key: 'k' }).start()
    const saved = read(running.do(save(5000, 'a')), 'a', { image: 'i', key: 'k2' })
    expect(cancels(saved)).toEqual(['a'])
    const ended = fail(saved.start(), cancelled)
    expect(ended.planned()).toEqual(['scan a'])
    expect(read(ended, 'a', { image: 'i', key: 'k2' }).planned()).toEqual(['hook a.beforeBuild'])
  })

  it('goes on where a newer save does not concern it', () => {
    const running = read(session(project(), buildMode), 'a', { image: 'i', key: 'k' }).start()
    const saved = read(running.do(save(5000, 'a')), 'a', { image: 'j', key: 'k' })
    expect(cancels(saved)).toEqual([])
    expect(saved.planned()).toEqual([])
  })

  it('that fails stops its service until the next save', () => {
    const failed = fail(read(session(project(), buildMode), 'a', { image: 'i', key: 'k' }).start(), broken)
    const looked = read(failed, 'a', { image: 'i-half', key: 'k', outputs: 'half' })
    expect(looked.planned()).toEqual([])
    expect(serviceStatus(looked.state, 'a')).toEqual({ phase: 'failed', problem: broken, final: true })
    const mended = read(looked.do(save(5000, 'a')), 'a', { image: 'i-half', key: 'k2', outputs: 'half' })
    expect(mended.planned()).toEqual(['hook a.beforeBuild'])
  })

  it.each([
    ['says what it writes', {}, 4],
    ['does not say what it writes', { outputs: undefined }, 2],
  ] as const)('that changes its own inputs each time and %s ends in a build', (_name, over, times) => {
    let it = read(session(project(over), buildMode), 'a', { image: 'i', key: 'k0' })
    for (let run = 1; run <= times; run++) {
      expect(it.planned()).toEqual(['hook a.beforeBuild'])
      const last = left(`k${run - 1}`)
      it = read(finish(it.start(), 'a', last.key), 'a', { image: `i${run}`, key: `k${run}`, last })
    }
    expect(it.planned()).toEqual(['build a 0'])
  })

  it('that does not say what it writes has its service read when it has ended', () => {
    const running = read(session(project({ outputs: undefined }), buildMode), 'a', {
      image: 'i',
      key: 'k',
    }).start()
    expect(running.do(save(5000, 'a')).planned()).toEqual([])
  })
})

describe('hooks of several services', () => {
  const two = (lock: string | undefined, concurrency = 2): Project =>
    projectOf(
      ['a', 'b'].map(name => serviceSpec(name, withHooks(hook(`${name}.beforeBuild`, { lock })))),
      { build: { concurrency } },
    )
  const readBoth = (project: Project) =>
    read(read(session(project, buildMode), 'a', { image: 'i', key: 'k' }), 'b', { image: 'j', key: 'k' })

  it('run beside each other, and take slots as builds do', () => {
    const it = read(session(two(undefined), buildMode), 'a', { image: 'i', key: 'k' })
    expect(it.planned()).toEqual(['hook a.beforeBuild'])
    expect(read(it, 'b', { image: 'j', key: 'k' }).planned()).toEqual(['hook b.beforeBuild'])
    const narrow = readBoth(two(undefined, 1))
    expect(narrow.planned()).toEqual([])
    expect(serviceStatus(narrow.state, 'b')).toMatchObject({ hold: { kind: 'build-slot' } })
  })

  it('never overlap with the same lock', () => {
    const it = readBoth(two('maven'))
    expect(it.planned()).toEqual([])
    expect(serviceStatus(it.state, 'b')).toMatchObject({
      phase: 'waiting',
      hold: { kind: 'hook-lock', hook: 'b.beforeBuild', by: 'a' },
    })
    expect(finish(it, 'a', 'k').planned()).toContain('hook b.beforeBuild')
  })

  it('of the project run once for all that have them', () => {
    const shared = hook('beforeBuild')
    const services = ['a', 'b'].map(name => serviceSpec(name, withHooks(shared)))
    let it: Given = session(projectOf(services), buildMode).start()
    const reading = (last: HookRecord | undefined) => ({
      hooks: { beforeBuild: { key: 'k', outputs: 'o', last } },
    })
    const readings = (given: Given, last: HookRecord | undefined) =>
      ['a', 'b'].reduce(
        (next, name) =>
          next.do({ ...scanned(next.state, name, name), ...reading(last) } as ReturnType<typeof scanned>),
        given,
      )
    it = readings(it, undefined)
    expect(it.planned()).toEqual(['hook beforeBuild'])
    it = it.start()
    const run = it.state.services.a?.prepare?.running?.run ?? -1
    it = it.do({ type: 'hook-finished', run, service: 'a', hook: 'beforeBuild', key: 'k', outputs: 'o' })
    expect(it.planned()).toEqual(['scan a', 'scan b'])
    expect(readings(it.start(), left('k')).planned()).toEqual(['build a 0', 'build b 0'])
  })
})
