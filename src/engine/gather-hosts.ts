import { checkHosts, type HostsCheck, isServedHere } from '../core/hosts/check-hosts.js'
import type { HostAddress, HostsGateway } from '../core/hosts/host-address.js'
import { type WantedHost, wantedHosts } from '../core/hosts/wanted-hosts.js'
import { type KubeObject, type ManifestObject, refKey } from '../core/kube-object.js'
import type { Project } from '../core/project.js'
import { ok, type Result } from '../core/result.js'
import type { Cluster } from '../ports/cluster.js'
import type { HostsFile } from '../ports/hosts-file.js'

/** What a project may do with the hosts file. */
export interface HostsTools {
  readonly file: HostsFile
  /** Of the project's block; see `blockId`. */
  readonly id: string
}

export interface GatheredHosts extends HostsCheck {
  /** The hosts file as it was read. */
  readonly text: string
}

/** Looks up all names that the manifests and the config want. Fails only where the hosts file cannot be read. */
export async function gatherHosts(
  { file, id }: HostsTools,
  about: {
    readonly project: Project
    readonly objects: readonly ManifestObject[]
    /** Routing objects of the cluster that are served besides. */
    readonly live: readonly KubeObject[]
    /** Of the cluster; asked where names lead there. */
    readonly address: () => Promise<HostAddress>
    /** Undefined where no gateway on this machine serves routes. */
    readonly gateway: HostsGateway | undefined
    /** Undefined where no cluster is asked. */
    readonly cluster: Pick<Cluster, 'get'> | undefined
  },
): Promise<Result<GatheredHosts>> {
  const read = await file.read()
  if (!read.ok) return read
  const wanted = wantedHosts(about.objects, about.project, about.live)
  // Without a name that leads to the cluster, neither Docker nor the cluster is asked for anything.
  const { gateway } = about
  const isNeeded = wanted.some(
    host =>
      (host.kind === 'plain' || host.kind === 'local') && (gateway === undefined || !isServedHere(host)),
  )
  const address: HostAddress = isNeeded ? await about.address() : { kind: 'unknown', reason: '' }
  const live = address.kind === 'published' ? await liveObjects(wanted, about.cluster) : new Map()
  const resolved = await resolveAll(wanted, file)
  const text = read.value
  const check = checkHosts({
    wanted,
    cluster: address,
    gateway,
    live,
    resolved,
    file: file.path,
    text,
    id,
    notes: file.notes,
  })
  return ok({ ...check, text })
}

async function liveObjects(
  wanted: readonly WantedHost[],
  cluster: Pick<Cluster, 'get'> | undefined,
): Promise<ReadonlyMap<string, KubeObject>> {
  const live = new Map<string, KubeObject>()
  if (cluster === undefined) return live
  const refs = new Map(wanted.flatMap(({ objects }) => objects).map(ref => [refKey(ref), ref]))
  await Promise.all(
    [...refs].map(async ([key, ref]) => {
      const found = await cluster.get(ref)
      if (found.ok && found.value !== undefined) live.set(key, found.value)
    }),
  )
  return live
}

/** One after another: a lookup that hangs, as without a network, holds one of the few threads that files are read by. */
async function resolveAll(
  wanted: readonly WantedHost[],
  file: HostsFile,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const resolved = new Map<string, readonly string[]>()
  for (const { name, kind } of wanted)
    if ((kind === 'plain' || kind === 'local') && !name.startsWith('*.'))
      resolved.set(name, await file.resolve(name))
  return resolved
}
