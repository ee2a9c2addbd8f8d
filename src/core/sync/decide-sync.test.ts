import { describe, expect, it, test } from 'vitest'
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
  serviceSpec,
  session,
} from '../../testing/states.js'
import type { Event } from '../event.js'
import type { ServiceSpec, SyncRule } from '../project.js'
import { serviceStatus } from '../service-status.js'
import type { ImageProgram } from './supervise.js'
import type { SyncState } from './sync-state.js'

const rules = (kind: 'nothing' | 'restart' = 'nothing'): readonly SyncRule[] => [
  { match: '*.go', strip: '', to: '/app/', after: { kind } },
]
const KEY = linkedObject('Deployment', 'a', { services: ['a'] }).key
const image = 'shop/a:dev-1'
const program: ImageProgram = {
  entrypoint: ['run'],
  command: [],
  supervisor: { kind: 'sh', path: '/bin/sh' },
}

/** The one pod of the Deployment, whose container has this id. */
function seen(id: string | undefined, { ready = true, reference = image, key = KEY } = {}): Event {
  const observations = rollout(key, {
    ready,
    over: {
      containers: [
        {
          name: 'a',
          image: reference,
          init: false,
          sidecar: false,
          ready,
          started: true,
          restarts: 0,
          ...(id === undefined ? {} : { containerId: id }),
          state:
            id === undefined
              ? { kind: 'waiting', reason: 'CrashLoopBackOff', message: '' }
              : { kind: 'running', startedAt: '' },
        },
      ],
    },
  })
  return { type: 'observed', observations }
}

/** A service that is live with its first image. */
function live(
  spec: Partial<ServiceSpec> = {},
  { others = [], made = {} }: { others?: readonly ServiceSpec[]; made?: { program?: ImageProgram } } = {},
): Given {
  let it = session(projectOf([serviceSpec('a', { sync: rules(), ...spec }), ...others])).start()
  const object = linkedObject('Deployment', 'a', { services: ['a'] })
  it = it.do(connected(it.state), rendered(it.state, object)).start()
  it = it.do(rendered(it.state, object), scanned(it.state, 'a', '0')).start()
  it = it.do({ ...built(it.state, 'a', '1'), ...made } as Event).start()
  it = it.do(loaded(it.state, image)).start()
  it = it.do(applied(it.state, KEY)).do(seen('c1'))
  expect(serviceStatus(it.state, 'a').phase).toBe('live')
  return it
}

let clock = 50_000
/** One more save, read. */
function saved(
  given: Given,
  digest: string,
  over: Partial<Extract<Event, { type: 'scan-finished' }>> = {},
): Given {
  const reading = given.do(save(clock++, 'a')).start()
  return reading.do({ ...scanned(reading.state, 'a', digest), ...over } as Event)
}

const syncOf = (given: Given): SyncState => {
  const sync = given.state.services.a?.sync
  if (sync === undefined) throw new Error('there was no save')
  return sync
}
const running = (given: Given): number => syncOf(given).running?.run ?? -1
function synced(given: Given, number: number, containers: readonly string[], over: object = {}): Given {
  const what = { run: running(given), service: 'a', save: number, files: 1, bytes: 1, restarted: false }
  return given.do({ type: 'sync-finished', ...what, containers, gone: [], ...over } as Event)
}

describe('whether a save is synced', () => {
  test('a file that a rule takes', () => {
    const it = saved(live(), '1')
    expect(it.planned()).toEqual(['sync a 1'])
    expect(serviceStatus(it.state, 'a').phase).toBe('syncing')
  })

  test.each<[string, object, object]>([
    [
      'a path of no rule',
      { changed: ['main.go', 'x.css'] },
      { kind: 'file', path: 'x.css', because: 'no-rule' },
    ],
    ['the Dockerfile', { outside: ['/shop/a/Dockerfile'] }, { kind: 'outside', path: '/shop/a/Dockerfile' }],
    [
      'a file that was a folder',
      { retyped: ['main.go'] },
      { kind: 'file', path: 'main.go', because: 'retyped' },
    ],
    ['another base', { bases: { busybox: 'sha256:2' } }, { kind: 'settings' }],
    ['a change that no file tells of', { changed: [] }, { kind: 'settings' }],
  ])('%s makes an image', (_name, over, why) => {
    const it = saved(live(), '1', over)
    expect(syncOf(it).decision).toEqual({ kind: 'build', save: 1, why })
    expect(it.planned()).toEqual(['build a 1'])
  })

  test('a file of an earlier save that no container has', () => {
    const failed = saved(live(), '1', { changed: ['x.css'] })
    expect(syncOf(saved(failed, '2')).decision).toMatchObject({ why: { path: 'x.css', because: 'no-rule' } })
  })

  test.each<[string, Given, object]>([
    ['no container runs', live().do(seen(undefined, { ready: false })), { kind: 'no-container' }],
    [
      'another image is built upon it',
      live({}, { others: [serviceSpec('b', { requires: [{ service: 'a', arg: 'BASE' }] })] }),
      { kind: 'required', by: 'b' },
    ],
    [
      'the image has nothing to restart its process with',
      live({ sync: rules('restart') }, { made: { program: { ...program, supervisor: undefined } } }),
      { kind: 'no-supervisor' },
    ],
    [
      'an image is on its way',
      live().do({ type: 'intent-given', intent: { type: 'rebuild', service: 'a' } }),
      { kind: 'image-under-way' },
    ],
  ])('%s', (_name, given, why) => {
    expect(syncOf(saved(given, '1')).decision).toMatchObject({ kind: 'build', why })
  })

  test('without rules nothing is decided', () => {
    const it = session(projectOf(['a'])).start()
    const read = saved(it.do(scanned(it.state, 'a', '0')), '1')
    expect(read.state.services.a?.sync).toBeUndefined()
  })

  test('a restart is planned where the image can be supervised', () => {
    const it = saved(live({ sync: rules('restart') }, { made: { program } }), '1')
    expect(it.planned()).toEqual(['sync a 1'])
  })
})

describe('what is live', () => {
  it('is the save, once every container has it', () => {
    const it = synced(saved(live(), '1').start(), 1, ['c1'])
    expect(serviceStatus(it.state, 'a').phase).toBe('live')
    expect(it.state.services.a?.ledger).toMatchObject({ liveSave: 1, stages: { sync: expect.any(Number) } })
    expect(it.planned()).toEqual([])
  })

  it('is not, before a container that replaces it has the files', () => {
    let it = synced(saved(live(), '1').start(), 1, ['c1']).do(seen('c2'))
    expect(serviceStatus(it.state, 'a').phase).toBe('syncing')
    expect(it.planned()).toEqual(['sync a 1'])
    it = synced(it.start(), 1, ['c2'])
    expect(serviceStatus(it.state, 'a').phase).toBe('live')
  })

  it('waits for the sync of the save that came meanwhile', () => {
    let it = saved(saved(live(), '1').start(), '2')
    expect(it.planned()).toEqual([])
    it = synced(it, 1, ['c1'])
    expect(it.planned()).toEqual(['sync a 2'])
  })

  it('is not asked again of a container that ended', () => {
    const it = synced(saved(live(), '1').start(), 1, [], { gone: ['c1'] })
    expect(it.planned()).toEqual([])
    expect(it.do(seen('c2')).planned()).toEqual(['sync a 1'])
  })

  it('is no save whose command failed, until the next', () => {
    const problem = { kind: 'command-failed', argv: ['x'], exitCode: 1, reason: 'exited', output: [] }
    const it = synced(saved(live(), '1').start(), 1, ['c1'], { problem })
    expect(serviceStatus(it.state, 'a')).toEqual({ phase: 'failed', problem, final: true })
    expect(serviceStatus(synced(saved(it, '2').start(), 2, ['c1']).state, 'a').phase).toBe('live')
  })
})

describe('an image after syncs', () => {
  it('is made where a container does not take the files', () => {
    const it = saved(live(), '1').start()
    const refused = it.do({
      type: 'sync-refused',
      run: running(it),
      service: 'a',
      save: 1,
      message: 'no space',
    })
    expect(syncOf(refused).decision).toMatchObject({ why: { kind: 'refused', message: 'no space' } })
    expect(refused.planned()).toEqual(['build a 1'])
  })

  it('has everything: nothing is replayed to its containers', () => {
    let it = synced(saved(live(), '1').start(), 1, ['c1'])
    it = saved(it, '2', { changed: ['x.css'] }).start()
    it = it.do(built(it.state, 'a', '2')).start()
    it = it.do(loaded(it.state, 'shop/a:dev-2')).start()
    it = it.do(applied(it.state, KEY, 'configured')).do(seen('c2', { reference: 'shop/a:dev-2' }))
    expect(it.planned()).toEqual([])
    expect(serviceStatus(it.state, 'a').phase).toBe('live')
  })

  it('that comes out as the one before rolls nothing, so what was synced is put back', () => {
    let it = synced(saved(live(), '1').start(), 1, ['c1'])
    it = saved(it, '2', { outside: ['/shop/a/Dockerfile'] }).start()
    it = it.do(built(it.state, 'a', '1'))
    expect(it.planned()).toEqual(['sync a 2'])
    expect(serviceStatus(it.state, 'a').phase).toBe('syncing')
  })

  it('is made when the rules are others: what comes later would not get the same files', () => {
    const it = synced(saved(live(), '1').start(), 1, ['c1'])
    const changed: readonly SyncRule[] = [
      { match: '*.css', strip: '', to: '/app/', after: { kind: 'nothing' } },
    ]
    const project = projectOf([serviceSpec('a', { sync: changed })])
    const reloaded = it.do({ type: 'config-reloaded', project, warnings: [] })
    expect(reloaded.planned()).toContain('build a 1')
  })

  it('is none where the files are what the image has again: they are put back', () => {
    const it = saved(synced(saved(live(), '1').start(), 1, ['c1']), '0')
    expect(it.planned()).toEqual(['sync a 2'])
  })
})

describe('containers that an earlier session wrote to', () => {
  it('are replaced once, and are not live before', () => {
    let it = live().do({ type: 'earlier-syncs-read', containers: ['c1'] })
    expect(serviceStatus(it.state, 'a').phase).toBe('deploying')
    expect(it.planned()).toEqual(['restart shop/a'].map(() => expect.stringMatching(/^restart /)))
    it = it.start()
    expect(it.planned()).toEqual([])
    expect(serviceStatus(it.do(seen('c2')).state, 'a').phase).not.toBe('failed')
  })

  it('are replaced in each workload of a service, whichever is applied first', () => {
    const objects = ['a', 'b'].map(name => linkedObject('Deployment', name, { services: ['a'] }))
    const [first = '', second = ''] = objects.map(({ key }) => key)
    let it = session(projectOf([serviceSpec('a', { sync: rules() })])).start()
    it = it.do({ type: 'earlier-syncs-read', containers: ['c1', 'c2'] })
    it = it.do(connected(it.state), rendered(it.state, ...objects)).start()
    it = it.do(rendered(it.state, ...objects), scanned(it.state, 'a', '0')).start()
    it = it.do(built(it.state, 'a', '1')).start()
    it = it.do(loaded(it.state, image)).start()
    it = it.do(seen('c1', { key: first }), seen('c2', { key: second }))
    it = it.do(applied(it.state, first))
    expect(it.planned()).toEqual(['restart Deployment/shop/a'])
    it = it.start().do(applied(it.state, second))
    expect(it.planned()).toEqual(['restart Deployment/shop/b'])
    expect(it.start().planned()).toEqual([])
  })
})
