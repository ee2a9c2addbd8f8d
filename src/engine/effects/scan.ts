import { posix } from 'node:path'
import type { ContextSnapshot } from '../../core/build-input.js'
import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import { buildHooks } from '../../core/hooks/due-hook.js'
import { cancelled, type Problem } from '../../core/problem.js'
import type { ServiceSpec } from '../../core/project.js'
import { err, ok, type Result } from '../../core/result.js'
import { contextNotice } from '../../core/timings/advice.js'
import { contextShares } from '../../core/timings/context-shares.js'
import type { ImageBuilder } from '../../ports/image-builder.js'
import { readBuildHooks } from '../hooks/read-hooks.js'
import type { SessionTools } from '../session-tools.js'

/** The last snapshot of each service that was told of: what a build sends. Too big for the state, and of no use to a decision. */
export type Snapshots = Map<string, ContextSnapshot>

/** Changed paths of services that were read by scans that failed after it or were superseded: they are those of the next one, too. */
export type UntoldChanges = Map<string, readonly string[]>

/** What the hooks of each service that was told of had read: by absolute path, what tells one content from another. */
export type HookInputs = Map<string, ReadonlyMap<string, string>>

/** Reads a service's inputs, and asks the engine which images its Dockerfile builds upon. */
export async function scan(
  effect: Extract<Effect, { type: 'scan' }>,
  service: ServiceSpec,
  {
    tree,
    builder,
    tell,
    snapshots,
    untold,
    hookInputs,
    signal,
    hooks,
  }: Pick<SessionTools, 'tree' | 'builder' | 'hooks' | 'tell'> & {
    readonly snapshots: Snapshots
    readonly untold: UntoldChanges
    readonly hookInputs: HookInputs
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
  const bases = await baseIds(builder, snapshot.value.baseImages, signal)
  if (!bases.ok) return failed(bases.error)
  const { digest, bytes, files } = snapshot.value
  const read =
    hooks === undefined || buildHooks(service).length === 0
      ? undefined
      : await readBuildHooks(service, snapshot.value, hooks, signal)
  if (signal.aborted) return failed(cancelled)
  const inputs = { before: hookInputs.get(service.name), after: read?.inputs }
  snapshots.set(service.name, snapshot.value)
  if (before === undefined) {
    const message = contextNotice(contextShares(files))
    if (message !== undefined) tell({ type: 'notice', service: service.name, message })
  }
  if (read !== undefined) hookInputs.set(service.name, read.inputs)
  untold.delete(service.name)
  return {
    type: 'scan-finished',
    run: effect.run,
    service: service.name,
    digest,
    changed,
    ...(before === undefined
      ? {}
      : beyondChanges(service, { before, after: { ...snapshot.value, changed }, inputs })),
    bytes,
    files: files.length,
    bases: bases.value,
    ...(read === undefined ? {} : { hooks: read.readings }),
  }
}

/** What of a save `changed` does not tell: inputs that are no files of the context, and paths that were of another kind. */
function beyondChanges(
  { context }: ServiceSpec,
  {
    before,
    after,
    inputs,
  }: {
    readonly before: ContextSnapshot
    readonly after: ContextSnapshot
    readonly inputs: {
      readonly before: ReadonlyMap<string, string> | undefined
      readonly after: ReadonlyMap<string, string> | undefined
    }
  },
): Pick<Extract<Event, { type: 'scan-finished' }>, 'outside' | 'retyped' | 'elsewhere'> {
  const outside = differing(
    new Map(Object.entries(before.others ?? {})),
    new Map(Object.entries(after.others ?? {})),
  )
  // Hooks that are new in the config are no change of a file.
  const ofHooks =
    inputs.before === undefined || inputs.after === undefined ? [] : differing(inputs.before, inputs.after)
  const told = new Set(after.changed)
  const elsewhere = [...outside, ...ofHooks].map(path => posix.relative(context, path))
  // Of what changed alone: a context may have a hundred thousand files.
  const typesOf = ({ files }: Pick<ContextSnapshot, 'files'>) =>
    new Map(files.flatMap(({ path, type }) => (told.has(path) ? [[path, type] as const] : [])))
  const [types, present] = [typesOf(before), typesOf(after)]
  return {
    outside,
    elsewhere: [...new Set(elsewhere)].filter(path => !told.has(path)).sort(),
    retyped: after.changed.filter(path => {
      const [was, is] = [types.get(path), present.get(path)]
      return was !== undefined && is !== undefined && was !== is
    }),
  }
}

function differing(
  earlier: ReadonlyMap<string, string>,
  later: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...earlier.keys(), ...later.keys()])].filter(
    path => earlier.get(path) !== later.get(path),
  )
}

/** The engine's ids of images; '' for one that it does not have and would pull. */
export async function baseIds(
  builder: ImageBuilder,
  images: readonly string[],
  signal?: AbortSignal,
): Promise<Result<Record<string, string>>> {
  const ids: Record<string, string> = {}
  const found = await Promise.all(
    images.map(async image => ({ image, local: await builder.inspect(image, signal) })),
  )
  for (const { image, local } of found) {
    if (!local.ok) return err(local.error)
    ids[image] = local.value?.id ?? ''
  }
  return ok(ids)
}
