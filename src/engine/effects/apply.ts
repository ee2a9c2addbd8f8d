import type { Switched } from '../../core/desired.js'
import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import type { KubeObject, ObjectRef } from '../../core/kube-object.js'
import { withValueAt } from '../../core/manifest/fields.js'
import type { LinkedObject } from '../../core/manifest/link.js'
import { removedKind } from '../../core/manifest/removed-kinds.js'
import { scaledToZero as withoutReplicas } from '../../core/manifest/scaled-to-zero.js'
import { withDebugger } from '../../core/manifest/with-debugger.js'
import { withImages } from '../../core/manifest/with-images.js'
import { withSupervisor } from '../../core/manifest/with-supervisor.js'
import type { Problem } from '../../core/problem.js'
import type { ApplyTools } from '../apply/apply-types.js'
import { applyObject } from '../apply-object.js'
import { missingStorageClass } from './check-storage.js'

/** Applies one object with the images that the plan chose. */
export async function apply(
  {
    run,
    key,
    version,
    images,
    programs,
    debug,
    save,
    scaledToZero,
    switched,
    takeBack,
    again,
  }: Extract<Effect, { type: 'apply' }>,
  linked: LinkedObject,
  {
    tools,
    onNodes,
    storageClasses,
    signal,
  }: {
    readonly tools: ApplyTools
    readonly onNodes: (image: string) => boolean
    /** Storage classes that the manifests see to; asked only for what has claims. */
    readonly storageClasses: () => ReadonlySet<string>
    readonly signal: AbortSignal
  },
): Promise<Event> {
  const failed = (problem: Problem): Event => ({ type: 'apply-failed', run, key, version, problem })
  const running = withSwitched(
    withDebugger(withSupervisor(withImages(linked, images, onNodes), linked, programs), linked, debug),
    switched,
  )
  const { source } = linked
  const missing = await missingStorageClass(tools.cluster, {
    object: running,
    source,
    provided: storageClasses,
    signal,
  })
  if (missing !== undefined) return failed(missing)
  const applied = await applyObject(tools, {
    object: scaledToZero ? withoutReplicas(running) : running,
    source,
    signal,
    save,
    takeBack,
    again,
    scaledToZero,
  })
  if (!applied.ok) return failed(withRemedy(applied.error, linked.ref))
  const { outcome, uid, generation, notices } = applied.value
  return { type: 'apply-finished', run, key, version, outcome, uid, generation, notices }
}

function withSwitched(object: KubeObject, { replicas, selector }: Switched): KubeObject {
  const scaled = replicas === undefined ? object : withValueAt(object, ['spec', 'replicas'], replicas)
  return selector === undefined ? scaled : withValueAt(scaled, ['spec', 'selector'], selector)
}

/** A kind that Kubernetes dropped never comes back: that is told, and not tried again. */
function withRemedy(problem: Problem, ref: ObjectRef): Problem {
  if (problem.kind !== 'apply-rejected' || problem.reason !== 'no-such-kind') return problem
  const removed = removedKind(ref)
  if (removed === undefined) return problem
  return {
    ...problem,
    reason: 'removed-kind',
    message: `${ref.apiVersion} ${ref.kind} is gone since Kubernetes ${removed.removedIn}`,
    hint: removed.remedy,
  }
}
