import type { ContextSnapshot } from '../../core/build-input.js'
import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import { buildHooks } from '../../core/hooks/due-hook.js'
import { cancelled, type Problem } from '../../core/problem.js'
import type { ServiceSpec } from '../../core/project.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ImageBuilder } from '../../ports/image-builder.js'
import { readBuildHooks } from '../hooks/read-hooks.js'
import type { SessionTools } from '../session-tools.js'

/** The last snapshot of each service that was told of: what a build sends. Too big for the state, and of no use to a decision. */
export type Snapshots = Map<string, ContextSnapshot>

/** Changed paths of services that were read by scans that failed after it or were superseded: they are those of the next one, too. */
export type UntoldChanges = Map<string, readonly string[]>

/** Reads a service's inputs, and asks the engine which images its Dockerfile builds upon. */
export async function scan(
  effect: Extract<Effect, { type: 'scan' }>,
  service: ServiceSpec,
  {
    tree,
    builder,
    snapshots,
    untold,
    signal,
    hooks,
  }: Pick<SessionTools, 'tree' | 'builder' | 'hooks'> & {
    readonly snapshots: Snapshots
    readonly untold: UntoldChanges
    readonly signal: AbortSignal
  },
): Promise<Event> {
  const failed = (problem: Problem): Event => ({
    type: 'scan-failed',
    run: effect.run,
    service: service.name,
    problem,
  })
  const snapshot = await tree.snapshot(service, effect.changed, signal)
  if (!snapshot.ok) return failed(snapshot.error)
  const before = snapshots.get(service.name)
  const earlier = untold.get(service.name) ?? []
  const changed = [...new Set([...earlier, ...snapshot.value.changed])].sort()
  untold.set(service.name, changed)
  const bases = await baseIds(builder, snapshot.value.baseImages)
  if (!bases.ok) return failed(bases.error)
  const { digest, bytes, files } = snapshot.value
  const readings =
    hooks === undefined || buildHooks(service).length === 0
      ? undefined
      : await readBuildHooks(service, snapshot.value, hooks, signal)
  if (signal.aborted) return failed(cancelled)
  snapshots.set(service.name, snapshot.value)
  untold.delete(service.name)
  return {
    type: 'scan-finished',
    run: effect.run,
    service: service.name,
    digest,
    changed,
    ...(before === undefined ? {} : beyondChanges(before, { ...snapshot.value, changed })),
    bytes,
    files: files.length,
    bases: bases.value,
    ...(readings === undefined ? {} : { hooks: readings }),
  }
}

/** What of a save `changed` does not tell: inputs that are no files of the context, and paths that were of another kind. */
function beyondChanges(
  before: ContextSnapshot,
  after: ContextSnapshot,
): { readonly outside: readonly string[]; readonly retyped: readonly string[] } {
  const earlier = before.others ?? {}
  const later = after.others ?? {}
  const types = new Map(before.files.map(file => [file.path, file.type]))
  const present = new Map(after.files.map(file => [file.path, file.type]))
  return {
    outside: [...new Set([...Object.keys(earlier), ...Object.keys(later)])].filter(
      path => earlier[path] !== later[path],
    ),
    retyped: after.changed.filter(path => {
      const [was, is] = [types.get(path), present.get(path)]
      return was !== undefined && is !== undefined && was !== is
    }),
  }
}

/** The engine's ids of images; '' for one that it does not have and would pull. */
export async function baseIds(
  builder: ImageBuilder,
  images: readonly string[],
): Promise<Result<Record<string, string>>> {
  const ids: Record<string, string> = {}
  const found = await Promise.all(images.map(async image => ({ image, local: await builder.inspect(image) })))
  for (const { image, local } of found) {
    if (!local.ok) return err(local.error)
    ids[image] = local.value?.id ?? ''
  }
  return ok(ids)
}
