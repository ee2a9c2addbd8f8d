import { join } from 'node:path'
import { machineEnv } from '../../core/process/machine-env.js'
import type { Clock } from '../../ports/clock.js'
import type { ClusterAccess } from '../../ports/cluster-access.js'
import type { PodExec } from '../../ports/pod-exec.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import { createSlices } from '../logs/slices.js'
import { portOwner } from '../process/port-owner.js'
import { createContainerLogs } from './container-logs.js'
import { createProcessStarter } from './container-process.js'
import { runControllers } from './controllers.js'
import { createDeletion } from './deletion.js'
import { createEmbeddedCluster } from './embedded-cluster.js'
import { createEmbeddedExec } from './embedded-exec.js'
import { createEmbeddedForward } from './embedded-forward.js'
import { createEmbeddedObserver } from './embedded-observer.js'
import { createEmbeddedProbe } from './embedded-probe.js'
import { createFreePorts } from './free-port.js'
import type { NodeTools } from './node-tools.js'
import { createObjectStore } from './object-store.js'
import { createProcessNode, type ProcessNode } from './process-node.js'
import { createServicePorts } from './service-ports.js'

export interface EmbeddedOptions {
  readonly context: string
  /** The same for one project at all times: what its journal says of objects is about this cluster. */
  readonly uid: string
  readonly clock: Clock
  readonly runner: ProcessRunner
  readonly platform: NodeJS.Platform
  /** This machine's variables. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** For volumes: it is made when a pod has one. */
  readonly folder: string
  readonly imageOf: NodeTools['imageOf']
  readonly missingProgram: NodeTools['missingProgram']
  /** Notes a process group that has to end with the owner of the project. */
  readonly register: (pid: number, mark: string) => Promise<unknown>
}

/** A cluster within this process: its objects live in memory, and its pods are processes of this machine, which end with `close`. */
export interface EmbeddedAccess extends ClusterAccess {
  readonly exec: PodExec
  close(): Promise<void>
}

/** Milliseconds that processes have to end when the cluster does: a person who leaves does not wait for half a minute. */
const CLOSE_GRACE = 2000

export function createEmbeddedAccess(options: EmbeddedOptions): EmbeddedAccess {
  const { context, uid, clock, runner, platform, env, folder, imageOf, missingProgram, register } = options
  const now = () => clock.now()
  const store = createObjectStore(now)
  const deletion = createDeletion(store, now)
  const freePort = createFreePorts()
  const logs = createContainerLogs(now)
  // The node asks for the addresses of Services, whose ports lead to its pods.
  const backends: ProcessNode['backends'] = (service, port) => node.backends(service, port)
  const services = createServicePorts({ store, freePort, backends })
  const node: ProcessNode = createProcessNode({
    store,
    clock,
    logs,
    processes: createProcessStarter({ platform, slices: createSlices(), register }),
    platform,
    machine: machineEnv(env),
    volumes: { pods: join(folder, 'pods'), claims: join(folder, 'claims') },
    imageOf,
    missingProgram,
    freePort,
    portOwner: (port, likely) => portOwner(port, { platform, runner, likely }),
    services: () => services.addresses(),
  })
  for (const name of ['default', 'kube-system'])
    store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  const controllers = runControllers({ store, deletion, clock })
  const identity = { context, server: 'this machine', uid, version: 'processes' }
  let closing: Promise<void> | undefined
  return {
    cluster: createEmbeddedCluster({ store, deletion, identity }),
    observer: createEmbeddedObserver(store),
    logs,
    forward: createEmbeddedForward(node),
    probe: createEmbeddedProbe(store, node),
    exec: createEmbeddedExec(node, platform),
    close: () => {
      closing ??= (async () => {
        controllers.stop()
        deletion.stop()
        await Promise.all([node.stop(CLOSE_GRACE), services.close()])
      })()
      return closing
    },
  }
}
