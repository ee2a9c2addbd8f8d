import type { Project } from '../core/project.js'
import { type Advice, adviceOf, LARGE_CONTEXT } from '../core/timings/advice.js'
import { type ContextShares, contextShares } from '../core/timings/context-shares.js'
import { type ServiceTimes, serviceTimes } from '../core/timings/percentiles.js'
import type { SaveRecord } from '../core/timings/save-record.js'
import type { Journal } from '../ports/journal.js'
import type { SourceTree } from '../ports/source-tree.js'
import { serviceWorkloads } from './service-workloads.js'

/** What the saves of one service took, and what would help. Plain JSON. */
export interface TimingReport extends ServiceTimes {
  readonly advice: readonly Advice[]
}

interface Sources {
  readonly project: Project
  /** Oldest first. */
  readonly records: readonly SaveRecord[]
  readonly journal: Pick<Journal, 'state'>
  readonly tree: SourceTree
  readonly signal: AbortSignal
}

/** Reports on the services of the project of which saves are known. Walks only the contexts that were large when they were built last. */
export async function timingReport({
  project,
  records,
  journal,
  tree,
  signal,
}: Sources): Promise<readonly TimingReport[]> {
  const reports: TimingReport[] = []
  for (const times of serviceTimes(records)) {
    const spec = project.services.find(({ name }) => name === times.service)
    if (spec === undefined) continue
    const own = records.filter(({ service }) => service === spec.name)
    let context: ContextShares | undefined
    if ((own.at(-1)?.contextBytes ?? 0) >= LARGE_CONTEXT) {
      const snapshot = await tree.snapshot(spec, 'all', signal)
      context = snapshot.ok ? contextShares(snapshot.value.files) : undefined
    }
    const workloads = serviceWorkloads(journal, project, spec.name).map(({ applied, containers }) => ({
      object: applied.object,
      containers,
    }))
    reports.push({ ...times, advice: adviceOf({ stages: times.stages, records: own, context, workloads }) })
  }
  return reports
}
