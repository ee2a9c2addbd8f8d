import { realpath } from 'node:fs/promises'
import type { LoadedConfig } from '../config/parse.js'
import type { ServerReport } from '../core/doctor/judge-cluster.js'
import type { EngineReport } from '../core/doctor/judge-docker.js'
import type { LinkedObject } from '../core/manifest/link.js'
import type { Diagnostic, EngineUnreachable } from '../core/problem.js'
import type { Project } from '../core/project.js'
import { err, type Result } from '../core/result.js'
import { type SelectedCluster, selectCluster } from '../core/select-cluster.js'
import { answerInTime } from '../engine/answer-in-time.js'
import { renderProject } from '../engine/effects/render.js'
import type { Adapters } from './compose.js'
import type { DoctorTools } from './compose-doctor.js'

/** What several checks need, gathered once and when first asked for. */
export type DoctorFacts = ReturnType<typeof doctorFacts>

/**
 * How long Docker and the API server may take for their first answer, in milliseconds: less than all checks together have, so that what depends on them
 * says that they did not answer, and not that it was itself too late.
 */
const ANSWER_LIMIT = 1500
const SILENT = `takes the connection and does not answer within ${ANSWER_LIMIT / 1000} s`

export function doctorFacts(
  adapters: Adapters,
  tools: DoctorTools,
  loaded: Result<LoadedConfig>,
  signal: AbortSignal,
) {
  const project = loaded.ok ? loaded.value.project : undefined
  const contexts = once(() => adapters.contexts())
  const selected = once(async () => {
    const found = await contexts()
    return found.ok ? selectCluster(project?.cluster ?? { kind: 'auto' }, found.value) : undefined
  })
  const cluster = once(async (): Promise<SelectedCluster | undefined> => {
    const found = await selected()
    return found?.ok === true ? found.value : undefined
  })
  const inTime = { clock: adapters.clock, limit: ANSWER_LIMIT, signal }
  const engine = once(async () => {
    let endpoint = 'the address that the environment names'
    const ask = async (own: AbortSignal) => {
      endpoint = await tools.engineEndpoint()
      return tools.engineReport(own)
    }
    return answerInTime<Result<EngineReport, EngineUnreachable>>(ask, {
      ...inTime,
      late: () => err({ kind: 'engine-unreachable', endpoint, message: `it ${SILENT}` }),
    })
  })
  return {
    project,
    warnings: loaded.ok ? loaded.value.warnings : ([] as readonly Diagnostic[]),
    contexts,
    selected,
    cluster,
    engine,
    server: once(async () => {
      const chosen = await cluster()
      if (chosen === undefined || chosen.kind === 'process') return undefined
      return answerInTime<Result<ServerReport>>(own => tools.serverReport(chosen.context, own), {
        ...inTime,
        late: () =>
          err({ kind: 'cluster-unreachable', context: chosen.context, message: `The API server ${SILENT}.` }),
      })
    }),
    containers: once(async () => {
      const [chosen, report] = await Promise.all([cluster(), engine()])
      // An engine that says nothing of itself says nothing of its containers.
      return chosen === undefined || !report.ok ? undefined : tools.containers(chosen, signal)
    }),
    traces: once(() => tools.projectTraces()),
    root: once(async () => (project === undefined ? undefined : realpath(project.root))),
    rendered: once(async () => (project === undefined ? undefined : render(adapters, project, signal))),
  }
}

export interface RenderedFacts {
  readonly objects: Result<readonly LinkedObject[]>
  /** Entries that run a command of the project's, which is not for a look at the machine to start. */
  readonly skipped: number
}

async function render(
  { manifests }: Adapters,
  project: Project,
  signal: AbortSignal,
): Promise<RenderedFacts> {
  const kept = project.manifests.filter(({ kind }) => kind !== 'command')
  const { result } = await renderProject(manifests, {
    project: { ...project, manifests: kept },
    cluster: undefined,
    only: undefined,
    configHashKey: '',
    signal,
  })
  return {
    objects: result.ok ? { ok: true, value: result.value.linked.objects } : result,
    skipped: project.manifests.length - kept.length,
  }
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => {
    answer ??= read()
    return answer
  }
}
