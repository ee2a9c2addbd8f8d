import type { Project } from '../core/project.js'
import { contextShares } from '../core/timings/context-shares.js'
import type { SaveRecord } from '../core/timings/save-record.js'
import { hasLargeContext, type TimingReport, timingReportOf } from '../core/timings/timing-report.js'
import type { Journal } from '../ports/journal.js'
import type { SourceTree } from '../ports/source-tree.js'
import { serviceWorkloads } from './service-workloads.js'

interface Sources {
  readonly project: Project
  /** Oldest first. */
  readonly records: readonly SaveRecord[]
  readonly journal: Pick<Journal, 'state'>
  readonly tree: SourceTree
  readonly signal: AbortSignal
}

/** Reports on the services of the project of which saves are known, without a session. Walks only the contexts that were large when they were built last. */
export async function timingReport({
  project,
  records,
  journal,
  tree,
  signal,
}: Sources): Promise<readonly TimingReport[]> {
  const reports: TimingReport[] = []
  for (const name of new Set(records.map(({ service }) => service))) {
    const spec = project.services.find(service => service.name === name)
    if (spec === undefined) continue
    const snapshot = hasLargeContext(name, records) ? await tree.snapshot(spec, 'all', signal) : undefined
    const context = snapshot?.ok === true ? contextShares(snapshot.value.files) : undefined
    const workloads = serviceWorkloads(journal, project, name).map(({ applied, containers }) => ({
      object: applied.object,
      containers,
    }))
    const report = timingReportOf(name, records, { context, workloads })
    if (report !== undefined) reports.push(report)
  }
  return reports
}
