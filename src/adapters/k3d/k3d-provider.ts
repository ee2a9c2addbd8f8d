import type Docker from 'dockerode'
import { addressOfContainers } from '../../core/hosts/host-address.js'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ClusterProvider } from '../../ports/cluster-provider.js'
import type { ImageLoader } from '../../ports/image-loader.js'
import type { CommandOutput, ProcessRunner } from '../../ports/process-runner.js'

export interface K3dProviderOptions {
  /** The cluster's name; its context is `k3d-NAME`. */
  readonly name: string
  /** Node image and config file for `create`. */
  readonly image: string | undefined
  readonly config: string | undefined
  readonly docker: () => Promise<Docker>
  readonly runner: ProcessRunner
  /** Makes the loader for the nodes that `nodes` names. */
  readonly createLoader: (loader: K3dLoaderNeeds) => ImageLoader
}

export interface K3dLoaderNeeds {
  readonly nodes: () => Promise<Result<readonly string[]>>
  /** The way to load images that k3d itself has. */
  readonly providerLoad: {
    /** As a person would write it, without the image. */
    readonly command: string
    readonly load: (reference: string, signal: AbortSignal) => Promise<Result<CommandOutput>>
  }
}

// k3d puts these on everything that it makes (its pkg/types).
const CLUSTER_LABEL = 'k3d.cluster'
const ROLE_LABEL = 'k3d.role'
const CREATE_WAIT = '120s'
const API_PORT = 6443

/** A k3d cluster, known by the labels of its node containers. Creating, starting and deleting take the `k3d` program. */
export function createK3dProvider(options: K3dProviderOptions): ClusterProvider {
  const { name, runner } = options
  const contextName = `k3d-${name}`
  let loader: ImageLoader | undefined

  async function containers(): Promise<Result<readonly Docker.ContainerInfo[]>> {
    try {
      const docker = await options.docker()
      const filters = { label: ['app=k3d', `${CLUSTER_LABEL}=${name}`] }
      return ok(await docker.listContainers({ all: true, filters }))
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      // Where it was a connection that failed, its error has the socket.
      const { address } = error as { readonly address?: string }
      return err({ kind: 'engine-unreachable', endpoint: address ?? 'docker', message })
    }
  }

  /** The cluster's containers, all running. A stopped cluster is started by k3d, which also mends the name of the host within it. */
  async function running(): Promise<Result<readonly Docker.ContainerInfo[]>> {
    const found = await containers()
    if (!found.ok) return found
    if (!found.value.some(isNode))
      return err({
        kind: 'cluster-missing',
        message: `there is no k3d cluster "${name}"`,
        hint: `k3d cluster create ${name}`,
      })
    const needed = found.value.filter(container => isNode(container) || isLoadBalancer(container))
    if (needed.every(({ State }) => State === 'running')) return found
    const argv: [string, ...string[]] = ['k3d', 'cluster', 'start', name, '--wait', '--timeout', CREATE_WAIT]
    const started = await runner.run(argv)
    return started.ok ? containers() : err(explainMissing(started.error))
  }

  return {
    kind: 'k3d',
    contextName,
    async exists() {
      const found = await containers()
      return found.ok ? ok(found.value.some(isNode)) : found
    },
    async verify(server) {
      const found = await running()
      if (!found.ok) return found
      // The load balancer publishes the port; without one (--no-lb) the first server does.
      const ports = found.value
        .filter(container => isLoadBalancer(container) || container.Labels[ROLE_LABEL] === 'server')
        .flatMap(({ Ports }) => Ports)
      if (ports.some(port => leadsTo(server, port))) return ok(undefined)
      return err({
        kind: 'cluster-refused',
        context: contextName,
        reason: 'not-what-it-says',
        message: `${contextName} leads to ${server}, which is not the API server of the k3d cluster "${name}" on this machine`,
      })
    },
    async hostAddress() {
      const found = await containers()
      if (!found.ok)
        return { kind: 'unknown', reason: 'Docker does not answer, which knows the ports of the cluster' }
      const own = found.value.filter(container => isNode(container) || isLoadBalancer(container))
      return addressOfContainers(own, {
        cluster: `k3d cluster "${name}"`,
        apiPort: API_PORT,
        remedy: `publish one with "k3d cluster edit ${name} --port-add 80:80@loadbalancer"`,
      })
    },
    async create({ signal, onOutput }) {
      const argv: [string, ...string[]] = [
        'k3d',
        'cluster',
        'create',
        name,
        '--wait',
        '--timeout',
        CREATE_WAIT,
      ]
      if (options.image !== undefined) argv.push('--image', options.image)
      if (options.config !== undefined) argv.push('--config', options.config)
      const result = await runner.run(argv, { signal, onLine: onOutput })
      return result.ok ? ok(undefined) : err(explainMissing(result.error))
    },
    async delete({ onOutput }) {
      const result = await runner.run(['k3d', 'cluster', 'delete', name], { onLine: onOutput })
      return result.ok ? ok(undefined) : err(explainMissing(result.error))
    },
    loader() {
      loader ??= options.createLoader({
        async nodes() {
          const found = await running()
          return found.ok ? ok(found.value.filter(isNode).map(nodeName)) : found
        },
        providerLoad: {
          command: 'k3d image import',
          load: (reference, signal) =>
            runner.run(['k3d', 'image', 'import', '-c', name, reference], { signal }),
        },
      })
      return loader
    },
  }
}

const isNode = ({ Labels }: Docker.ContainerInfo): boolean =>
  Labels[ROLE_LABEL] === 'server' || Labels[ROLE_LABEL] === 'agent'

const isLoadBalancer = ({ Labels }: Docker.ContainerInfo): boolean => Labels[ROLE_LABEL] === 'loadbalancer'

const nodeName = (container: Docker.ContainerInfo): string =>
  (container.Names[0] ?? container.Id).replace(/^\//, '')

/** Whether an API server's URL is this published port of this machine. k3d writes 0.0.0.0 into kubeconfigs, or Docker Desktop's name of the host. */
function leadsTo(server: string, port: Docker.Port): boolean {
  if (!URL.canParse(server) || port.PrivatePort !== API_PORT || port.PublicPort === undefined) return false
  const url = new URL(server)
  if (url.protocol !== 'https:' || (url.port || '443') !== String(port.PublicPort)) return false
  return (
    ['localhost', '[::1]', '0.0.0.0', 'host.docker.internal'].includes(url.hostname) ||
    /^127(\.\d{1,3}){3}$/.test(url.hostname)
  )
}

function explainMissing(problem: Problem): Problem {
  if (problem.kind !== 'command-failed' || problem.reason !== 'not-found') return problem
  return {
    kind: 'cluster-missing',
    message: 'the k3d program is not installed',
    hint: 'install it (https://k3d.io/#installation), or name another cluster in the config',
  }
}
