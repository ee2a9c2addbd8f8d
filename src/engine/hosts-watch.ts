import type { Announcement } from '../core/announcement.js'
import type { HostsGateway } from '../core/hosts/host-address.js'
import { hostNameKind } from '../core/hosts/host-name.js'
import type { HostName } from '../core/hosts/hosts-report.js'
import type { KubeObject } from '../core/kube-object.js'
import { memo } from '../core/memo.js'
import { isGatewayWanted } from '../core/routes/route-sources.js'
import type { State } from '../core/state.js'
import { gatherHosts, type HostsTools } from './gather-hosts.js'
import type { DeployTools } from './session-tools.js'
import type { Store } from './store.js'

/** Keeps the state's report on host names right. */
export interface HostsWatch {
  /** Looks the names up again if what they depend on has changed. */
  refresh(): void
  /** With `finish`, what is under way is told before this resolves. */
  stop(options: { readonly finish: boolean }): Promise<void>
}

export interface HostsWatchOptions {
  readonly hosts: HostsTools
  readonly deploy: Pick<DeployTools, 'provider' | 'access'>
  /** Whether changes of the hosts file itself are followed. */
  readonly follow: boolean
  /** Routing objects of the cluster that the gateway serves; `refresh` is to be called when there are others. */
  readonly live: () => readonly KubeObject[]
  readonly tell: (announcement: Announcement) => void
}

/** Looks names up when the manifests or the config change, when a cluster is connected, and when the hosts file changes; never on a timer. */
export function watchHosts(
  store: Store,
  { hosts, deploy, follow, live, tell }: HostsWatchOptions,
): HostsWatch {
  let seen: readonly unknown[] = []
  let running: Promise<void> | undefined
  let isDue = false
  let isStopped = false
  let isDropped = false
  let told = ''
  const identity = memo(identityOf)

  const check = async (): Promise<void> => {
    while (isDue && !isDropped) {
      isDue = false
      const { project, render, cluster } = store.getState()
      if (render.manifests === undefined || cluster.kind !== 'connected') return
      const gathered = await gatherHosts(hosts, {
        project,
        objects: render.manifests.objects,
        live: live(),
        address: () => deploy.provider.hostAddress(),
        gateway: gatewayOf(store.getState(), live()),
        cluster: deploy.access.cluster,
      })
      if (isDropped) return
      if (gathered.ok) {
        const { report } = gathered.value
        if (JSON.stringify(report) !== JSON.stringify(store.getState().hosts))
          store.dispatch({ type: 'hosts-checked', report })
        continue
      }
      const problem = JSON.stringify(gathered.error)
      if (problem !== told) tell({ type: 'problem', object: 'hosts', final: false, problem: gathered.error })
      told = problem
    }
  }

  const start = (): void => {
    if (isStopped) return
    isDue = true
    running ??= check()
      .catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error)
        store.dispatch({ type: 'effect-crashed', run: 0, problem: { kind: 'bug', where: 'hosts', message } })
      })
      .finally(() => {
        running = undefined
        // A change that came while the last look ended.
        if (isDue) start()
      })
  }

  const unfollow = follow ? hosts.file.watch(start) : () => {}

  return {
    refresh: () => {
      const state = store.getState()
      const { cluster, render } = state
      if (isStopped || render.manifests === undefined || cluster.kind !== 'connected') return
      const { project } = state
      const gateway = JSON.stringify(gatewayOf(state, live()))
      const now = [
        render.manifests,
        project.hosts,
        cluster.uid,
        addressesMayCome(state),
        gateway,
        identity(live()),
      ]
      if (now.every((part, at) => part === seen[at])) return
      seen = now
      start()
    },
    stop: async ({ finish }) => {
      isStopped = true
      isDropped = !finish
      unfollow()
      if (finish) await running
    },
  }
}

/** What names depend on: an address that an Ingress gets, say, is looked for by the steps of services. */
const identityOf = (live: readonly KubeObject[]): string =>
  JSON.stringify(
    live.map(({ apiVersion, kind, metadata: { namespace, name, deletionTimestamp }, spec }) => [
      ...[apiVersion, kind, namespace, name, deletionTimestamp],
      spec,
    ]),
  )

/** The gateway that serves, or is about to; one that failed, or is not to be, serves nothing. */
function gatewayOf(
  { gateway, project, render }: State,
  live: readonly KubeObject[],
): HostsGateway | undefined {
  if (gateway?.kind === 'serving') return { port: gateway.port, isRunning: true }
  const objects = [...(render.manifests?.objects ?? []), ...live.map(object => ({ object }))]
  if (gateway !== undefined || !isGatewayWanted(project.gateway, objects)) return undefined
  return { port: project.gateway.port, isRunning: true }
}

const isUnknown = ({ name, state }: HostName): boolean =>
  state === 'unknown' && hostNameKind(name) === 'plain'

/** A cluster gives an Ingress its address some time after it is applied: while one is not known, each step towards live asks again. */
function addressesMayCome({ hosts, services, objects }: State): string {
  if (hosts?.names.some(isUnknown) !== true) return ''
  const lives = Object.values(services).map(({ ledger }) => ledger.liveAt)
  const applied = Object.values(objects).filter(({ apply }) => apply.kind === 'applied').length
  return `${applied} ${lives.join()}`
}
