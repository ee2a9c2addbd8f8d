import { expect, it } from 'vitest'
import type { ContextSnapshot } from '../../core/build-input.js'
import { ok } from '../../core/result.js'
import { createFakeImageBuilder } from '../../testing/fake-image-builder.js'
import { createFakeSourceTree } from '../../testing/fake-source-tree.js'
import { engineGone, serviceSpec } from '../../testing/states.js'
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
  const memory = { snapshots: new Map(), untold: new Map() }
  const scanOnce = (next: ContextSnapshot, signal = new AbortController().signal) => {
    read.push(next)
    const effect = { type: 'scan', run: 1, service: 'a', changed: 'all' } as const
    return scan(effect, serviceSpec('a'), { tree, builder, signal, ...memory })
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
