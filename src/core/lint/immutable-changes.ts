import { isDeepStrictEqual } from 'node:util'
import { apiGroup, displayRef, type KubeObject } from '../kube-object.js'
import { type FieldPath, fieldsOf, itemsOf, valueAt } from '../manifest/fields.js'
import type { LinkedObject } from '../manifest/link.js'
import type { LintFinding } from './lint-finding.js'

/** Fields that cannot change once an object is there, by `group/Kind`. Jobs are made anew, and what a StatefulSet has by default is not compared. */
const FIXED: Readonly<Record<string, readonly FieldPath[]>> = {
  'apps/Deployment': [['spec', 'selector']],
  'apps/DaemonSet': [['spec', 'selector']],
  'apps/StatefulSet': [
    ['spec', 'selector'],
    ['spec', 'serviceName'],
    ['spec', 'podManagementPolicy'],
  ],
  '/PersistentVolumeClaim': [
    ['spec', 'storageClassName'],
    ['spec', 'accessModes'],
    ['spec', 'volumeName'],
  ],
  '/Service': [['spec', 'clusterIP']],
}

/** Whether an object has fields that may stand in the way of a change. */
export function hasFixedFields({ ref }: LinkedObject): boolean {
  return `${apiGroup(ref.apiVersion)}/${ref.kind}` in FIXED
}

/** What a manifest changes that cannot be changed on the object that is in the cluster. */
export function immutableChanges(object: LinkedObject, live: KubeObject): readonly LintFinding[] {
  const { ref } = object
  const paths = FIXED[`${apiGroup(ref.apiVersion)}/${ref.kind}`] ?? []
  return [
    ...paths.filter(path => isChanged(valueAt(object.object, path), valueAt(live, path))),
    ...changedTemplates(object.object, live),
  ].map(path => ({
    object,
    path,
    message: `${displayRef(ref)} changes ${path.join('.')}, which cannot change on the ${ref.kind} that is there`,
    suggestion: 'put it back as it was, or delete the object yourself if it holds nothing that you need',
  }))
}

/** What a manifest does not say stays as it is. */
function isChanged(wanted: unknown, present: unknown): boolean {
  return wanted !== undefined && !isDeepStrictEqual(wanted, present)
}

function changedTemplates(wanted: KubeObject, live: KubeObject): readonly FieldPath[] {
  if (wanted.kind !== 'StatefulSet') return []
  const path = ['spec', 'volumeClaimTemplates']
  const nameOf = (template: unknown) => valueAt(template, ['metadata', 'name'])
  const present = itemsOf(valueAt(live, path))
  const templates = itemsOf(valueAt(wanted, path))
  if (templates.length !== present.length) return [path]
  return templates.flatMap((template, at): FieldPath[] => {
    const before = fieldsOf(present.find(other => nameOf(other) === nameOf(template)))
    const isSame = (['storageClassName', 'accessModes'] as const).every(
      field => !isChanged(valueAt(template, ['spec', field]), valueAt(before, ['spec', field])),
    )
    return isSame ? [] : [[...path, at]]
  })
}
