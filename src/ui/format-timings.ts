import type { Advice } from '../core/timings/advice.js'
import type { ServiceTimes } from '../core/timings/percentiles.js'
import { formatDuration } from './format.js'

/** A table for each service: stages with p50 and p95, then what would help. */
export function formatTimings(
  reports: readonly (ServiceTimes & { readonly advice: readonly Advice[] })[],
): string {
  if (reports.length === 0) return 'No save has become live yet: nothing is known of what saves take.\n'
  const lines = reports.flatMap(({ service, stages, advice }) => {
    const count = Math.max(...stages.map(one => one.count))
    const isStart = !stages.some(({ stage }) => stage === 'total')
    const of = isStart ? 'the first build' : `the last ${count} ${count === 1 ? 'save' : 'saves'}`
    return [
      `${service}, ${of}`,
      `  ${''.padEnd(9)}${'p50'.padStart(11)}${'p95'.padStart(11)}`,
      ...stages.map(
        ({ stage, p50, p95 }) =>
          `  ${stage.padEnd(9)}${formatDuration(p50).padStart(11)}${formatDuration(p95).padStart(11)}`,
      ),
      ...advice.map(({ message }) => `  → ${message}`),
    ]
  })
  return `${lines.join('\n')}\n`
}
