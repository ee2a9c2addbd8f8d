import { createHash } from 'node:crypto'
import type { KubeObject } from '../kube-object.js'
import { fieldsOf, isFields, valueAt } from '../manifest/fields.js'
import { textMapAt } from '../observe/fields.js'
import { canonicalJson } from '../ownership/json.js'

/** Of a pod that listens at a port that it chose itself: two of them cannot run side by side. Holds that port. */
export const fixedPortAnnotation = 'devloop.dev/fixed-port'

/** The same text for the same template, as the labels `pod-template-hash` and `controller-revision-hash` have it. */
export function templateHash(workload: KubeObject): string {
  const template = canonicalJson(valueAt(workload, ['spec', 'template']) ?? {})
  return createHash('sha256').update(template).digest('hex').slice(0, 10)
}

export interface PodInput {
  readonly owner: KubeObject
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
}

/** The pod that a controller makes of its template. The API server adds what it always adds. */
export function podOf({ owner, name, labels = {} }: PodInput): KubeObject {
  const template = fieldsOf(valueAt(owner, ['spec', 'template']))
  const { namespace } = owner.metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...textMapAt(template, 'metadata', 'labels'), ...labels },
      annotations: textMapAt(template, 'metadata', 'annotations'),
      ownerReferences: [controllerOf(owner)],
    },
    spec: isFields(template.spec) ? template.spec : {},
  }
}

export function controllerOf({ apiVersion, kind, metadata }: KubeObject) {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }
}

/** Whether `owner` is the controller of `object`. */
export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return object.metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) === true
}

export function isReady(pod: KubeObject): boolean {
  const conditions = valueAt(pod, ['status', 'conditions'])
  return (
    Array.isArray(conditions) &&
    conditions.some(one => isFields(one) && one.type === 'Ready' && one.status === 'True')
  )
}

export const isGoing = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined

export function phaseOf(pod: KubeObject): unknown {
  return valueAt(pod, ['status', 'phase'])
}

export const isEnded = (pod: KubeObject): boolean => phaseOf(pod) === 'Succeeded' || phaseOf(pod) === 'Failed'
