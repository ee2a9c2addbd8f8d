import type { KubeObject } from '../kube-object.js'
import { type Fields, fieldsOf, itemsOf, stringOf } from '../manifest/fields.js'
import { err, ok, type Result } from '../result.js'
import { podField, resourceField } from './field-value.js'
import type { LocalService } from './local-service.js'
import { expandReferences } from './references.js'
import { serviceLinks } from './service-links.js'

/** Why a container cannot be made, in the kubelet's words: `reason` is that of the waiting container, and `message` too. */
export interface ContainerFault {
  readonly reason: 'CreateContainerConfigError' | 'CreateContainerError'
  readonly message: string
}

export type FindObject = (kind: 'ConfigMap' | 'Secret', name: string) => KubeObject | undefined

export interface EnvInput {
  readonly pod: KubeObject
  readonly container: Fields
  /** Objects of the pod's namespace. */
  readonly objects: FindObject
  readonly services: readonly LocalService[]
}

export const configFault = (message: string): ContainerFault => ({
  reason: 'CreateContainerConfigError',
  message,
})

/** The variables that a pod gives its container: of Services, `envFrom` and `env`, a later one over an earlier, in the kubelet's order. */
export function containerEnv(input: EnvInput): Result<ReadonlyMap<string, string>, ContainerFault> {
  const { pod, container, services } = input
  const linked = fieldsOf(pod.spec).enableServiceLinks !== false
  const env = new Map(linked ? serviceLinks(services, pod.metadata.namespace ?? 'default') : [])
  for (const source of itemsOf(container.envFrom).map(fieldsOf)) {
    const values = envFrom(source, input)
    if (!values.ok) return values
    for (const [name, value] of values.value) env.set(name, value)
  }
  for (const entry of itemsOf(container.env).map(fieldsOf)) {
    const name = stringOf(entry.name) ?? ''
    const value = entryValue(entry, env, input)
    if (!value.ok) return value
    if (value.value !== undefined) env.set(name, value.value)
  }
  return ok(env)
}

function envFrom(
  source: Fields,
  input: EnvInput,
): Result<readonly (readonly [string, string])[], ContainerFault> {
  const kind = source.secretRef === undefined ? 'ConfigMap' : 'Secret'
  const reference = fieldsOf(kind === 'Secret' ? source.secretRef : source.configMapRef)
  const name = stringOf(reference.name) ?? ''
  const object = input.objects(kind, name)
  if (object === undefined)
    return reference.optional === true
      ? ok([])
      : err(configFault(`${kind.toLowerCase()} "${name}" not found`))
  const prefix = stringOf(source.prefix) ?? ''
  // A key that no environment can hold is left out, as the kubelet does.
  return ok(
    Object.entries(textsOf(object)).flatMap(([key, value]) =>
      key.includes('=') ? [] : [[`${prefix}${key}`, value] as const],
    ),
  )
}

/** Undefined: an optional one that is not there. */
function entryValue(
  entry: Fields,
  env: ReadonlyMap<string, string>,
  { pod, container, objects }: EnvInput,
): Result<string | undefined, ContainerFault> {
  if (entry.valueFrom === undefined || entry.valueFrom === null)
    return ok(expandReferences(`${entry.value ?? ''}`, name => env.get(name)))
  const from = fieldsOf(entry.valueFrom)
  if (from.fieldRef !== undefined) {
    const path = stringOf(fieldsOf(from.fieldRef).fieldPath) ?? ''
    const value = podField(pod, path)
    return value === undefined ? err(configFault(`fieldPath "${path}" is not supported`)) : ok(value)
  }
  if (from.resourceFieldRef !== undefined)
    return ok(resourceField(pod, container, fieldsOf(from.resourceFieldRef)))
  const kind = from.secretKeyRef === undefined ? 'ConfigMap' : 'Secret'
  const reference = fieldsOf(kind === 'Secret' ? from.secretKeyRef : from.configMapKeyRef)
  return keyOf(kind, reference, { pod, objects })
}

function keyOf(
  kind: 'ConfigMap' | 'Secret',
  reference: Fields,
  { pod, objects }: Pick<EnvInput, 'pod' | 'objects'>,
): Result<string | undefined, ContainerFault> {
  const name = stringOf(reference.name) ?? ''
  const key = stringOf(reference.key) ?? ''
  const object = objects(kind, name)
  const isOptional = reference.optional === true
  if (object === undefined)
    return isOptional ? ok(undefined) : err(configFault(`${kind.toLowerCase()} "${name}" not found`))
  const value = textsOf(object)[key]
  if (value !== undefined || isOptional) return ok(value)
  return err(
    configFault(`couldn't find key ${key} in ${kind} ${pod.metadata.namespace ?? 'default'}/${name}`),
  )
}

/** The values of a ConfigMap or Secret as text, by key. */
function textsOf(object: KubeObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(contentsOf(object)).map(([key, bytes]) => [key, new TextDecoder().decode(bytes)]),
  )
}

/** The values of a ConfigMap or Secret, by key. */
export function contentsOf(object: KubeObject): Readonly<Record<string, Uint8Array>> {
  const plain = (fields: unknown) =>
    Object.entries(fieldsOf(fields)).map(
      ([key, value]) => [key, new TextEncoder().encode(`${value}`)] as const,
    )
  const encoded = (fields: unknown) =>
    Object.entries(fieldsOf(fields)).map(
      ([key, value]) => [key, Uint8Array.from(Buffer.from(`${value}`, 'base64'))] as const,
    )
  return Object.fromEntries(
    object.kind === 'Secret'
      ? [...encoded(object.data), ...plain(object.stringData)]
      : [...plain(object.data), ...encoded(object.binaryData)],
  )
}
