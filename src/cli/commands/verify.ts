import { isRestartable } from '../../core/answer-intent.js'
import { exitCodes } from '../../core/exit-code.js'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { StatusReport } from '../../core/status-report.js'
import type { VerifyReport } from '../../core/verify/verify-report.js'
import { applyObject } from '../../engine/apply-object.js'
import { restartObject } from '../../engine/restart-object.js'
import { type ServiceWorkload, serviceWorkloads } from '../../engine/service-workloads.js'
import { askedBook, journalBook } from '../../engine/verify/client-book.js'
import { verifyWorkload } from '../../engine/verify/verify-workload.js'
import { formatVerify } from '../../ui/format-verify.js'
import type { CommandEnd } from '../command-end.js'
import type { CommandIo } from '../io.js'
import { parseSince } from '../parse-since.js'
import {
  asOwner,
  besideOwner,
  type OwnedCluster,
  type ReachedProject,
  reachProject,
  readIntentAnswer,
} from '../reach-up.js'
import { reportProblem } from '../report-problem.js'

export interface VerifyOptions {
  readonly file?: string
  readonly services: readonly string[]
  readonly path: string
  readonly rate: string
  readonly for: string
  readonly restart?: true
  readonly redeploy?: true
  readonly json?: true
}

/** More would measure the client. */
const MOST_RATE = 50

/** Replaces the pods of services under a stream of requests, one service after the other, and reports every request that failed. */
export async function verify(io: CommandIo, options: VerifyOptions): Promise<CommandEnd> {
  const rate = Number(options.rate)
  const end = parseSince(options.for, 0)
  if (!(rate >= 1 && rate <= MOST_RATE))
    return usage(`--rate ${options.rate}`, `a number from 1 to ${MOST_RATE}`)
  if (end === undefined || end >= 0) return usage(`--for ${options.for}`, 'a time such as 90s or 5m')
  if (!/^\/[!-~]*$/.test(options.path))
    return usage(
      `--path ${options.path}`,
      'a path that begins with /, as it goes over the wire (%C3%A9 for é)',
    )
  const reached = await reachProject(io, options)
  if (!reached.ok) return reached.error
  if (reached.value.opened.cluster.kind === 'process')
    return usage(
      'there is nothing to verify without a cluster: how one replaces pods and moves their connections is not how processes are replaced',
      'Verify on a cluster: a profile with cluster: { kind: { name: dev, create: true } }, and devloop verify --profile NAME.',
    )
  const status = (await reached.value.ask({ type: 'status' })) as StatusReport | undefined
  const limits = { rate, patience: -end }
  return status === undefined
    ? asOwner(io, reached.value, 'verify', cluster =>
        verifyAll(io, options, { reached: reached.value, cluster, limits, status }),
      )
    : besideOwner(io, reached.value, cluster =>
        verifyAll(io, options, { reached: reached.value, cluster, limits, status }),
      )
}

interface Verifying {
  readonly reached: ReachedProject
  readonly cluster: Omit<OwnedCluster, 'loader'>
  readonly limits: { readonly rate: number; readonly patience: number }
  /** Of the `up` that runs. */
  readonly status: StatusReport | undefined
}

async function verifyAll(
  io: CommandIo,
  { services, path, redeploy, json }: VerifyOptions,
  verifying: Verifying,
): Promise<CommandEnd> {
  const { reached, cluster, limits, status } = verifying
  const { project, adapters } = reached
  const names = services.length > 0 ? services : project.services.map(({ name }) => name)
  const images = project.services.flatMap(({ name }) =>
    serviceWorkloads(cluster.journal, project, name).flatMap(({ linked }) =>
      linked.images.map(({ image }) => image),
    ),
  )
  const reports: VerifyReport[] = []
  let failure: Problem | undefined
  for (const service of names) {
    const workloads = serviceWorkloads(cluster.journal, project, service).filter(({ linked }) =>
      isRestartable(linked.ref),
    )
    if (workloads.length === 0 && services.length > 0)
      failure ??= usage(`nothing of ${service} is deployed`, 'start it with "devloop up"')
    for (const workload of workloads) {
      const done = await verifyWorkload(
        {
          access: cluster.access,
          book: status === undefined ? journalBook(cluster.journal) : askedBook(reached.ask),
          clock: adapters.clock,
          requests: adapters.requests,
        },
        {
          service,
          workload,
          images: [...new Set([...workload.linked.images.map(({ image }) => image), ...images])],
          path,
          ...limits,
          gateway: gatewayOf(status, service),
          replace: () => replacePods(verifying, { service, workload, redeploy: redeploy === true }),
          signal: cluster.signal,
        },
      )
      if (!done.ok) {
        if (done.error.kind === 'cancelled') return done.error
        // Without names, a service that nobody calls is no failure.
        if (services.length === 0 && done.error.kind === 'usage-invalid')
          io.stderr.write(`${done.error.message}\n`)
        else {
          reportProblem(io, done.error)
          failure ??= done.error
        }
        continue
      }
      reports.push(done.value)
      if (json !== true) io.stdout.write(formatVerify(done.value))
    }
  }
  if (json === true)
    io.stdout.write(
      `${JSON.stringify({ ok: failure === undefined && reports.every(({ ok }) => ok), reports })}\n`,
    )
  if (failure !== undefined)
    return reports.length === 0 && names.length === 1 ? exitCodes.usage : exitCodes.failure
  if (reports.length === 0)
    return usage('no service has pods that could be replaced', 'start them with "devloop up"')
  return reports.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.failure
}

/** Asks the `up` that runs, or does it in its place. */
async function replacePods(
  { reached, cluster, status }: Verifying,
  {
    service,
    workload,
    redeploy,
  }: { readonly service: string; readonly workload: ServiceWorkload; readonly redeploy: boolean },
): Promise<Result<void>> {
  if (status !== undefined) {
    const type = redeploy ? 'redeploy' : 'restart'
    const answer = readIntentAnswer(await reached.ask({ type: 'intent', intent: { type, service } }))
    if (answer === undefined)
      return err(usage('the devloop up that was asked ended', 'run devloop verify again'))
    return answer.ok ? ok(undefined) : err(usage(answer.message))
  }
  const tools = { cluster: cluster.access.cluster, journal: cluster.journal }
  const { signal } = cluster
  const { linked, applied } = workload
  const at = new Date(reached.adapters.clock.now()).toISOString()
  const done = redeploy
    ? await applyObject(tools, { object: linked.object, signal })
    : await restartObject(tools, { ref: linked.ref, uid: applied.uid, at, signal })
  return done.ok ? ok(undefined) : done
}

function gatewayOf(status: StatusReport | undefined, service: string) {
  if (status === undefined) return { left_out: 'no devloop up runs, whose gateway could be asked' }
  const urls = status.addresses.map(address => new URL(address))
  const found = urls.find(({ hostname }) => hostname === `${service.toLowerCase()}.localhost`)
  if (found === undefined)
    return { left_out: 'the gateway does not serve it (gateway: true in the config starts it)' }
  return { port: Number(found.port || 80), name: found.host }
}

const usage = (message: string, hint?: string): Problem => ({
  kind: 'usage-invalid',
  message: hint === undefined || !message.startsWith('--') ? message : `${message}: it must be ${hint}`,
  ...(hint === undefined || message.startsWith('--') ? {} : { hint }),
})
