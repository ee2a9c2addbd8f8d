import type { KubeObject } from '../../core/kube-object.js'
import { valueAt, withValueAt } from '../../core/manifest/fields.js'
import { parseFieldPath } from '../../core/ownership/field-path.js'
import { fieldManager, withMarks } from '../../core/ownership/marks.js'
import { carryReplicas, withoutFields } from '../../core/ownership/resolve-conflicts.js'
import type { Problem } from '../../core/problem.js'
import type { Cluster } from '../../ports/cluster.js'
import { savedOf } from './applied-entry.js'
import type { Known } from './apply-types.js'

const STRATEGY: Readonly<Record<string, string>> = { Deployment: 'strategy', StatefulSet: 'updateStrategy' }

/**
 * The API server fills in `rollingUpdate`, and refuses a strategy of another type for it: nobody owns that field, so an apply without it does not take it away. Applied
 * once as it is, together with what was applied last, it is ours, and goes with the next apply. Whether that was done; nothing of the workload changes by it.
 */
export async function ownStrategy(
  cluster: Cluster,
  {
    problem,
    desired,
    owned,
    live,
    signal,
  }: {
    readonly problem: Problem
    readonly desired: KubeObject
    readonly owned: Known
    readonly live: KubeObject
    readonly signal: AbortSignal
  },
): Promise<boolean> {
  const field = STRATEGY[desired.kind]
  if (field === undefined || problem.kind !== 'apply-rejected' || problem.reason !== 'invalid') return false
  const isAboutIt = problem.fields.some(one => one.includes(`spec.${field}.rollingUpdate`))
  const present = valueAt(live, ['spec', field])
  if (!isAboutIt || valueAt(desired, ['spec', field, 'rollingUpdate']) !== undefined) return false
  if (valueAt(present, ['rollingUpdate']) === undefined || owned.applied === undefined) return false
  const { object, left } = owned.applied
  const paths = left.map(text => parseFieldPath(text, object)).filter(path => path !== undefined)
  const last = carryReplicas(withoutFields(object, paths), live, fieldManager)
  const marked = owned.token === undefined ? last : withMarks(last, owned.token, savedOf(live))
  const { uid = '' } = live.metadata
  const sent = { ...marked, metadata: { ...marked.metadata, uid } }
  const done = await cluster.apply(withValueAt(sent, ['spec', field], present), {
    fieldManager,
    force: false,
    signal,
  })
  return done.ok
}
