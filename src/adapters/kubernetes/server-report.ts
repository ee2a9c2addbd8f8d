import type { NodeReport, ServerReport } from '../../core/doctor/judge-cluster.js'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { KubeHttp } from './http-client.js'

interface Node {
  readonly metadata: { readonly name: string }
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
    readonly nodeInfo?: { readonly containerRuntimeVersion?: string; readonly architecture?: string }
  }
}

/** A Date header has whole seconds. */
const HEADER_TOLERANCE = 1000

/** What the API server says of itself and its nodes, by one question for each. */
export async function readServerReport(
  http: KubeHttp,
  { now, signal }: { readonly now: () => number; readonly signal: AbortSignal },
): Promise<Result<ServerReport, Problem>> {
  const sent = now()
  const [version, nodes] = await Promise.all([
    http.request({ method: 'GET', path: '/version', signal }).then(answer => ({ answer, at: now() })),
    http.request({ method: 'GET', path: '/api/v1/nodes?limit=50', signal }),
  ])
  if (!version.answer.ok) return version.answer
  const connection = await http.connection()
  if (!connection.ok) return connection
  const { status, body, headers } = version.answer.value
  const { server } = connection.value
  if (status !== 200) {
    const message = `The API server answers ${status} when it is asked for its version.`
    return err({ kind: 'cluster-unreachable', context: http.context, server, message })
  }
  const clock = Date.parse(headers.date ?? '')
  return ok({
    server,
    version: (JSON.parse(body) as { readonly gitVersion?: string }).gitVersion ?? '?',
    nodes:
      nodes.ok && nodes.value.status === 200
        ? (JSON.parse(nodes.value.body) as { readonly items: readonly Node[] }).items.map(nodeReport)
        : undefined,
    clockAhead: Number.isNaN(clock) ? undefined : clock + HEADER_TOLERANCE / 2 - (sent + version.at) / 2,
    clockTolerance: HEADER_TOLERANCE / 2 + (version.at - sent) / 2,
  })
}

function nodeReport({ metadata, status }: Node): NodeReport {
  const conditions = status?.conditions ?? []
  return {
    name: metadata.name,
    ready: conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    runtime: status?.nodeInfo?.containerRuntimeVersion ?? '?',
    architecture: status?.nodeInfo?.architecture ?? '?',
    pressures: conditions.flatMap(({ type, status }) =>
      type !== 'Ready' && status === 'True' ? [type] : [],
    ),
  }
}
