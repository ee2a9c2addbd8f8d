import type { RollbackTarget } from '../../core/intent.js'
import { displayRef } from '../../core/kube-object.js'
import type { Override } from '../../core/overrides/overrides.js'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { DeployableImage } from '../../core/state.js'
import { findRevision, type KeptRevisions, type RevisionName } from '../../core/why/find-revision.js'
import { rollbackRevision } from '../../core/why/revisions.js'
import type { Cluster } from '../../ports/cluster.js'
import type { ImageLoader } from '../../ports/image-loader.js'
import { readRevisions, type ServiceWorkload } from '../service-workloads.js'
import {
  applyOverridden,
  type DirectTools,
  deployedWorkloads,
  recorded,
  refused,
  undeployed,
} from './direct-tools.js'

/**
 * The revision of a service that a rollback goes to: the one that is named, or the newest whose image is another than what runs. Every workload of the service
 * is to run its image.
 */
export async function rollbackTarget(
  cluster: Cluster,
  workloads: readonly ServiceWorkload[],
  {
    service,
    to,
    signal,
  }: {
    readonly service: string
    readonly to: RevisionName | undefined
    readonly signal: AbortSignal
  },
): Promise<Result<RollbackTarget>> {
  if (workloads.length === 0) return err(undeployed(service))
  const kept: KeptRevisions[] = []
  for (const workload of workloads) {
    const revisions = await readRevisions(cluster, workload, signal)
    if (!revisions.ok) return revisions
    const { kind, name } = workload.linked.ref
    kept.push({ kind, name, revisions: revisions.value })
  }
  const target =
    to === undefined
      ? kept.flatMap(({ revisions }) => rollbackRevision(revisions) ?? [])[0]
      : findRevision(service, kept, to)
  if (target === undefined) return err(nowhere(service))
  const found = 'ok' in target ? target : ok(target)
  if (!found.ok) return err(refused(found.error, `"devloop history ${service}" lists what it keeps.`))
  const { revision, image, save } = found.value
  return ok({ revision, image, ...(save === undefined ? {} : { save }) })
}

/** Has every workload of a service run the image of an earlier revision, and records that it is to stay so. */
export async function rollBackDirectly(
  tools: DirectTools,
  { service, to }: { readonly service: string; readonly to: RevisionName | undefined },
): Promise<Result<string>> {
  const { cluster, loader, overrides, signal } = tools
  const workloads = deployedWorkloads(tools, service)
  if (!workloads.ok) return workloads
  const target = await rollbackTarget(cluster, workloads.value, { service, to, signal })
  if (!target.ok) return target
  const { image, save = 0, revision } = target.value
  const there = await ensureOnNodes(loader, image, signal)
  if (!there.ok) return there
  const newest = rollbackOf(overrides.read(), service)?.newest ?? presentImage(service, workloads.value)
  const isNewest = newest?.podReference === image
  const back: Override = {
    type: 'rolled-back',
    service,
    image: { podReference: image, reference: image, fingerprint: '', save },
    to: `revision ${revision}`,
    ...(newest === undefined ? {} : { newest }),
  }
  const next = [...withoutRollback(overrides.read(), service), ...(isNewest ? [] : [back])]
  const done = await recorded(tools, next, () => applyImage(tools, workloads.value, { service, image, next }))
  if (!done.ok) return done
  const runs = `${done.value} runs ${image}`
  return ok(
    isNewest
      ? `${runs}, its newest image`
      : `${runs} of revision ${revision}; that holds until "devloop clear ${service}"`,
  )
}

/** What a service that is rolled back would run otherwise, on the nodes; undefined where that is not known, or it cannot come there. */
export async function newestImage(
  { loader, signal }: Pick<DirectTools, 'loader' | 'signal'>,
  { newest }: Pick<Extract<Override, { type: 'rolled-back' }>, 'newest'>,
): Promise<Result<string | undefined>> {
  if (newest === undefined) return ok(undefined)
  const there = await ensureOnNodes(loader, newest.podReference, signal)
  if (there.ok) return ok(newest.podReference)
  return there.error.kind === 'image-load-failed' ? ok(undefined) : there
}

function rollbackOf(overrides: readonly Override[], service: string) {
  return overrides.flatMap(one => (one.type === 'rolled-back' && one.service === service ? [one] : []))[0]
}

const withoutRollback = (overrides: readonly Override[], service: string) =>
  overrides.filter(one => one.type !== 'rolled-back' || one.service !== service)

async function applyImage(
  tools: DirectTools,
  workloads: readonly ServiceWorkload[],
  {
    service,
    image,
    next,
  }: { readonly service: string; readonly image: string; readonly next: readonly Override[] },
): Promise<Result<string>> {
  const keys = workloads.map(({ linked }) => linked.key)
  const images = new Map([[service, image]])
  const done = await applyOverridden(tools, keys, { overrides: next, declared: [], images })
  if (!done.ok) return done
  return done.value.length > 0
    ? ok(done.value.map(({ object }) => object).join(', '))
    : err(
        refused(`${workloads.map(({ linked }) => displayRef(linked.ref)).join(', ')} is not in the cluster`),
      )
}

/** The image that a service was applied with last. */
function presentImage(service: string, workloads: readonly ServiceWorkload[]): DeployableImage | undefined {
  const found = workloads.flatMap(({ linked, applied }) =>
    linked.images.flatMap(one =>
      one.service === service ? [{ podReference: one.image, save: applied.save ?? 0 }] : [],
    ),
  )[0]
  return found === undefined ? undefined : { ...found, reference: found.podReference, fingerprint: '' }
}

/** An image that went from the nodes meanwhile is loaded again, if the local engine still has it. */
async function ensureOnNodes(
  loader: ImageLoader | undefined,
  image: string,
  signal: AbortSignal,
): Promise<Result<void>> {
  if (loader === undefined) return ok(undefined)
  const missing = await loader.missing([image])
  if (!missing.ok) return missing
  if (missing.value.length === 0) return ok(undefined)
  const loaded = await loader.load(image, { signal, onProgress: () => {}, onNotice: () => {} })
  return loaded.ok ? ok(undefined) : loaded
}

function nowhere(service: string): Problem {
  return refused(
    `${service} has no image to go back to: the cluster keeps no revision of it with another image`,
    `"devloop history ${service}" lists what it keeps.`,
  )
}
