import { expect, it } from 'vitest'
import type { Announcement } from '../../core/announcement.js'
import type { ContextSnapshot } from '../../core/build-input.js'
import { pathPattern } from '../../core/hooks/path-pattern.js'
import { ok } from '../../core/result.js'
import { createFakeImageBuilder } from '../../testing/fake-image-builder.js'
import { createFakeSourceTree } from '../../testing/fake-source-tree.js'
import { createRecordedRunner } from '../../testing/recorded-runner.js'
import { engineGone, serviceSpec } from '../../testing/states.js'
import type { HookTools } from '../hooks/run-hooks.js'
import { scan } from './scan.js'

/** A snapshot that differs from the one before in these files. */
const snapshot = (digest: string, changed: readonly string[]): ContextSnapshot => ({
  service: 'a',
  digest,
  files: changed.map(path => ({ path, type: 'file', mode: 0o644, size: 1, sha256: `${digest} ${path}` })),
  bytes: 1,
  dockerfile: 'FROM base',
  baseImages: ['base'],
  needsBuildKit: false,
  changed,
})

it.each<[what: string, fail: (builder: ReturnType<typeof createFakeImageBuilder>) => AbortSignal]>([
  [
    'failed, for the engine was gone',
    builder => {
      builder.down = engineGone
      return new AbortController().signal
    },
  ],
  ['was superseded', () => AbortSignal.abort()],
])('what a scan read that %s is among the changes of the next', async (_what, fail) => {
  const builder = createFakeImageBuilder()
  const read: ContextSnapshot[] = []
  const tree = { ...createFakeSourceTree({}), snapshot: async () => ok(read.shift() ?? snapshot('', [])) }
  const memory = { snapshots: new Map(), untold: new Map(), hookInputs: new Map() }
  const scanOnce = (next: ContextSnapshot, signal = new AbortController().signal) => {
    read.push(next)
    const effect = { type: 'scan', run: 1, service: 'a', changed: 'all' } as const
    return scan(effect, serviceSpec('a'), { tree, builder, tell: () => undefined, signal, ...memory })
  }
  await scanOnce(snapshot('one', []))
  const signal = fail(builder)
  expect(await scanOnce(snapshot('two', ['x', 'y']), signal)).toMatchObject({ type: 'scan-failed' })
  expect(memory.snapshots.get('a')?.digest).toBe('one')

  builder.down = undefined
  const told = await scanOnce(snapshot('three', ['y', 'z']))
  expect(told).toMatchObject({ type: 'scan-finished', digest: 'three', changed: ['x', 'y', 'z'] })
  expect(await scanOnce(snapshot('four', ['w']))).toMatchObject({ type: 'scan-finished', changed: ['w'] })
})

it('names the files that only hooks read, as seen from the context', async () => {
  const inputs = [pathPattern('/shop/shared/api.proto', '/')]
  const spec = serviceSpec('a', {
    hooks: {
      beforeBuild: [
        {
          id: 'a.beforeBuild',
          stage: 'beforeBuild',
          run: 'make',
          place: { kind: 'host', cwd: '/shop/a' },
          env: {},
          inputs,
          outputs: undefined,
          lock: undefined,
          timeout: undefined,
        },
      ],
    },
  })
  let content = 'one'
  const contents = async () => ({
    digest: content,
    files: new Map([
      ['/shop/shared/api.proto', content],
      ['/shop/shared/other.proto', 'same'],
    ]),
  })
  const hooks: HookTools = {
    runner: createRecordedRunner({}),
    context: 'kind-dev',
    platform: 'linux',
    files: { read: contents, digest: async () => content, digestOf: () => content },
    memory: { get: () => undefined, set: async () => ok(undefined) },
  }
  const tree = { ...createFakeSourceTree({}), snapshot: async () => ok(snapshot('same', [])) }
  const memory = { snapshots: new Map(), untold: new Map(), hookInputs: new Map() }
  const scanOnce = () =>
    scan({ type: 'scan', run: 1, service: 'a', changed: 'all' }, spec, {
      tree,
      builder: createFakeImageBuilder(),
      tell: () => undefined,
      hooks,
      signal: new AbortController().signal,
      ...memory,
    })
  await scanOnce()
  content = 'two'
  expect(await scanOnce()).toMatchObject({
    type: 'scan-finished',
    changed: [],
    elsewhere: ['../shared/api.proto'],
  })
})

it('tells of a large context that a tool made, at its first reading alone', async () => {
  const file = { path: 'node_modules/x.js', type: 'file', mode: 0o644, size: 60e6, sha256: 'h' } as const
  const tree = {
    ...createFakeSourceTree({}),
    snapshot: async () => ok({ ...snapshot('one', []), files: [file] }),
  }
  const told: Announcement[] = []
  const memory = { snapshots: new Map(), untold: new Map(), hookInputs: new Map() }
  for (const run of [1, 2])
    await scan({ type: 'scan', run, service: 'a', changed: 'all' }, serviceSpec('a'), {
      tree,
      builder: createFakeImageBuilder(),
      tell: one => told.push(one),
      signal: new AbortController().signal,
      ...memory,
    })
  expect(told).toEqual([
    { type: 'notice', service: 'a', message: expect.stringContaining('add node_modules to .dockerignore') },
  ])
})
