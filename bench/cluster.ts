import { createHash } from 'node:crypto'
import { availableParallelism, loadavg } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { BASE_IMAGE, PROBE_PERIOD } from './generate.js'
import { run } from './process-group.js'

/** What the figures depend on, beside the tools. */
export interface Conditions {
  readonly cores: number
  readonly engine: string
  readonly imageStore: string
  readonly kubernetes: string
  readonly nodes: number
  readonly nodeRuntime: string
  readonly probePeriodSeconds: number
  readonly services: number
  readonly payloadMb: number
}

/** A kind cluster on the local engine. */
export interface BenchCluster {
  readonly context: string
  readonly nodes: readonly string[]
  conditions(given: { readonly services: number; readonly payloadMb: number }): Promise<Conditions>
  /** Until the NodePorts can be taken; fails with what to do when the node does not publish one, or another Service keeps it. */
  portsFree(first: number, count: number, signal: AbortSignal): Promise<void>
  createNamespace(name: string): Promise<void>
  deleteNamespace(name: string): Promise<void>
  /** Until no rollout of the Deployment is under way. */
  settled(namespace: string, deployment: string): Promise<void>
  /** Whether every node holds the base image unpacked: then a tool that sends only what is missing need not send it. */
  hasBase(): Promise<boolean>
  /** Size of one image of this repository in the engine, in MB. */
  imageMb(repository: string): Promise<number>
  /** Removes the images under a prefix from the engine and the nodes. */
  removeImages(prefix: string): Promise<void>
}

/** Milliseconds. */
const PORTS_BOUND = 60_000

export const currentLoad = () => (loadavg()[0] ?? 0).toFixed(1)

/** Finds the cluster; rejects when it is not there. */
export async function openCluster(name: string): Promise<BenchCluster> {
  const context = `kind-${name}`
  const nodes = words(await run('kind', ['get', 'nodes', '--name', name]))
  if (nodes.length === 0) throw new Error(`there is no kind cluster "${name}"; see bench/README.md`)
  const kubectl = (args: readonly string[], timeout = 60_000) =>
    run('kubectl', ['--context', context, ...args], { timeout })
  const onNode = (node: string, args: readonly string[]) =>
    run('docker', ['exec', node, 'ctr', '-n', 'k8s.io', ...args])

  return {
    context,
    nodes,

    conditions: async given => {
      const info = JSON.parse(await run('docker', ['info', '--format', '{{json .}}'])) as EngineInfo
      const list = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as NodeList
      const node = list.items[0]?.status.nodeInfo
      const isContainerd = JSON.stringify(info.DriverStatus ?? []).includes('io.containerd.snapshotter')
      return {
        cores: availableParallelism(),
        engine: `Docker ${info.ServerVersion}`,
        imageStore: `${isContainerd ? 'containerd' : 'classic'} (${info.Driver})`,
        kubernetes: node?.kubeletVersion ?? 'unknown',
        nodes: list.items.length,
        nodeRuntime: node?.containerRuntimeVersion ?? 'unknown',
        probePeriodSeconds: PROBE_PERIOD,
        ...given,
      }
    },

    portsFree: async (first, count, signal) => {
      const wanted = Array.from({ length: count }, (_, index) => first + index)
      const published = (await Promise.all(nodes.map(node => run('docker', ['port', node])))).join('\n')
      const hidden = wanted.filter(port => !published.includes(`${port}/tcp -> `))
      if (hidden.length > 0)
        throw new Error(`the node does not publish the ports ${hidden.join(', ')}; see bench/README.md`)
      const probe = (port: number) =>
        kubectl(
          `create service nodeport probe -n default --tcp=3000 --dry-run=server --node-port=${port}`.split(
            ' ',
          ),
        )
      // The API server gives the ports of deleted Services free a while after they are gone.
      const end = performance.now() + PORTS_BOUND
      for (const port of wanted) {
        for (let isFree = false; !isFree; ) {
          signal.throwIfAborted()
          try {
            await probe(port)
            isFree = true
          } catch (error) {
            if (performance.now() > end)
              throw new Error(`NodePort ${port} is not free; choose --first-node-port`, { cause: error })
            await delay(500)
          }
        }
      }
    },

    createNamespace: async namespace => {
      await kubectl(['create', 'namespace', namespace])
    },

    deleteNamespace: async namespace => {
      await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait'], 120_000)
    },

    settled: async (namespace, deployment) => {
      await kubectl(
        ['rollout', 'status', `deployment/${deployment}`, '-n', namespace, '--timeout=60s'],
        65_000,
      )
    },

    hasBase: async () => {
      const layers = JSON.parse(
        await run('docker', ['image', 'inspect', BASE_IMAGE, '--format', '{{json .RootFS.Layers}}']),
      ) as readonly string[]
      const found = nodes.map(node =>
        onNode(node, ['snapshots', 'info', chainId(layers)]).then(
          () => true,
          () => false,
        ),
      )
      return (await Promise.all(found)).every(Boolean)
    },

    imageMb: async repository => {
      const [id] = words(await run('docker', ['image', 'ls', '-q', repository]))
      if (id === undefined) return Number.NaN
      return Math.round(Number(await run('docker', ['image', 'inspect', id, '--format', '{{.Size}}'])) / 1e6)
    },

    removeImages: async prefix => {
      const listed = await run('docker', [
        'image',
        'ls',
        '--filter',
        `reference=${prefix}/*`,
        '--format',
        '{{.Repository}}:{{.Tag}}',
      ])
      const local = words(listed).filter(reference => !reference.endsWith(':<none>'))
      if (local.length > 0) await run('docker', ['image', 'rm', '--force', ...local])
      for (const node of nodes) {
        const references = (await onNode(node, ['images', 'ls']))
          .split('\n')
          .map(line => line.split(/\s+/))
          .map(([name = '', , digest = '']) => ({ name, digest }))
        const own = references.filter(({ name }) => name.includes(`/${prefix}/`)).map(({ digest }) => digest)
        // The node's CRI plugin holds each image by a second reference of its own.
        const held = references.filter(({ digest }) => own.includes(digest)).map(({ name }) => name)
        if (held.length > 0) await onNode(node, ['images', 'rm', ...held])
      }
    },
  }
}

/** The id under which containerd keeps the unpacked stack of these layers (OCI image spec, "Layer ChainID"). */
function chainId(layers: readonly string[]): string {
  return layers.reduce(
    (below, layer) => `sha256:${createHash('sha256').update(`${below} ${layer}`).digest('hex')}`,
  )
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter(word => word !== '')
}

interface EngineInfo {
  readonly ServerVersion: string
  readonly Driver: string
  readonly DriverStatus: readonly (readonly string[])[] | null
}

interface NodeList {
  readonly items: readonly {
    readonly status: {
      readonly nodeInfo: { readonly kubeletVersion: string; readonly containerRuntimeVersion: string }
    }
  }[]
}
