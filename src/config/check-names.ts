import { parseEndpoint } from '../core/checks/endpoint-check.js'
import { parseImageRef } from '../core/image-ref.js'
import { type ConfigPath, type Finding, finding } from './finding.js'
import type { ConfigInput } from './schema.js'
import type { ServiceInput } from './service-schema.js'
import { suggestName } from './suggest.js'
import { parseWorkloadRef } from './workload-ref.js'

type Services = NonNullable<ConfigInput['services']>

/** Each service on its own: its image, its secrets, and names of services and workloads that lead nowhere. */
export function checkService(name: string, service: ServiceInput, services: Services): readonly Finding[] {
  const path: ConfigPath = ['services', name]
  return [
    ...checkOwnImage(name, service, path),
    ...(service.secrets ?? []).flatMap((secret, index) => checkSecret(secret, index, service, path)),
    ...(service.requires ?? []).flatMap((required, index) => {
      const at = [...path, 'requires', index]
      return [
        ...checkServiceName(required.service, [...at, 'service'], services),
        ...(required.arg in (service.buildArgs ?? {})
          ? [
              finding([...at, 'arg'], `"${required.arg}" is set by buildArgs, too`, {
                suggestion: 'keep one of the two',
              }),
            ]
          : []),
        ...(service.requires?.slice(0, index).some(other => other.arg === required.arg)
          ? [finding([...at, 'arg'], `"${required.arg}" is set by another entry of requires, too`)]
          : []),
      ]
    }),
    ...(service.workloads ?? []).flatMap((text, index) => checkWorkload(text, [...path, 'workloads', index])),
    ...(service.dependsOn ?? []).flatMap((text, index) => {
      const at = [...path, 'dependsOn', index]
      if (typeof text !== 'string') return checkEndpoint(text, at)
      return text.includes('/') ? checkWorkload(text, at) : checkServiceName(text, at, services)
    }),
  ]
}

/** One image reference that devloop only reads. */
export function checkImage(image: string, path: ConfigPath): readonly Finding[] {
  const parsed = parseImageRef(image)
  if (parsed.ok) return []
  return [finding(path, `the image "${image}" ${parsed.error}`, { suggestion: lowerCaseHint(image) })]
}

function checkOwnImage(name: string, service: ServiceInput, path: ConfigPath): readonly Finding[] {
  const image = service.image ?? name
  const [wrong] = checkImage(image, [...path, 'image'])
  if (wrong !== undefined)
    return service.image === undefined
      ? [
          finding(path, wrong.message, {
            on: 'key',
            suggestion: `add "image: ${image.toLowerCase()}", or rename the service`,
          }),
        ]
      : [wrong]
  if (!image.includes('@')) return []
  return [
    finding([...path, 'image'], 'an image that is built here cannot have a digest', {
      suggestion: `write "${image.slice(0, image.indexOf('@'))}"`,
    }),
  ]
}

const lowerCaseHint = (image: string): string | undefined =>
  image !== image.toLowerCase() && parseImageRef(image.toLowerCase()).ok
    ? `did you mean "${image.toLowerCase()}"?`
    : undefined

function checkSecret(
  secret: NonNullable<ServiceInput['secrets']>[number],
  index: number,
  service: ServiceInput,
  path: ConfigPath,
): readonly Finding[] {
  const at = [...path, 'secrets', index]
  const findings: Finding[] = []
  if ((secret.file === undefined) === (secret.env === undefined))
    findings.push(
      finding(at, `the secret "${secret.id}" must have exactly one of file and env`, {
        suggestion: `as in { id: ${secret.id}, file: ~/.${secret.id} }`,
      }),
    )
  if (service.secrets?.slice(0, index).some(other => other.id === secret.id))
    findings.push(finding([...at, 'id'], `another secret has the id "${secret.id}", too`))
  return findings
}

function checkServiceName(name: string, path: ConfigPath, services: Services): readonly Finding[] {
  if (Object.hasOwn(services, name)) return []
  return [
    finding(path, `there is no service "${name}"`, {
      suggestion: suggestName(name, Object.keys(services), 'the services are'),
    }),
  ]
}

function checkEndpoint(
  entry: { readonly http?: string | undefined; readonly tcp?: string | undefined },
  path: ConfigPath,
): readonly Finding[] {
  if ((entry.http === undefined) === (entry.tcp === undefined))
    return [
      finding(path, 'an endpoint must have exactly one of http and tcp', {
        suggestion: 'as in { tcp: mysql:3306 }',
      }),
    ]
  const kind = entry.http === undefined ? 'tcp' : 'http'
  const target = entry[kind] ?? ''
  const parsed = parseEndpoint(kind, target)
  return parsed.ok ? [] : [finding([...path, kind], `"${target}" ${parsed.error}`)]
}

function checkWorkload(text: string, path: ConfigPath): readonly Finding[] {
  const parsed = parseWorkloadRef(text)
  if (parsed.ok) return []
  return [finding(path, `"${text}" ${parsed.error.message}`, { suggestion: parsed.error.suggestion })]
}
