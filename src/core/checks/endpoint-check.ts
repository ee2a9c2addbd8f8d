import { err, ok, type Result } from '../result.js'

/** A `dependsOn` that no object of the manifests answers for: something listens, or answers well. */
export interface EndpointCheck {
  readonly kind: 'http' | 'tcp'
  /** As the config has it. */
  readonly target: string
  /** A Service as pods name it (`config`, `config.NAMESPACE`, `config.NAMESPACE.svc…`), or a name or address of this machine. IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** With its query; of http. */
  readonly path: string
  /** Https. */
  readonly secure: boolean
  /** Seconds that it is waited for in all. */
  readonly timeout: number
}

export type Endpoint = Omit<EndpointCheck, 'timeout'>

/** Reads `http://config:8888/health` or `mysql:3306`. The error is the end of a sentence about the text. */
export function parseEndpoint(kind: EndpointCheck['kind'], target: string): Result<Endpoint, string> {
  return kind === 'http' ? parseHttp(target) : parseTcp(target)
}

function parseHttp(target: string): Result<Endpoint, string> {
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '')
    return err('must be a URL, as in http://config:8888/actuator/health')
  if (url.username !== '' || url.password !== '') return err('must have no user and no password')
  const secure = url.protocol === 'https:'
  return ok({
    kind: 'http',
    target,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    secure,
  })
}

function parseTcp(target: string): Result<Endpoint, string> {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(target)
  const [, address, name, digits] = parts ?? []
  const host = address ?? name
  const port = Number(digits)
  if (host === undefined || port < 1 || port > 65_535) return err('must be HOST:PORT, as in mysql:3306')
  return ok({ kind: 'tcp', target, host, port, path: '', secure: false })
}

/** Names a check in a session: what a name stands for depends on the namespace that it is asked from. */
export function checkId({ kind, target }: EndpointCheck, namespace: string): string {
  return `${kind} ${target} ${namespace}`
}

/** A Service that a host may name. */
export interface ServiceHost {
  readonly namespace: string
  readonly name: string
  /** Whether the host can be nothing else. */
  readonly certain: boolean
}

const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/

/** The Service that pods of a namespace reach under this host; undefined for what is no such name. */
export function serviceOfHost(host: string, from: string): ServiceHost | undefined {
  const [name = '', namespace = from, svc, ...rest] = host.split('.')
  if (host === 'localhost' || namespace === 'localhost') return undefined
  if (!label.test(name) || !label.test(namespace) || /^\d+$/.test(namespace)) return undefined
  if (svc === undefined) return { namespace, name, certain: false }
  const isCluster = svc === 'svc' && (rest.length === 0 || rest.join('.') === 'cluster.local')
  return isCluster ? { namespace, name, certain: true } : undefined
}
