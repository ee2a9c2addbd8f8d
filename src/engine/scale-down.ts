import { isScalable } from '../core/desired.js'
import type { ObjectRef } from '../core/kube-object.js'
import { scaledToZero } from '../core/manifest/scaled-to-zero.js'
import type { OwnedObject } from '../core/ownership/journal-state.js'
import { cancelled, type Problem } from '../core/problem.js'
import { err, ok, type Result } from '../core/result.js'
import type { ApplyTools } from './apply/apply-types.js'
import { applyObject } from './apply-object.js'

/** What scaling down came to. */
export interface ScaleDownReport {
  /** Workloads that ran pods and run none from now on. */
  readonly scaled: readonly ObjectRef[]
  readonly problems: readonly Problem[]
}

/**
 * Takes the pods of all workloads that devloop made, and nothing else: claims stay, autoscalers rest while there is nothing to scale, and the next `up`
 * applies what the manifests say. What was there before devloop is left as it is. Fails where nothing can go on: cluster unreachable, or aborted.
 */
export async function scaleDown(tools: ApplyTools, signal: AbortSignal): Promise<Result<ScaleDownReport>> {
  const { cluster, journal } = tools
  const identity = await cluster.identity()
  if (!identity.ok) return identity
  const { clusterUid, objects } = journal.state()
  // What is known of another cluster of this name is no word about this one.
  if (clusterUid !== identity.value.uid) return ok({ scaled: [], problems: [] })
  const owned = [...objects.values()].filter(({ ref }) => isScalable(ref))
  const done = await Promise.all(
    owned.map(async object => ({ ref: object.ref, taken: await scaleOne(tools, object, signal) })),
  )
  if (signal.aborted) return err(cancelled)
  const problems = done.flatMap(({ taken }) => (taken.ok ? [] : [taken.error]))
  const fatal = problems.find(({ kind }) => kind === 'cluster-unreachable' || kind === 'state-unusable')
  if (fatal !== undefined) return err(fatal)
  return ok({ scaled: done.flatMap(({ ref, taken }) => (taken.ok && taken.value ? [ref] : [])), problems })
}

/** Whether pods were taken. */
async function scaleOne(
  tools: ApplyTools,
  owned: OwnedObject,
  signal: AbortSignal,
): Promise<Result<boolean>> {
  if (owned.origin !== 'created' || owned.applied === undefined) return ok(false)
  const live = await tools.cluster.get(owned.ref, signal)
  if (!live.ok) return live
  const metadata = live.value?.metadata
  if (metadata?.uid !== owned.uid || metadata.deletionTimestamp !== undefined) return ok(false)
  const { object, save } = owned.applied
  const applied = await applyObject(tools, {
    object: scaledToZero(object),
    signal,
    scaledToZero: true,
    ...(save === undefined ? {} : { save }),
  })
  return applied.ok ? ok(applied.value.outcome === 'configured') : applied
}
