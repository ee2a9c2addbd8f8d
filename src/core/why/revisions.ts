import type { KubeObject } from '../kube-object.js'
import { fieldsOf, stringOf, valueAt } from '../manifest/fields.js'
import { containersOf } from '../manifest/pod-template.js'
import { saveAnnotation } from '../ownership/marks.js'
import type { LiveImages } from './live-images.js'

/** What a workload ran at some time, as the cluster keeps it for a rollback. Plain JSON. */
export interface Revision {
  /** The cluster's own number; the newest is the highest. */
  readonly revision: number
  /** The save that it was applied for; undefined where that is not known. */
  readonly save: number | undefined
  /** Image of the service's container. */
  readonly image: string
  /** RFC 3339. */
  readonly createdAt: string | undefined
  /** Whether the workload's pods are to be of it now. */
  readonly live: boolean
}

const REVISION = 'deployment.kubernetes.io/revision'

/**
 * The revisions of a workload, newest first, from its ReplicaSets (Deployment) or ControllerRevisions (StatefulSet, DaemonSet), of which both get the
 * annotations that the workload has. `containers` are those of the service; a revision without any of them is left out.
 */
export function revisionsOf(
  workload: KubeObject,
  kept: readonly KubeObject[],
  containers: readonly string[],
): readonly Revision[] {
  const own = kept.filter(({ metadata }) =>
    metadata.ownerReferences?.some(
      ({ uid, controller }) => uid === workload.metadata.uid && controller === true,
    ),
  )
  const numbers = own.map(numberOf)
  const live = liveRevision(workload, own, numbers)
  return own
    .flatMap((one, at): readonly Revision[] => {
      const image = containersOf(templateHolder(one)).find(({ name }) => containers.includes(name))?.image
      const revision = numbers[at] ?? 0
      if (image === undefined) return []
      const save = Number(one.metadata.annotations?.[saveAnnotation])
      return [
        {
          revision,
          save: Number.isInteger(save) ? save : undefined,
          image,
          createdAt: one.metadata.creationTimestamp,
          live: revision === live,
        },
      ]
    })
    .sort((a, b) => b.revision - a.revision)
}

/** An object whose pod template is where that of a ReplicaSet is. */
function templateHolder(kept: KubeObject): KubeObject {
  return kept.kind === 'ReplicaSet'
    ? kept
    : { ...kept, apiVersion: 'apps/v1', kind: 'ReplicaSet', spec: fieldsOf(kept.data).spec }
}

function numberOf(kept: KubeObject): number {
  const given = kept.kind === 'ReplicaSet' ? kept.metadata.annotations?.[REVISION] : kept.revision
  const number = Number(given)
  return Number.isFinite(number) ? number : 0
}

function liveRevision(
  workload: KubeObject,
  kept: readonly KubeObject[],
  numbers: readonly number[],
): number | undefined {
  switch (workload.kind) {
    case 'Deployment':
      return Number(workload.metadata.annotations?.[REVISION])
    case 'StatefulSet': {
      const name = stringOf(valueAt(workload, ['status', 'updateRevision']))
      return numbers[kept.findIndex(({ metadata }) => metadata.name === name)]
    }
    default:
      return numbers.length === 0 ? undefined : Math.max(...numbers)
  }
}

/** The revision that a rollback goes back to: the newest whose image is another than what runs now. */
export function rollbackRevision(revisions: readonly Revision[]): Revision | undefined {
  const present = revisions.find(({ live }) => live)
  return present === undefined
    ? undefined
    : revisions.find(({ image, revision }) => image !== present.image && revision !== present.revision)
}

/** One row of `devloop history`. */
export interface HistoryRow extends Revision {
  /** Whether `devloop rollback` would go back to it. */
  readonly rollback: boolean
}

/** The revisions with what a running session knows better: which save made an image, and what it would go back to. */
export function historyOf(
  revisions: readonly Revision[],
  session: LiveImages | undefined,
): readonly HistoryRow[] {
  const target =
    session === undefined
      ? rollbackRevision(revisions)
      : revisions.find(({ image, live }) => image === session.rollback && !live)
  return revisions.map(revision => ({
    ...revision,
    save: session?.images.find(({ image }) => image === revision.image)?.save ?? revision.save,
    rollback: revision === target,
  }))
}
