import { fieldsOf, isFields, itemsOf, stringOf, valueAt } from '../manifest/fields.js'
import { numberAt } from '../observe/fields.js'

export type ProbeAction =
  | {
      readonly kind: 'http'
      readonly port: number | string
      readonly path: string
      readonly secure: boolean
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly kind: 'tcp'; readonly port: number | string }
  | { readonly kind: 'exec'; readonly argv: readonly string[] }

/** A probe of a container with the defaults of the API. Times are in milliseconds. */
export interface ProbeSpec {
  readonly action: ProbeAction
  readonly initialDelay: number
  readonly period: number
  readonly timeout: number
  readonly successThreshold: number
  readonly failureThreshold: number
}

export type ProbeName = 'startupProbe' | 'readinessProbe' | 'livenessProbe'

/** Undefined where the container has no such probe, or one of a kind that is not known. */
export function probeOf(container: unknown, name: ProbeName): ProbeSpec | undefined {
  const probe = valueAt(container, [name])
  const action = actionOf(probe)
  if (action === undefined) return undefined
  const seconds = (field: string, standard: number) => (numberAt(probe, field) ?? standard) * 1000
  return {
    action,
    initialDelay: seconds('initialDelaySeconds', 0),
    period: Math.max(1000, seconds('periodSeconds', 10)),
    timeout: Math.max(1000, seconds('timeoutSeconds', 1)),
    successThreshold: Math.max(1, numberAt(probe, 'successThreshold') ?? 1),
    failureThreshold: Math.max(1, numberAt(probe, 'failureThreshold') ?? 3),
  }
}

function actionOf(probe: unknown): ProbeAction | undefined {
  const { httpGet, tcpSocket, exec, grpc } = fieldsOf(probe)
  if (isFields(httpGet)) {
    const port = portOf(httpGet.port)
    if (port === undefined) return undefined
    const headers = itemsOf(httpGet.httpHeaders)
      .map(fieldsOf)
      .map(({ name, value }) => [stringOf(name) ?? '', stringOf(value) ?? ''])
    return {
      kind: 'http',
      port,
      path: stringOf(httpGet.path) ?? '/',
      secure: httpGet.scheme === 'HTTPS',
      headers: Object.fromEntries(headers),
    }
  }
  const socket = isFields(tcpSocket) ? tcpSocket : isFields(grpc) ? grpc : undefined
  const port = portOf(socket?.port)
  // Whether a gRPC service is healthy is not asked: that it takes connections has to do.
  if (port !== undefined) return { kind: 'tcp', port }
  const argv = itemsOf(fieldsOf(exec).command).filter(part => typeof part === 'string')
  return argv.length === 0 ? undefined : { kind: 'exec', argv }
}

function portOf(value: unknown): number | string | undefined {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? value : undefined
}
