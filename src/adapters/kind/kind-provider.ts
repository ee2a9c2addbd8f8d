import type Docker from 'dockerode'
import { addressOfContainers } from '../../core/hosts/host-address.js'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ClusterProvider } from '../../ports/cluster-provider.js'
import type { ImageLoader } from '../../ports/image-loader.js'
import type { CommandOutput, ProcessRunner } from '../../ports/process-runner.js'

export interface KindProviderOptions {
  /** The cluster's name; its context is `kind-NAME`. */
  readonly name: string
  /** Node image and config file for `create`. */
  readonly image: string | undefined
  readonly config: string | undefined
  readonly docker: () => Promise<Docker>
  readonly runner: ProcessRunner
  /** Makes the loader for the nodes that `nodes` names. */
  readonly createLoader: (loader: KindLoaderNeeds) => ImageLoader
}

export interface KindLoaderNeeds {
  readonly nodes: () => Promise<Result<readonly string[]>>
  /** The way to load images that kind itself has. */
  readonly providerLoad: {
    /** As a person would write it, without the image. */
    readonly command: string
    readonly load: (reference: string, signal: AbortSignal) => Promise<Result<CommandOutput>>
  }
}

const CLUSTER_LABEL = 'io.x-k8s.kind.cluster'
const ROLE_LABEL = 'io.x-k8s.kind.role'
const CREATE_WAIT = '120s'
const API_PORT = 6443

/** A kind cluster, known by the labels of its node containers. Creating and deleting take the `kind` program. */
export function createKindProvider(options: KindProviderOptions): ClusterProvider {
  const { name, runner } = options
  const contextName = `kind-${name}`
  let loader: ImageLoader | undefined

  async function containers(): Promise<Result<readonly Docker.ContainerInfo[]>> {
    try {
      const docker = await options.docker()
      const filters = { label: [`${CLUSTER_LABEL}=${name}`] }
      return ok(await docker.listContainers({ all: true, filters }))
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      // Where it was a connection that failed, its error has the socket.
      const { address } = error as { readonly address?: string }
      return err({ kind: 'engine-unreachable', endpoint: address ?? 'docker', message })
    }
  }

  /** Nodes that run pods. Stopped ones are started, as a person would: kind has no command for it. */
  async function nodes(): Promise<Result<readonly string[]>> {
    const found = await containers()
    if (!found.ok) return found
    const own = found.value.filter(({ Labels }) => isNode(Labels[ROLE_LABEL]))
    if (own.length === 0)
      return err({
        kind: 'cluster-missing',
        message: `there is no kind cluster "${name}"`,
        hint: `kind create cluster --name ${name}`,
      })
    try {
      const docker = await options.docker()
      const stopped = own.filter(({ State }) => State !== 'running')
      await Promise.all(stopped.map(({ Id }) => docker.getContainer(Id).start()))
    } catch (error) {
      const message = `a node of kind cluster "${name}" does not start: ${String(error)}`
      return err({ kind: 'cluster-missing', message, hint: `docker start ${nodeName(own[0])}` })
    }
    return ok(own.map(nodeName))
  }

  return {
    kind: 'kind',
    contextName,
    async exists() {
      const found = await containers()
      return found.ok ? ok(found.value.some(({ Labels }) => isNode(Labels[ROLE_LABEL]))) : found
    },
    async verify(server) {
      const started = await nodes()
      if (!started.ok) return started
      const found = await containers()
      if (!found.ok) return found
      // With several control planes a load balancer container of the same cluster publishes the port.
      const ports = found.value.flatMap(({ Ports }) =>
        Ports.filter(port => port.PrivatePort === API_PORT && port.PublicPort !== undefined),
      )
      if (ports.some(port => leadsTo(server, port))) return ok(undefined)
      return err({
        kind: 'cluster-refused',
        context: contextName,
        reason: 'not-what-it-says',
        message: `${contextName} leads to ${server}, which is not the API server of the kind cluster "${name}" on this machine`,
      })
    },
    async hostAddress() {
      const found = await containers()
      if (!found.ok)
        return { kind: 'unknown', reason: 'Docker does not answer, which knows the ports of the nodes' }
      const own = found.value.filter(({ Labels }) => isNode(Labels[ROLE_LABEL]))
      return addressOfContainers(own, {
        cluster: `kind cluster "${name}"`,
        apiPort: API_PORT,
        remedy:
          'it needs extraPortMappings (containerPort and hostPort 80) in the config that it is made with (https://kind.sigs.k8s.io/docs/user/ingress/)',
      })
    },
    async create({ signal, onOutput }) {
      const argv: [string, ...string[]] = ['kind', 'create', 'cluster', '--name', name, '--wait', CREATE_WAIT]
      if (options.image !== undefined) argv.push('--image', options.image)
      if (options.config !== undefined) argv.push('--config', options.config)
      const result = await runner.run(argv, { signal, onLine: onOutput })
      return result.ok ? ok(undefined) : err(explainMissing(result.error))
    },
    async delete({ onOutput }) {
      const result = await runner.run(['kind', 'delete', 'cluster', '--name', name], { onLine: onOutput })
      return result.ok ? ok(undefined) : err(explainMissing(result.error))
    },
    loader() {
      loader ??= options.createLoader({
        nodes,
        providerLoad: {
          command: 'kind load docker-image',
          load: (reference, signal) =>
            runner.run(['kind', 'load', 'docker-image', reference, '--name', name], { signal }),
        },
      })
      return loader
    },
  }
}

const isNode = (role: string | undefined): boolean => role === 'control-plane' || role === 'worker'

const nodeName = (container: Docker.ContainerInfo | undefined): string =>
  (container?.Names[0] ?? container?.Id ?? '').replace(/^\//, '')

/** Whether an API server's URL is this published port: on loopback, or on every address and asked by loopback. */
function leadsTo(server: string, port: Docker.Port): boolean {
  if (!URL.canParse(server)) return false
  const url = new URL(server)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol !== 'https:' || url.port !== String(port.PublicPort)) return false
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

function explainMissing(problem: Problem): Problem {
  if (problem.kind !== 'command-failed' || problem.reason !== 'not-found') return problem
  return {
    kind: 'cluster-missing',
    message: 'the kind program is not installed',
    hint: 'install it (https://kind.sigs.k8s.io/docs/user/quick-start/), or name another cluster in the config',
  }
}
