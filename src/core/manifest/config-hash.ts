import { createHmac } from 'node:crypto'
import { type KubeObject, type ObjectRef, refKey } from '../kube-object.js'
import { type FieldPath, fieldsOf, itemsOf, stringOf, valueAt, withValueAt } from './fields.js'
import { stringifyJson } from './json.js'
import { podPathOf } from './pod-template.js'

const CONFIG_HASH_ANNOTATION = 'devloop.dev/config-hash'

/**
 * Kinds that roll when their config changes. A Job is among them: it would otherwise keep the result of the old config, and is recreated as with a new
 * image. So is a bare Pod, which must be recreated where its live annotation differs. A CronJob's next run reads the new config anyway; a
 * ReplicaSet or ReplicationController replaces no pod for a new template.
 */
const ROLLING = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Pod'])

/**
 * The workload with an annotation on its pods that changes when a ConfigMap or Secret of these manifests that they use does. The hash is
 * keyed, so that it tells nothing of a Secret's content to who cannot read the key.
 */
export function withConfigHash(
  object: KubeObject,
  objects: ReadonlyMap<string, KubeObject>,
  hmacKey: string,
): KubeObject {
  const podPath = podPathOf(object)
  if (podPath === undefined || !ROLLING.has(object.kind)) return object
  const used = configKeysOf(valueAt(object, [...podPath, 'spec']), object.metadata.namespace)
  const contents = used.flatMap(key => {
    const config = objects.get(key)
    return config === undefined ? [] : [[key, configData(config)]]
  })
  if (contents.length === 0) return object
  const hash = createHmac('sha256', hmacKey)
    .update(stringifyJson(contents, { sortKeys: true }))
    .digest('hex')
  const path: FieldPath = [...podPath, 'metadata', 'annotations', CONFIG_HASH_ANNOTATION]
  return withValueAt(object, path, hash.slice(0, 16))
}

/** Keys of the ConfigMaps and Secrets that a pod takes its environment and volumes from, sorted, each once. */
function configKeysOf(podSpec: unknown, namespace: string | undefined): readonly string[] {
  const keys = new Set<string>()
  const use = (kind: string, name: unknown): void => {
    if (typeof name !== 'string') return
    const ref: ObjectRef = { apiVersion: 'v1', kind, name, ...(namespace === undefined ? {} : { namespace }) }
    keys.add(refKey(ref))
  }
  const spec = fieldsOf(podSpec)
  for (const container of [...itemsOf(spec.initContainers), ...itemsOf(spec.containers)].map(fieldsOf)) {
    for (const env of itemsOf(container.env)) {
      use('ConfigMap', valueAt(env, ['valueFrom', 'configMapKeyRef', 'name']))
      use('Secret', valueAt(env, ['valueFrom', 'secretKeyRef', 'name']))
    }
    for (const source of itemsOf(container.envFrom)) {
      use('ConfigMap', valueAt(source, ['configMapRef', 'name']))
      use('Secret', valueAt(source, ['secretRef', 'name']))
    }
  }
  for (const volume of itemsOf(spec.volumes)) {
    use('ConfigMap', valueAt(volume, ['configMap', 'name']))
    use('Secret', valueAt(volume, ['secret', 'secretName']))
    for (const source of itemsOf(valueAt(volume, ['projected', 'sources']))) {
      use('ConfigMap', valueAt(source, ['configMap', 'name']))
      use('Secret', valueAt(source, ['secret', 'name']))
    }
  }
  return [...keys].sort()
}

/** What pods see of it. A Secret's `stringData` counts as the data that the API server makes of it. */
function configData(config: KubeObject): unknown {
  const data = { ...fieldsOf(config.data) }
  for (const [key, value] of Object.entries(fieldsOf(config.stringData)))
    data[key] = Buffer.from(stringOf(value) ?? '').toString('base64')
  return { data, binaryData: fieldsOf(config.binaryData) }
}
