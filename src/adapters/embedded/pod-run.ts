import { portsOfPod } from '../../core/embedded/container-ports.js'
import { fixedPortAnnotation } from '../../core/embedded/pod-from-template.js'
import { type ContainerStatus, podStatus } from '../../core/embedded/pod-status.js'
import type { KubeObject } from '../../core/kube-object.js'
import { fieldsOf, stringOf, valueAt } from '../../core/manifest/fields.js'
import { type ContainerRun, containersIn, graceOf, runContainer } from './container-run.js'
import type { LocalAddress } from './free-port.js'
import type { NodeTools } from './node-tools.js'
import type { RecordEvent } from './pod-events.js'
import { createPodPorts, type PodPorts } from './pod-ports.js'
import type { PreparedRun } from './prepare-container.js'

/** A pod whose containers run as processes of this machine. */
export interface PodRun {
  /** Where connections to a port of the pod go. */
  addressOf(port: number): LocalAddress
  /** What a container runs as; undefined while it does not run. */
  preparedOf(container: string): PreparedRun | undefined
  /** Ends every container, those of the init phase too. Resolves when no process is left; `grace` in milliseconds in place of the pod's own. */
  stop(grace?: number): Promise<void>
}

export function runPod(tools: NodeTools, object: KubeObject, record: RecordEvent): PodRun {
  const { store, clock } = tools
  const { name, namespace } = object.metadata
  const ref = { apiVersion: 'v1', kind: 'Pod', name, ...(namespace === undefined ? {} : { namespace }) }
  const pod = (): KubeObject => store.get(ref) ?? object
  const startTime = new Date(clock.now()).toISOString()
  const runs = new Map<string, ContainerRun>()
  const portsBy = new Map<string, PodPorts>()
  const stopped = new AbortController()
  let isInitialized = false
  let stopping: number | undefined

  const statusesOf = (list: 'initContainers' | 'containers'): readonly ContainerStatus[] =>
    containersIn(object, list).map(
      spec => runs.get(stringOf(spec.name) ?? '')?.status() ?? unstarted(spec, list === 'containers'),
    )
  const show = (): void => {
    const over = new Set([...runs.values()].filter(run => run.isOver()).map(run => run.name))
    store.update(object, present => ({
      ...present,
      spec: { nodeName: 'process', ...fieldsOf(present.spec) },
      status: podStatus({
        inits: statusesOf('initContainers'),
        containers: statusesOf('containers'),
        initialized: isInitialized,
        over,
        startTime,
        now: new Date(clock.now()).toISOString(),
        before: fieldsOf(present.status),
      }),
    }))
  }
  const noteFixed = (port: number): void =>
    store.update(object, present => ({
      ...present,
      metadata: {
        ...present.metadata,
        annotations: { ...present.metadata.annotations, [fixedPortAnnotation]: String(port) },
      },
    }))

  const start = (spec: Readonly<Record<string, unknown>>, policy: string): ContainerRun => {
    const container = stringOf(spec.name) ?? ''
    const services = store.list({ apiVersion: 'v1', kind: 'Service' })
    const declared = portsOfPod(object, services).get(container) ?? []
    const exposed = tools.imageOf(stringOf(spec.image) ?? '')?.ports ?? []
    const ports = createPodPorts({
      ports: declared.length > 0 ? declared : exposed.map(containerPort => ({ containerPort })),
      freePort: tools.freePort,
      platform: tools.platform,
      ownerOf: tools.portOwner,
      onFixed: noteFixed,
      onOpen: show,
    })
    portsBy.set(container, ports)
    const run = runContainer({
      tools,
      pod,
      spec,
      ports,
      policy,
      onChange: show,
      onEvent: (type, reason, message) => record(pod(), { type, reason, message }),
    })
    runs.set(container, run)
    if (stopping !== undefined) void run.stop(stopping)
    return run
  }

  const work = async (): Promise<void> => {
    const policy = stringOf(valueAt(object, ['spec', 'restartPolicy'])) ?? 'Always'
    show()
    for (const spec of containersIn(object, 'initContainers')) {
      if (stopped.signal.aborted) return
      const isSidecar = spec.restartPolicy === 'Always'
      const run = start(spec, isSidecar ? 'Always' : policy === 'Never' ? 'Never' : 'OnFailure')
      await (isSidecar ? run.started : run.over)
      const { state } = run.status()
      if (!isSidecar && !('terminated' in state && state.terminated.exitCode === 0)) return
    }
    if (stopped.signal.aborted) return
    isInitialized = true
    const mains = containersIn(object, 'containers').map(spec => start(spec, policy))
    show()
    await Promise.all(mains.map(run => run.over))
    // What was to stand by them ends with them.
    for (const run of runs.values()) if (!mains.includes(run)) await run.stop(graceOf(object))
    show()
  }
  // A container's first step happens before `runs` has it.
  const worked = Promise.resolve().then(work)

  return {
    addressOf: port => {
      for (const ports of portsBy.values())
        if (ports.assigned().some(({ containerPort }) => containerPort === port)) return ports.addressOf(port)
      return { host: '127.0.0.1', port }
    },
    preparedOf: container => runs.get(container)?.prepared(),
    stop: async grace => {
      stopping = grace ?? graceOf(object)
      stopped.abort()
      await Promise.all([...runs.values()].map(run => run.stop(stopping ?? 0)))
      await worked
    },
  }
}

function unstarted(spec: Readonly<Record<string, unknown>>, isMain: boolean): ContainerStatus {
  const image = stringOf(spec.image) ?? ''
  return {
    name: stringOf(spec.name) ?? '',
    image,
    imageID: '',
    restartCount: 0,
    ready: false,
    started: false,
    state: { waiting: { reason: isMain ? 'ContainerCreating' : 'PodInitializing' } },
    lastState: {},
  }
}
