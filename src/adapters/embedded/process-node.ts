import { join } from 'node:path'
import { isReady } from '../../core/embedded/pod-from-template.js'
import type { KubeObject } from '../../core/kube-object.js'
import { valueAt } from '../../core/manifest/fields.js'
import { textMapAt } from '../../core/observe/fields.js'
import { findPort, namedPorts, selects, servicePorts } from '../../core/routes/service-port.js'
import type { LocalAddress } from './free-port.js'
import type { NodeTools } from './node-tools.js'
import { recordEvents } from './pod-events.js'
import { type PodRun, runPod } from './pod-run.js'
import { removeVolumes } from './pod-volumes.js'

const PODS = { apiVersion: 'v1', kind: 'Pod' }

/** The one node of an embedded cluster: runs every pod that is in the store, and takes away those that are deleted once their processes have ended. */
export interface ProcessNode {
  runOf(namespace: string, pod: string): PodRun | undefined
  /** Where the ready pods of a Service take the connections of one of its ports. */
  backends(service: KubeObject, port: number): readonly LocalAddress[]
  /** Ends every process; no pod is run any more. */
  stop(grace: number): Promise<void>
}

export function createProcessNode(tools: NodeTools): ProcessNode {
  const { store, clock, logs, volumes } = tools
  const record = recordEvents(store, clock)
  /** By UID. */
  const runs = new Map<string, { readonly run: PodRun; readonly object: KubeObject }>()
  const ending = new Set<string>()
  let isStopped = false

  const end = async (object: KubeObject): Promise<void> => {
    const { uid = '' } = object.metadata
    if (ending.has(uid)) return
    ending.add(uid)
    await runs.get(uid)?.run.stop()
    ending.delete(uid)
    runs.delete(uid)
    store.remove(object)
    logs.forget(uid)
    await removeVolumes(join(volumes.pods, uid))
  }

  const see = (object: KubeObject): void => {
    const { uid = '', deletionTimestamp } = object.metadata
    if (deletionTimestamp !== undefined) return void end(object)
    if (!isStopped && !runs.has(uid)) runs.set(uid, { run: runPod(tools, object, record), object })
  }
  const off = store.subscribe(({ type, object }) => {
    if (type === 'set' && object.kind === 'Pod' && object.apiVersion === 'v1') see(object)
  })

  return {
    runOf: (namespace, pod) => {
      const object = store.get({ ...PODS, namespace, name: pod })
      return runs.get(object?.metadata.uid ?? '')?.run
    },
    backends: (service, port) => {
      const target = findPort(servicePorts(service), port)?.targetPort
      return store
        .list(PODS, service.metadata.namespace)
        .filter(
          pod =>
            pod.metadata.deletionTimestamp === undefined &&
            isReady(pod) &&
            selects(service, textMapAt(pod, 'metadata', 'labels')),
        )
        .flatMap(pod => {
          const number = typeof target === 'string' ? namedPorts(valueAt(pod, ['spec'])).get(target) : target
          const run = runs.get(pod.metadata.uid ?? '')?.run
          return number === undefined || run === undefined ? [] : [run.addressOf(number)]
        })
    },
    stop: async grace => {
      isStopped = true
      await Promise.all([...runs.values()].map(({ run }) => run.stop(grace)))
      off()
      await removeVolumes(volumes.pods)
    },
  }
}
