import type { EngineReport } from '../../core/doctor/judge-docker.js'
import { engineStore } from '../../core/load/engine-store.js'
import type { EngineUnreachable } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { EngineClient } from './engine-client.js'

interface Info {
  readonly ServerVersion?: string
  readonly DriverStatus?: unknown
  readonly OSType?: string
  readonly Architecture?: string
  readonly DockerRootDir?: string
  /** RFC 3339 with nanoseconds. */
  readonly SystemTime?: string
}

/** What the engine says of itself. A login that it refuses, or an answer that is none, counts as unreachable. */
export async function readEngineReport(
  client: EngineClient,
  { now, signal }: { readonly now: () => number; readonly signal: AbortSignal },
): Promise<Result<EngineReport, EngineUnreachable>> {
  const endpoint = await client.endpoint()
  if (!endpoint.ok) return endpoint
  const sent = now()
  const [info, version] = await Promise.all([
    client.json<Info>({ method: 'GET', path: '/info', signal }).then(answer => ({ answer, at: now() })),
    client.json<{ readonly ApiVersion?: string }>({ method: 'GET', path: '/version', signal }),
  ])
  const failed = [info.answer, version].find(answer => !answer.ok)
  if (!info.answer.ok || !version.ok) {
    const message = failed?.ok === false ? failed.error.message : ''
    return err({ kind: 'engine-unreachable', endpoint: endpoint.value, message })
  }
  const { ServerVersion, DriverStatus, OSType, Architecture, DockerRootDir, SystemTime } = info.answer.value
  const clock = Date.parse(SystemTime ?? '')
  return ok({
    endpoint: endpoint.value,
    version: ServerVersion ?? '?',
    apiVersion: version.value.ApiVersion ?? '?',
    store: engineStore(DriverStatus),
    os: OSType ?? 'linux',
    architecture: Architecture ?? '?',
    root: DockerRootDir ?? '',
    // It is said some time between the question and the answer.
    clockAhead: Number.isNaN(clock) ? undefined : clock - (sent + info.at) / 2,
    clockTolerance: (info.at - sent) / 2,
  })
}
