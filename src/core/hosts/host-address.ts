import { type KubeObject, type ObjectRef, refKey } from '../kube-object.js'
import { canonicalAddress } from './host-name.js'

/** Which address of this machine's network leads to what a cluster routes by name. */
export type HostAddress =
  | {
      readonly kind: 'known'
      readonly address: string
      /** What else a person must know or do for the address to answer. */
      readonly note?: string
    }
  /** Each name has the address that the status of its own Ingress or Gateway has; `otherwise` says why there may be none. */
  | { readonly kind: 'published'; readonly otherwise: string }
  | { readonly kind: 'unknown'; readonly reason: string }

/** A port of a container that this machine publishes, as Docker lists it. */
export interface PublishedPort {
  readonly PrivatePort: number
  readonly PublicPort?: number
  readonly IP?: string
}

/** The gateway on this machine, as far as it serves names. */
export interface HostsGateway {
  /** 0 for one that is chosen when it starts. */
  readonly port: number
  readonly isRunning: boolean
}

/** Where names lead that the gateway on this machine serves, whatever the cluster is: to this machine. */
export function addressOfGateway(
  { port, isRunning }: HostsGateway,
  names: readonly string[],
): Extract<HostAddress, { kind: 'known' }> {
  const at = port === 0 ? '' : port === 80 ? '/' : `:${port}/`
  const urls = names.slice(0, SHOWN).map(name => `http://${name}${at}`)
  const more = names.length > SHOWN ? [`${names.length - SHOWN} more`] : []
  const what = isRunning ? 'the gateway on this machine serves' : '"devloop up" serves on this machine'
  const where = port === 0 ? ', at a port that is free when it starts' : ''
  return { kind: 'known', address: '127.0.0.1', note: `${what} ${[...urls, ...more].join(', ')}${where}` }
}

/** Addresses that are told one by one. */
const SHOWN = 6

/** Ports at which browsers look. */
const WEB: readonly number[] = [80, 443]

/** A container that takes part in a cluster, as Docker lists it. */
export interface ClusterContainer {
  readonly State: string
  readonly Ports: readonly PublishedPort[]
}

/** The address at which a cluster of containers answers; `cluster` is its kind and name. `apiPort` is the API server's own port, which routes no names. */
export function addressOfContainers(
  containers: readonly ClusterContainer[],
  {
    cluster,
    apiPort,
    remedy,
  }: { readonly cluster: string; readonly apiPort: number; readonly remedy: string },
): HostAddress {
  const running = containers.filter(({ State }) => State === 'running')
  if (running.length === 0)
    return {
      kind: 'unknown',
      reason: containers.length === 0 ? `there is no ${cluster} yet` : `the ${cluster} is stopped`,
    }
  const ports = running.flatMap(({ Ports }) => Ports)
  return addressOfPorts(ports, { what: `the ${cluster}`, apiPort, remedy })
}

/** The address at which the published ports of a cluster's containers answer. `apiPort` is the API server's own, which routes no names. */
export function addressOfPorts(
  ports: readonly PublishedPort[],
  options: { readonly what: string; readonly apiPort: number; readonly remedy: string },
): HostAddress {
  const { what, apiPort, remedy } = options
  const published = ports.filter(port => port.PublicPort !== undefined && port.PrivatePort !== apiPort)
  const web = published.filter(({ PrivatePort }) => WEB.includes(PrivatePort))
  const moved = web.filter(({ PrivatePort, PublicPort }) => PrivatePort !== PublicPort)
  const candidates = web.length > 0 ? web : published
  const first = candidates.find(({ IP }) => !IP?.includes(':')) ?? candidates[0]
  if (first === undefined)
    return {
      kind: 'published',
      otherwise: `${what} publishes no port on this machine but the API server's: ${remedy}`,
    }
  const address = localAddress(first.IP)
  if (web.length > 0) {
    const at = new Set(moved.map(({ PrivatePort, PublicPort }) => `${PublicPort} (for ${PrivatePort})`))
    return at.size === 0
      ? { kind: 'known', address }
      : { kind: 'known', address, note: `${what} answers on this machine at port ${[...at].join(' and ')}` }
  }
  const numbers = [...new Set(published.map(({ PublicPort }) => PublicPort ?? 0))].sort((a, b) => a - b)
  const shown = numbers.length > 4 ? `${numbers[0]} to ${numbers.at(-1)}` : numbers.join(', ')
  return {
    kind: 'known',
    address,
    note: `${what} publishes neither port 80 nor 443 on this machine, only ${shown}: the names answer at a port that a Service has there`,
  }
}

/** "Every address" includes loopback. */
function localAddress(ip: string | undefined): string {
  if (ip === '::') return '::1'
  return ip === undefined || ip === '' || ip === '0.0.0.0' ? '127.0.0.1' : ip
}

/** The address of one name. `live` has the objects of the cluster that route it, by `refKey`. */
export function addressOf(
  host: { readonly objects: readonly ObjectRef[] },
  cluster: HostAddress,
  live: ReadonlyMap<string, KubeObject>,
): Exclude<HostAddress, { kind: 'published' }> {
  if (cluster.kind !== 'published') return cluster
  const points = host.objects.flatMap(ref => publishedIn(live.get(refKey(ref))))
  for (const point of points) {
    const address = point === 'localhost' ? '127.0.0.1' : canonicalAddress(point)
    if (address !== undefined) return { kind: 'known', address }
  }
  const [name] = points
  if (name === undefined) return { kind: 'unknown', reason: cluster.otherwise }
  return {
    kind: 'unknown',
    reason: `the cluster answers at the name ${name}, which a hosts file cannot take: its DNS must lead there`,
  }
}

interface Status {
  readonly loadBalancer?: {
    readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[]
  }
  readonly addresses?: readonly { readonly value?: string }[]
}

/** Addresses or names in the status of an Ingress (`loadBalancer`) or a Gateway (`addresses`). */
function publishedIn(object: KubeObject | undefined): readonly string[] {
  const status = object?.status as Status | undefined
  const points = [
    ...(status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => [ip, hostname]),
    ...(status?.addresses ?? []).map(({ value }) => value),
  ]
  return points.filter((point): point is string => point !== undefined && point !== '')
}
