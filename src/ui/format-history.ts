import type { HistoryRow } from '../core/why/revisions.js'
import { formatDuration } from './format.js'

export interface WorkloadHistory {
  /** `deployment/web`. */
  readonly workload: string
  /** Newest first. */
  readonly revisions: readonly HistoryRow[]
}

/** A table for each workload: revision, save, when, image, and which is live. */
export function formatHistory(workloads: readonly WorkloadHistory[], now: number): string {
  const lines = workloads.flatMap(({ workload, revisions }) => [
    workload,
    ...(revisions.length === 0 ? ['  the cluster keeps no revisions of it'] : []),
    ...revisions.map(row => rowLine(row, now)),
  ])
  return `${lines.join('\n')}\n`
}

function rowLine({ revision, save, image, createdAt, live, rollback }: HistoryRow, now: number): string {
  const age = createdAt === undefined ? '' : `${formatDuration(Math.max(0, now - Date.parse(createdAt)))} ago`
  const of = save === undefined ? '' : save === 0 ? 'as found' : `save ${save}`
  const note = live ? '  live' : rollback ? '  devloop rollback goes here' : ''
  return `  ${String(revision).padStart(3)}  ${of.padEnd(9)}  ${age.padEnd(12)}  ${image}${note}`
}
