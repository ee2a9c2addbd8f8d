import { displayRef, refKey } from '../../core/kube-object.js'
import { cancelled, type Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ObservedWorkload } from '../../core/rollout-observation.js'
import { selects } from '../../core/routes/service-port.js'
import { clientImages } from '../../core/verify/client-pod.js'
import { diagnose } from '../../core/verify/diagnose.js'
import { mergePatches } from '../../core/verify/merge-patches.js'
import type { RequestSample } from '../../core/verify/request-sample.js'
import { streamReport } from '../../core/verify/stream-report.js'
import type { VerifyReport } from '../../core/verify/verify-report.js'
import type { Clock } from '../../ports/clock.js'
import type { ClusterAccess } from '../../ports/cluster-access.js'
import type { RequestStream } from '../../ports/request-stream.js'
import type { ServiceWorkload } from '../service-workloads.js'
import type { ClientBook } from './client-book.js'
import { openServiceStream } from './client-stream.js'
import { findService, hostOf } from './find-service.js'
import { watchNamespace } from './namespace-watch.js'

export interface VerifyTools {
  readonly access: ClusterAccess
  readonly book: ClientBook
  readonly clock: Clock
  readonly requests: RequestStream
}

export interface VerifyRequest {
  readonly service: string
  readonly workload: ServiceWorkload
  /** Images of workloads of the project, which the nodes have. */
  readonly images: readonly string[]
  /** Path and query that are asked for. */
  readonly path: string
  /** Requests a second. */
  readonly rate: number
  /** Milliseconds that the stream lasts at most. */
  readonly patience: number
  /** Where the gateway serves this service, or why it does not. */
  readonly gateway: { readonly port: number; readonly name: string } | { readonly left_out: string }
  /** Has the pods replaced. */
  readonly replace: () => Promise<Result<void>>
  readonly signal: AbortSignal
}

/** Answers in a row before the pods are replaced. */
const BASELINE = 10
const BASELINE_PATIENCE = 15_000
/** What comes after the last pod is part of a rollout: nodes learn of it a moment later. */
const AFTERMATH = 2000
/** Milliseconds after which a replacement that was asked for must have begun. */
const BEGIN_PATIENCE = 20_000

/** Sends requests to a workload through its Service while its pods are replaced, and reports what became of them. */
export async function verifyWorkload(
  { access, book, clock, requests }: VerifyTools,
  request: VerifyRequest,
): Promise<Result<VerifyReport>> {
  const { service: name, workload, path, rate, patience, gateway } = request
  const { ref } = workload.linked
  const live = await access.cluster.get(ref, request.signal)
  if (!live.ok) return live
  if (live.value === undefined) return err(unusable(`${displayRef(ref)} is not in the cluster`))
  const before = live.value
  const found = await findService(access.cluster, before)
  if (!found.ok) return found
  const { service, port } = found.value
  const own = new AbortController()
  const signal = AbortSignal.any([request.signal, own.signal])
  const namespace = before.metadata.namespace ?? 'default'
  const watch = watchNamespace({ observer: access.observer, clock, namespace, signal })
  const samples: RequestSample[] = []
  const throughGateway: RequestSample[] = []
  try {
    const stream = await openServiceStream({
      access,
      book,
      watch,
      service,
      images: clientImages(request.images, await nodeImages(access)),
      target: {
        host: hostOf(service),
        port: port.port,
        path,
        rate,
        seconds: Math.ceil(patience / 1000) + 60,
      },
      sink: sample => samples.push(sample),
      signal,
    })
    let local: ReturnType<RequestStream['start']> | undefined
    let outcome: Result<Replacement>
    try {
      const isUp = () =>
        samples.length >= BASELINE &&
        samples.slice(-BASELINE).every(({ result }) => result.kind === 'answered')
      if (!(await untilSamples(watch, isUp, BASELINE_PATIENCE)))
        return err(request.signal.aborted ? cancelled : unanswered(displayRef(ref), samples))
      samples.length = 0
      if ('port' in gateway)
        local = requests.start({ host: '127.0.0.1', ...gateway, path, rate }, sample =>
          throughGateway.push(sample),
        )
      const key = refKey(ref)
      const old = [...watch.pods.values()].filter(pod => selects(service, pod.labels)).map(({ uid }) => uid)
      outcome = await replace({
        ...request,
        clock,
        watch,
        key,
        old,
        generation: before.metadata.generation ?? 0,
      })
      if (outcome.ok && outcome.value.took !== undefined) await watch.until(() => false, AFTERMATH)
    } finally {
      await local?.stop()
      await stream.stop()
    }
    if (request.signal.aborted) return err(cancelled)
    if (!outcome.ok) return outcome
    const container = workload.containers[0] ?? ''
    const report = streamReport(samples)
    const findings = diagnose({
      workload: before,
      container,
      port: port.targetPort,
      path,
      stream: report,
      ends: watch.ends(container),
    })
    const atGateway = streamReport(throughGateway)
    return ok({
      service: name,
      workload: displayRef(ref),
      through: `service/${service.metadata.name}:${port.port}`,
      way: stream.way,
      rate,
      ...outcome.value,
      stream: report,
      gateway: 'port' in gateway ? { ...atGateway, address: `http://${gateway.name}${path}` } : gateway,
      findings,
      patch: mergePatches(findings.flatMap(({ patch }) => (patch === undefined ? [] : [patch]))),
      ok: report.failed + atGateway.failed === 0 && outcome.value.took !== undefined,
    })
  } finally {
    own.abort()
  }
}

interface Replacement {
  readonly took: number | undefined
  readonly replaced: number
}

/** Asks for new pods and waits until they are ready and the old ones are gone. */
async function replace({
  clock,
  watch,
  key,
  old,
  generation,
  patience,
  replace: act,
}: VerifyRequest & {
  readonly clock: Clock
  readonly watch: ReturnType<typeof watchNamespace>
  readonly key: string
  readonly old: readonly string[]
  readonly generation: number
}): Promise<Result<Replacement>> {
  const since = clock.now()
  const end = since + patience
  const asked = await act()
  if (!asked.ok) return asked
  const changed = () => (watch.workloads.get(key)?.generation ?? 0) > generation
  if (!(await watch.until(changed, Math.min(BEGIN_PATIENCE, patience))))
    return ok({ took: undefined, replaced: 0 })
  const gone = () => old.filter(uid => !watch.pods.has(uid)).length
  const isDone = () => gone() === old.length && isRolledOver(watch.workloads.get(key))
  const done = await watch.until(isDone, Math.max(0, end - clock.now()))
  return ok({ took: done ? clock.now() - since : undefined, replaced: gone() })
}

/** Whether every pod that a workload should have is there, new and ready. */
function isRolledOver(workload: ObservedWorkload | undefined): boolean {
  if (workload === undefined) return false
  const { generation, observedGeneration, desiredReplicas, updatedReplicas, availableReplicas } = workload
  return (
    observedGeneration >= generation &&
    updatedReplicas >= desiredReplicas &&
    availableReplicas >= desiredReplicas
  )
}

/** Samples of a client wake those who wait; those of the API server's proxy do not, so it is looked at in small steps, too. */
async function untilSamples(
  watch: ReturnType<typeof watchNamespace>,
  check: () => boolean,
  patience: number,
): Promise<boolean> {
  const step = 250
  for (let left = patience; left > 0; left -= step) if (await watch.until(check, step)) return true
  return false
}

/** Names of images that the nodes hold; none where they may not be asked. */
async function nodeImages({ cluster }: ClusterAccess): Promise<readonly string[]> {
  const kinds = await cluster.discover()
  const resource = kinds.ok
    ? kinds.value.find(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Node')
    : undefined
  const nodes = resource === undefined ? undefined : await cluster.list(resource)
  if (nodes?.ok !== true) return []
  return nodes.value.flatMap(node => {
    const { images = [] } = (node.status ?? {}) as {
      readonly images?: readonly { readonly names?: readonly string[] }[]
    }
    return images.flatMap(({ names = [] }) => names)
  })
}

const unusable = (message: string): Problem => ({ kind: 'usage-invalid', message })

function unanswered(workload: string, samples: readonly RequestSample[]): Problem {
  const failure = samples.findLast(({ result }) => result.kind === 'failed')?.result
  const words = failure?.kind === 'failed' ? failure.words : 'no request came back'
  return {
    kind: 'usage-invalid',
    message: `${workload} does not answer as it is: ${words}. Nothing was restarted`,
    hint: 'See devloop status for its pods; --path names another path than /.',
  }
}
