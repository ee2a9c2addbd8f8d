import { displayRef, type KubeObject } from '../../core/kube-object.js'
import type { LinkedObject } from '../../core/manifest/link.js'
import { withImages } from '../../core/manifest/with-images.js'
import type { Override } from '../../core/overrides/overrides.js'
import { withOverrides } from '../../core/overrides/with-overrides.js'
import type { Problem } from '../../core/problem.js'
import type { Project } from '../../core/project.js'
import { err, ok, type Result } from '../../core/result.js'
import type { Clock } from '../../ports/clock.js'
import type { ClusterObserver } from '../../ports/cluster.js'
import type { ImageLoader } from '../../ports/image-loader.js'
import type { OverrideFile } from '../../ports/state-store.js'
import type { ApplyOutcome, ApplyTools } from '../apply/apply-types.js'
import { applyObject } from '../apply-object.js'
import { type ServiceWorkload, serviceWorkloads } from '../service-workloads.js'

/** What follows an intent where no `up` runs: as the owner of the project, in its place. */
export interface DirectTools extends ApplyTools {
  readonly project: Project
  /** Undefined where pods pull from a registry, which keeps what was pushed. */
  readonly loader: ImageLoader | undefined
  readonly observer: ClusterObserver
  readonly clock: Clock
  readonly overrides: OverrideFile
  /** The manifests as they are now. */
  readonly declared: () => Promise<Result<readonly LinkedObject[]>>
  readonly tell: (message: string) => void
  readonly signal: AbortSignal
}

/** What an intent needs to apply objects again. */
export interface Overriding {
  readonly overrides: readonly Override[]
  /** Of the manifests; none where their numbers do not count. */
  readonly declared: readonly LinkedObject[]
  /** By service, where it is to run another one. */
  readonly images?: ReadonlyMap<string, string>
}

export const refused = (message: string, hint?: string): Problem => ({
  kind: 'usage-invalid',
  message,
  ...(hint === undefined ? {} : { hint }),
})

export const undeployed = (service: string): Problem =>
  refused(`nothing of ${service} is deployed`, 'Start it with "devloop up".')

/** The services whose images a workload of the journal runs, by its key. */
export function servicesByKey({ journal, project }: DirectTools): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const { name } of project.services)
    for (const { linked } of serviceWorkloads(journal, project, name))
      found.set(linked.key, [...(found.get(linked.key) ?? []), name])
  return found
}

/** The workloads of a service that are deployed; a problem where there are none. */
export function deployedWorkloads(tools: DirectTools, service: string): Result<readonly ServiceWorkload[]> {
  const found = serviceWorkloads(tools.journal, tools.project, service)
  return found.length > 0 ? ok(found) : err(undeployed(service))
}

/** Records overrides, then does what follows from them; where that fails, they are as before. */
export async function recorded<T>(
  { overrides }: Pick<DirectTools, 'overrides'>,
  next: readonly Override[],
  act: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const before = overrides.read()
  const written = await overrides.write(next)
  if (!written.ok) return written
  const done = await act()
  if (!done.ok) await overrides.write(before)
  return done
}

export interface Overridden {
  /** `deployment/web`. */
  readonly object: string
  readonly applied: ApplyOutcome
}

/** Applies objects of the journal as they were applied last, but for what overrides want. What is no longer in the cluster is not made again. */
export async function applyOverridden(
  tools: DirectTools,
  keys: readonly string[],
  { overrides, declared, images = new Map() }: Overriding,
): Promise<Result<readonly Overridden[]>> {
  const { cluster, journal, signal } = tools
  const services = servicesByKey(tools)
  const done: Overridden[] = []
  for (const key of keys) {
    const owned = journal.state().objects.get(key)
    if (owned?.applied === undefined) continue
    const live = await cluster.get(owned.ref, signal)
    if (!live.ok) return live
    if (live.value === undefined) continue
    const { object, scaledToZero } = withOverrides(
      {
        key,
        object: withServiceImages(tools, { key, object: owned.applied.object, images }),
        services: services.get(key) ?? [],
        declared: declared.find(one => one.key === key)?.object,
      },
      overrides,
    )
    const { save } = owned.applied
    const applied = await applyObject(tools, {
      object,
      signal,
      scaledToZero,
      ...(save === undefined ? {} : { save }),
    })
    if (!applied.ok) return applied
    done.push({ object: displayRef(owned.ref), applied: applied.value })
  }
  return ok(done)
}

function withServiceImages(
  { journal, project }: DirectTools,
  {
    key,
    object,
    images,
  }: { readonly key: string; readonly object: KubeObject; readonly images: ReadonlyMap<string, string> },
): KubeObject {
  for (const service of images.keys()) {
    const workload = serviceWorkloads(journal, project, service).find(({ linked }) => linked.key === key)
    // One pass for all: a workload is linked to every service whose image it runs.
    if (workload !== undefined) return withImages(workload.linked, images, () => false)
  }
  return object
}
