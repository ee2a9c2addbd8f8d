import type { LocalService } from './local-service.js'

/** Who asks: short names are of its own namespace. */
export interface AddressScope {
  readonly services: readonly LocalService[]
  readonly namespace: string
}

const HOST = '127.0.0.1'

/** Ports that clients take where a URL has none. */
const SCHEME_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  ws: 80,
  wss: 443,
  redis: 6379,
  rediss: 6379,
  mongodb: 27017,
  nats: 4222,
  amqp: 5672,
  postgres: 5432,
  postgresql: 5432,
  mysql: 3306,
}

const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?'
const NAME = `${LABEL}(?:\\.${LABEL})*`
/** A name with a port, where an address may begin and end. */
const ADDRESS = new RegExp(`(^|[/@,;=\\s"'(\\[])(${NAME})\\.?:(\\d{1,5})(?=$|[/,;?#\\s"')\\]])`, 'g')
/** A URL without a port. */
const URL_HOST = new RegExp(
  `(^|[,;=\\s"'(\\[])((?:jdbc:)?([a-z][a-z0-9+]*)://(?:[^/@\\s,]*@)?)(${NAME})\\.?(?=$|[/,;?#\\s"')\\]])`,
  'g',
)

/** A text with the addresses of Services replaced by those on this machine: `nats://nats:4222`, `http://tours.shop.svc/x`. Others stay. */
export function rewriteAddresses(text: string, scope: AddressScope): string {
  return text
    .replace(ADDRESS, (whole, before: string, name: string, port: string) => {
      const local = localPort(name, Number(port), scope)
      return local === undefined ? whole : `${before}${HOST}:${local}`
    })
    .replace(URL_HOST, (whole, before: string, start: string, scheme: string, name: string) => {
      const port = SCHEME_PORTS[scheme]
      const local = port === undefined ? undefined : localPort(name, port, scope)
      return local === undefined ? whole : `${before}${start}${HOST}:${local}`
    })
}

/** Values of a host and of its port that stand apart: `DB_HOST=mysql`, `DB_PORT=3306`. By variable, those that change. */
export function rewritePairs(
  env: ReadonlyMap<string, string>,
  scope: AddressScope,
): ReadonlyMap<string, string> {
  const changed = new Map<string, string>()
  for (const [name, value] of env) {
    const service = serviceOf(value, scope)
    const role = /^(.*?)(_?)(HOST|HOSTNAME|ADDR|ADDRESS|SERVER)$/i.exec(name)
    if (service === undefined || role === null) continue
    changed.set(name, HOST)
    const [, prefix = '', separator = ''] = role
    const portName = [...env.keys()].find(
      other => other.toLowerCase() === `${prefix}${separator}port`.toLowerCase(),
    )
    const local = service.ports.find(({ port }) => `${port}` === env.get(portName ?? ''))?.local
    if (portName !== undefined && local !== undefined) changed.set(portName, `${local}`)
  }
  return changed
}

function localPort(name: string, port: number, scope: AddressScope): number | undefined {
  return serviceOf(name, scope)?.ports.find(one => one.port === port)?.local
}

/** The Service that a name means inside the cluster: `tours`, `tours.shop`, `tours.shop.svc`, `tours.shop.svc.cluster.local`; a pod of a headless one, too. */
function serviceOf(host: string, { services, namespace }: AddressScope): LocalService | undefined {
  const labels = host.replace(/\.$/, '').split('.')
  const bare = withoutSuffix(labels)
  // `mysql-0.mysql`, of a StatefulSet: there is one replica.
  for (const [name, home, ...more] of [bare, bare.slice(1)]) {
    if (name === undefined || more.length > 0) continue
    const found = services.find(service => service.name === name && service.namespace === (home ?? namespace))
    if (found !== undefined && (bare[0] === name || found.headless)) return found
  }
  return undefined
}

function withoutSuffix(labels: readonly string[]): readonly string[] {
  const at = labels.lastIndexOf('svc')
  const rest = at < 2 ? '' : labels.slice(at + 1).join('.')
  return at >= 2 && (rest === '' || rest === 'cluster.local') ? labels.slice(0, at) : labels
}
