import { randomBytes, randomUUID } from 'node:crypto'
import type { EndpointCheck } from '../../core/checks/endpoint-check.js'
import { displayRef, type KubeObject, refOf } from '../../core/kube-object.js'
import { fieldManager, withMarks } from '../../core/ownership/marks.js'
import type { ObservedPod } from '../../core/rollout-observation.js'
import { createClientReader } from '../../core/verify/client-lines.js'
import { CLIENT_CONTAINER, clientPod } from '../../core/verify/client-pod.js'
import { type ClientTarget, REQUEST_PATIENCE } from '../../core/verify/client-script.js'
import { clientName } from '../../core/verify/left-clients.js'
import { type RequestSample, resultOfWords } from '../../core/verify/request-sample.js'
import type { VerifyWay } from '../../core/verify/verify-report.js'
import type { ClusterAccess } from '../../ports/cluster-access.js'
import type { ClientBook } from './client-book.js'
import type { NamespaceWatch } from './namespace-watch.js'

/** A stream of requests through a Service that goes on until it is stopped. */
export interface ServiceStream {
  readonly way: VerifyWay
  /** Resolves when the last request is over and nothing of it is left in the cluster. */
  stop(): Promise<void>
}

export interface ServiceStreamOptions {
  readonly access: ClusterAccess
  readonly book: ClientBook
  readonly watch: NamespaceWatch
  readonly service: KubeObject
  /** Images to try for a client in the cluster, in turn. */
  readonly images: readonly string[]
  readonly target: ClientTarget
  readonly sink: (sample: RequestSample) => void
  readonly signal: AbortSignal
}

/** Milliseconds that a client's pod has to start. */
const START_PATIENCE = 20_000

/** Begins the stream: by a client in a pod of its own where some image of the cluster can be one, else by the API server's proxy. */
export async function openServiceStream(options: ServiceStreamOptions): Promise<ServiceStream> {
  let reason = 'no image that is there has sh with node, curl, wget or bash'
  for (const image of options.images) {
    if (options.signal.aborted) break
    const opened = await openClient(options, image)
    if (typeof opened !== 'string') return opened
    reason = opened
  }
  return openProxyStream(options, reason)
}

/** The stream of a client's pod, or why this image gives none. */
async function openClient(
  { access, book, watch, service, target, sink, signal }: ServiceStreamOptions,
  image: string,
): Promise<ServiceStream | string> {
  const name = clientName(randomBytes(4).toString('hex'))
  const token = randomUUID()
  const object = clientPod({ name, service, image, target })
  const noted = await book.expect({ namespace: object.metadata.namespace ?? 'default', name, token })
  if (!noted.ok) return 'message' in noted.error ? noted.error.message : 'the journal cannot be written'
  const made = await access.cluster.apply(withMarks(object, token, undefined), {
    fieldManager,
    force: true,
    signal,
  })
  if (!made.ok) {
    // Whether it was made may not be known: the entry stays until somebody looked.
    if (made.error.kind === 'apply-rejected') await noted.value.gone()
    return 'message' in made.error ? made.error.message : 'the pod was refused'
  }
  const { uid = '' } = made.value.object.metadata
  const reading = new AbortController()
  let program: string | undefined
  let isUnable = false
  const open = new Set<string>()
  const read = createClientReader()
  let follows: Promise<void> | undefined

  const remove = async (): Promise<void> => {
    reading.abort()
    await follows
    // Also after Ctrl-C: what was made goes.
    const deleted = await access.cluster.delete(refOf(object), {
      uid,
      propagation: 'Background',
      wait: false,
    })
    if (deleted.ok) await noted.value.gone()
  }
  const follow = (pod: ObservedPod, containerId: string): Promise<void> =>
    access.logs.follow(
      {
        namespace: pod.namespace,
        pod: pod.name,
        podUid: pod.uid,
        container: CLIENT_CONTAINER,
        restarts: 0,
        containerId,
      },
      event => {
        if (event.type !== 'line') return
        const number = /^([SE]) (\d+)/.exec(event.text)
        if (number?.[1] === 'S') open.add(number[2] ?? '')
        else open.delete(number?.[2] ?? '')
        const line = read(event.text, Date.parse(event.time))
        if (line?.type === 'client') program = line.program
        else if (line?.type === 'no-client') isUnable = true
        else if (line?.type === 'sample') sink(line.sample)
        watch.wake()
      },
      { signal: reading.signal },
    )
  const look = (): boolean => {
    const pod = watch.pods.get(uid)
    const container = pod?.containers[0]
    const { state, containerId } = container ?? {}
    if (pod !== undefined && containerId !== undefined && state?.kind !== 'waiting')
      follows ??= follow(pod, containerId)
    const isStuck = state?.kind === 'waiting' && /Err|BackOff|Invalid/.test(state.reason)
    const isStillborn = state?.kind === 'terminated' && /StartError|ContainerCannotRun/.test(state.reason)
    if (isStuck || isStillborn || (pod?.phase === 'Failed' && follows === undefined)) isUnable = true
    return isUnable || program !== undefined
  }
  const isThere = await watch.until(look, START_PATIENCE)
  if (program === undefined) {
    await remove()
    return isThere
      ? `${image} has no sh with node, curl, wget or bash`
      : `${displayRef(refOf(object))} with ${image} did not start within ${START_PATIENCE / 1000} s`
  }
  return {
    way: { kind: 'pod', program, image },
    stop: async () => {
      const asked = new Set(open)
      // What is under way now gets its answer; what begins after this counts no more.
      await watch.until(() => [...asked].every(id => !open.has(id)), (REQUEST_PATIENCE + 2) * 1000)
      await remove()
    },
  }
}

/** Requests by the API server's proxy, which neither holds nor repeats them. */
function openProxyStream(
  { access, service, target, sink }: ServiceStreamOptions,
  reason: string,
): ServiceStream {
  const { name, namespace = 'default' } = service.metadata
  const check: EndpointCheck = {
    kind: 'http',
    target: name,
    host: `${name}.${namespace}.svc`,
    port: target.port,
    path: target.path,
    secure: false,
    timeout: REQUEST_PATIENCE,
  }
  const open = new Set<Promise<void>>()
  const ask = async (): Promise<void> => {
    const startedAt = Date.now()
    const answer = await access.probe.probe(check, {
      namespace,
      signal: AbortSignal.timeout(REQUEST_PATIENCE * 1000),
    })
    const result = answer.ok ? ({ kind: 'answered', status: 200 } as const) : resultOfWords(answer.error)
    sink({ startedAt, endedAt: Date.now(), result })
  }
  const timer = setInterval(() => {
    // The API server serves others, too.
    if (open.size >= MOST_OPEN) return
    const one = ask().finally(() => open.delete(one))
    open.add(one)
  }, 1000 / target.rate)
  return {
    way: { kind: 'api-server', reason },
    stop: async () => {
      clearInterval(timer)
      await Promise.all(open)
    },
  }
}

const MOST_OPEN = 40
