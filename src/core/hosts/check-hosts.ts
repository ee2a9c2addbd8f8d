import type { KubeObject } from '../kube-object.js'
import { blockLines, hostLine, isInBlock } from './block.js'
import { addressOf, addressOfGateway, type HostAddress, type HostsGateway } from './host-address.js'
import { type HostLine, hostLines } from './host-lines.js'
import { asciiName, isLoopback } from './host-name.js'
import type { HostName, HostsReport } from './hosts-report.js'
import type { WantedHost } from './wanted-hosts.js'

export interface HostsFacts {
  readonly wanted: readonly WantedHost[]
  readonly cluster: HostAddress
  /** Undefined where there is none that serves routes. */
  readonly gateway?: HostsGateway | undefined
  /** The routing objects as the cluster has them, by `refKey`; empty where that does not matter. */
  readonly live: ReadonlyMap<string, KubeObject>
  /** What this machine resolves each plain or local name to. */
  readonly resolved: ReadonlyMap<string, readonly string[]>
  readonly file: string
  readonly text: string
  /** Of devloop's block in the file. */
  readonly id: string
  readonly notes: readonly string[]
}

export interface HostsCheck {
  readonly report: HostsReport
  /** All lines that devloop's block must have. */
  readonly block: readonly string[]
}

/** Which names are right on this machine, and which lines make the others so. Pure: the facts were gathered before. */
export function checkHosts(facts: HostsFacts): HostsCheck {
  const { cluster, gateway, wanted, text, id } = facts
  const mapped = hostLines(text)
  const ours = mapped.filter(({ line }) => isInBlock(text, id, line))
  const others = mapped.filter(host => !ours.includes(host))
  const names = facts.wanted.map(host => checkHost(host, facts, { ours, others }))
  const own = new Set(blockLines(text, id))
  const block = names.flatMap(({ needs }) => needs ?? [])
  const lines = block.filter(line => !own.has(line))
  const served = gateway === undefined ? [] : wanted.filter(isServedHere)
  const isOurs = new Set(served.map(({ name }) => name))
  const opened = served.filter(({ kind }) => kind === 'plain' || kind === 'local').map(({ name }) => name)
  const isConcerned = names.some(({ host }) => host.address !== undefined && !isOurs.has(host.name))
  const notes = [
    ...(cluster.kind === 'known' && isConcerned && cluster.note !== undefined ? [cluster.note] : []),
    ...(gateway !== undefined && opened.length > 0 ? [addressOfGateway(gateway, opened).note ?? ''] : []),
    ...(lines.length > 0 ? facts.notes : []),
  ]
  return {
    report: {
      file: facts.file,
      names: names.map(({ host }) => host),
      lines,
      ...(notes.length === 0 ? {} : { notes }),
    },
    block,
  }
}

/** Whether the gateway on this machine would serve a name: what is not HTTP stays the cluster's. */
export const isServedHere = ({ objects }: WantedHost): boolean =>
  objects.length === 0 || objects.some(({ kind }) => kind !== 'GRPCRoute' && kind !== 'TLSRoute')

interface Mapped {
  readonly ours: readonly HostLine[]
  readonly others: readonly HostLine[]
}

interface Checked {
  readonly host: HostName
  /** The line that the block must have for it. */
  readonly needs?: string
}

function checkHost(wanted: WantedHost, facts: HostsFacts, mapped: Mapped): Checked {
  const { name, kind, wantedBy } = wanted
  const resolvesTo = facts.resolved.get(name) ?? []
  const base = { name, wantedBy, address: undefined, resolvesTo, state: 'unknown' } as const
  if (kind === 'wildcard') {
    // A person who named some of them knows, and is not told at every start.
    const named = facts.wanted.filter(other => other.kind === 'plain' && other.name.endsWith(name.slice(1)))
    if (named.length > 0) {
      const hint = `a hosts file has no wildcards; named besides: ${named.map(other => other.name).join(', ')}`
      return { host: { ...base, state: 'ok', hint } }
    }
    const hint = 'a hosts file has no wildcards: name the hosts that you open under "hosts:" in the config'
    return { host: { ...base, hint } }
  }
  if (kind === 'invalid') {
    const ascii = asciiName(name)
    const hint = `it is no host name${ascii === undefined ? '' : `; DNS has it as ${ascii}`}`
    return { host: { ...base, hint } }
  }
  const { gateway, cluster, live } = facts
  const found =
    gateway !== undefined && isServedHere(wanted)
      ? addressOfGateway(gateway, [name])
      : addressOf(wanted, cluster, live)
  if (kind === 'local') return { host: localHost({ ...base, ...known(found) }) }
  if (found.kind === 'unknown') {
    const host = { ...base, hint: found.reason }
    // What was written when the address was known stays until it is known again.
    const own = mapped.ours.find(({ names }) => names.includes(name))
    return own === undefined ? { host } : { host, needs: hostLine(own.address, name) }
  }
  const { address } = found
  const state = resolvesTo.length === 0 ? 'missing' : isRight(address, resolvesTo) ? 'ok' : 'wrong'
  const host = { ...base, address, state } as const
  return { ...withLine(host, address, mapped, facts) }
}

const known = (found: ReturnType<typeof addressOf>) =>
  found.kind === 'known' ? { address: found.address } : { address: undefined }

/** Browsers find these by themselves, other programs where the system's resolver knows RFC 6761; never elsewhere than here. */
function localHost(host: HostName): HostName {
  const { address, resolvesTo } = host
  if (address === undefined || isLoopback(address)) {
    if (resolvesTo.length > 0) return { ...host, state: 'ok' }
    return { ...host, state: 'ok', hint: 'browsers find it by themselves; other programs here do not' }
  }
  return {
    ...host,
    state: 'wrong',
    hint: `this name always is this machine, and the cluster answers at ${address}: choose another name`,
  }
}

function withLine(host: HostName, address: string, { ours, others }: Mapped, facts: HostsFacts): Checked {
  const has = ({ names }: HostLine) => names.includes(host.name)
  const right = others.find(line => has(line) && line.address === address)
  const conflict = others.find(line => has(line) && !isRight(address, [line.address]))
  if (conflict !== undefined) {
    const hint = `${facts.file}:${conflict.line} maps it to ${conflict.address}; that line is not devloop's: change or delete it`
    return { host: host.state === 'ok' ? host : { ...host, hint } }
  }
  const inFile = `${facts.file} has the right line, and the name still resolves otherwise: is the file read first ("hosts:" in /etc/nsswitch.conf), or is an older answer kept?`
  if (right !== undefined) return { host: host.state === 'ok' ? host : { ...host, hint: inFile } }
  const isOurs = ours.some(has)
  // A name that DNS or the system itself answers rightly needs no line.
  if (host.state === 'ok' && !isOurs) return { host }
  const line = hostLine(address, host.name)
  const isThere = ours.some(own => has(own) && own.address === address)
  if (!isThere) return { host: { ...host, line }, needs: line }
  return { host: host.state === 'ok' ? host : { ...host, hint: inFile }, needs: line }
}

/** Whether every answer leads to the address: `::1` beside `127.0.0.1` is the same machine. */
function isRight(address: string, answers: readonly string[]): boolean {
  const same = (answer: string) => answer === address || (address === '127.0.0.1' && answer === '::1')
  return answers.every(same)
}
