import type { KubeObject } from '../kube-object.js'
import type { ServiceSpec } from '../project.js'
import { selectsPodsOf, workloadsBehind } from './behind-endpoint.js'
import { valueAt } from './fields.js'
import type { LinkedObject } from './link.js'
import { podPathOf } from './pod-template.js'

/**
 * Of all objects, those that run the given services, the workloads that they depend on by name or as an endpoint, and what these reference: namespaces, ConfigMaps,
 * Secrets, claims, service accounts with their roles, the Services that select their pods, and the hooks of the chart releases that they are part of.
 */
export function selectObjects(
  objects: readonly LinkedObject[],
  services: readonly ServiceSpec[],
  namespace = 'default',
): readonly LinkedObject[] {
  const names = new Set(services.map(({ name }) => name))
  const workloadNames = new Set(
    services.flatMap(({ dependsOn }) => dependsOn.filter(name => name.includes('/'))),
  )
  const chosen = new Set<LinkedObject>()
  for (const object of objects) {
    const name = `${object.ref.kind.toLowerCase()}/${object.ref.name}`
    if (object.services.some(service => names.has(service)) || workloadNames.has(name)) chosen.add(object)
  }
  for (const check of services.flatMap(({ checks = [] }) => checks))
    for (const workload of workloadsBehind(check, objects, namespace)) chosen.add(workload)
  // The hooks of a chart prepare what its workloads need.
  const releases = new Set([...chosen].flatMap(({ release }) => release ?? []))
  for (const object of objects)
    if (object.hook !== undefined && releases.has(object.release ?? '')) chosen.add(object)
  for (const workload of [...chosen]) {
    const references = referencesOf(workload)
    for (const object of objects) {
      if (object.ref.namespace !== workload.ref.namespace) continue
      if (references.has(`${object.ref.kind}/${object.ref.name}`) || selectsPodsOf(object, workload))
        chosen.add(object)
    }
  }
  addRoles(objects, chosen)
  const namespaces = new Set([...chosen].map(({ ref }) => ref.namespace))
  return objects.filter(
    object => chosen.has(object) || (object.ref.kind === 'Namespace' && namespaces.has(object.ref.name)),
  )
}

const REFERENCE_KEYS: Readonly<Record<string, string>> = {
  configMapRef: 'ConfigMap',
  configMapKeyRef: 'ConfigMap',
  configMap: 'ConfigMap',
  secretRef: 'Secret',
  secretKeyRef: 'Secret',
  secret: 'Secret',
}

/** `Kind/name` of what a pod template names. */
function referencesOf({ ref, object }: LinkedObject): ReadonlySet<string> {
  const found = new Set<string>()
  const path = podPathOf(ref)
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item)
      return
    }
    if (typeof value !== 'object' || value === null) return
    for (const [key, child] of Object.entries(value as Record<string, unknown>)) {
      const kind = REFERENCE_KEYS[key]
      const { name, secretName, claimName } = (
        typeof child === 'object' && child !== null ? child : {}
      ) as Record<string, unknown>
      if (kind !== undefined && typeof (name ?? secretName) === 'string')
        found.add(`${kind}/${String(name ?? secretName)}`)
      if (typeof claimName === 'string') found.add(`PersistentVolumeClaim/${claimName}`)
      if (key === 'serviceAccountName' && typeof child === 'string') found.add(`ServiceAccount/${child}`)
      if (key === 'imagePullSecrets' && Array.isArray(child)) {
        for (const secret of child as { name?: unknown }[])
          if (typeof secret.name === 'string') found.add(`Secret/${secret.name}`)
      }
      visit(child)
    }
  }
  if (path !== undefined) visit(valueAt(object, path))
  const serviceName = valueAt(object, ['spec', 'serviceName'])
  if (typeof serviceName === 'string') found.add(`Service/${serviceName}`)
  return found
}

/** Bindings to chosen service accounts, and the roles that these bind. */
function addRoles(objects: readonly LinkedObject[], chosen: Set<LinkedObject>): void {
  const accounts = [...chosen].filter(({ ref }) => ref.kind === 'ServiceAccount')
  for (const binding of objects) {
    if (binding.ref.kind !== 'RoleBinding' && binding.ref.kind !== 'ClusterRoleBinding') continue
    if (!accounts.some(account => bindsTo(binding.object, account))) continue
    chosen.add(binding)
    const { kind, name } = (binding.object.roleRef ?? {}) as { kind?: unknown; name?: unknown }
    for (const role of objects) if (role.ref.kind === kind && role.ref.name === name) chosen.add(role)
  }
}

function bindsTo(binding: KubeObject, account: LinkedObject): boolean {
  const subjects = (binding.subjects ?? []) as { kind?: unknown; name?: unknown; namespace?: unknown }[]
  return subjects.some(
    ({ kind, name, namespace }) =>
      kind === 'ServiceAccount' &&
      name === account.ref.name &&
      (namespace === undefined || namespace === account.ref.namespace),
  )
}
