import { createHash } from 'node:crypto'
import type { ContextSnapshot } from '../../core/build-input.js'
import { buildHooks } from '../../core/hooks/due-hook.js'
import type { HookSpec } from '../../core/hooks/hook-spec.js'
import type { HookReading } from '../../core/hooks/hook-state.js'
import type { PathPattern } from '../../core/hooks/path-pattern.js'
import type { ServiceSpec } from '../../core/project.js'
import type { HookTools } from './run-hooks.js'

/** What the before-build hooks of a service read and wrote, as it is now on disk; and by absolute path, what tells one content of the inputs they name from another. */
export async function readBuildHooks(
  service: ServiceSpec,
  snapshot: ContextSnapshot,
  { files, memory }: Pick<HookTools, 'files' | 'memory'>,
  signal: AbortSignal,
): Promise<{
  readonly readings: Readonly<Record<string, HookReading>>
  readonly inputs: ReadonlyMap<string, string>
}> {
  const hooks = buildHooks(service)
  const named = new Map<string, string>()
  const readInputs = async (patterns: readonly PathPattern[], except: readonly PathPattern[]) => {
    const read = await files.read(patterns, { except, signal })
    for (const [path, content] of read.files) named.set(path, content)
    return read.digest
  }
  const readings = await Promise.all(
    hooks.map(async (hook, index): Promise<readonly [string, HookReading]> => {
      // What it writes itself, or what hooks after it make of its work, is no reason to run again.
      const except = isShared(hook)
        ? (hook.outputs ?? [])
        : hooks.slice(index).flatMap(one => one.outputs ?? [])
      const inputs =
        hook.inputs === undefined
          ? files.digestOf(snapshot, service.context, except)
          : await readInputs(hook.inputs, except)
      return [
        hook.id,
        {
          key: keyOf(hook, inputs),
          outputs: await outputsDigest(hook, files, signal),
          last: memory.get(hook.id),
        },
      ]
    }),
  )
  return { readings: Object.fromEntries(readings), inputs: named }
}

/** One hook of the project for all services must have one key. */
const isShared = ({ id }: HookSpec): boolean => !id.includes('.')

export function keyOf({ run, place, env }: HookSpec, inputs: string): string {
  return createHash('sha256')
    .update(JSON.stringify([run, place, env, inputs]))
    .digest('hex')
}

/** '' for a hook that names none. */
export async function outputsDigest(
  { outputs = [] }: { readonly outputs: readonly PathPattern[] | undefined },
  files: HookTools['files'],
  signal: AbortSignal,
): Promise<string> {
  return outputs.length === 0 ? '' : files.digest(outputs, { except: [], signal })
}
