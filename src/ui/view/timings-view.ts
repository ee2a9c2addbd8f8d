import type { StageTimes } from '../../core/timings/percentiles.js'
import type { TimingReport } from '../../core/timings/timing-report.js'
import { formatDuration } from '../format.js'
import { type Row, rowOf, type Span, span, spansWidth, textRow } from './row.js'
import { wrapText } from './text.js'

const INDENT = '    '

/**
 * The rows below the selected service: what half of its saves, and nineteen of twenty, take at most, stage by stage, and what would help most. Stages are left out from
 * the quickest on where there is no room for all.
 */
export function timingLines(report: TimingReport | undefined, columns: number): readonly Row[] {
  // The first build of all is no save.
  if (report?.stages.some(({ stage }) => stage === 'total') !== true) return []
  const [advice] = report.advice
  return [
    { spans: [span(INDENT), ...stageSpans(report.stages, columns - INDENT.length)] },
    ...(advice === undefined ? [] : [rowOf(span(`${INDENT}→ `, 'accent'), span(advice.message, 'dim'))]),
  ]
}

function stageSpans(stages: readonly StageTimes[], room: number): readonly Span[] {
  const spansOf = (shown: readonly StageTimes[]): readonly Span[] => [
    span('p50/p95', 'dim'),
    ...shown.flatMap(({ stage, p50, p95 }) => [
      span(`  ${stage} `, 'dim'),
      span(pairText(p50, p95), stage === 'total' ? 'strong' : 'plain'),
    ]),
  ]
  let shown = stages
  while (shown.length > 1 && spansWidth(spansOf(shown)) > room) {
    const quickest = shown.reduce((least, one) => (one.p50 < least.p50 ? one : least))
    shown = shown.filter(one => one !== quickest)
  }
  return spansOf(shown)
}

/** `310/420 ms`, `1.9/2.4 s`: two figures of one unit, which the larger decides. */
function pairText(p50: number, p95: number): string {
  if (p95 < 1000) return `${Math.round(p50)}/${Math.round(p95)} ms`
  return `${(p50 / 1000).toFixed(1)}/${(p95 / 1000).toFixed(1)} s`
}

const STAGE_COLUMNS = 9
const TIME_COLUMNS = 11

/** The whole report, every piece of advice in full. */
export function timingsRows(report: TimingReport | undefined, columns: number): readonly Row[] {
  if (report === undefined)
    return [textRow('no save of it has become live yet: nothing is known of what its saves take', 'dim')]
  const count = Math.max(...report.stages.map(one => one.count))
  const isStart = !report.stages.some(({ stage }) => stage === 'total')
  const of = isStart ? 'the first build' : `the last ${count} ${count === 1 ? 'save' : 'saves'}`
  return [
    rowOf(
      span(''.padEnd(STAGE_COLUMNS)),
      span('p50'.padStart(TIME_COLUMNS), 'dim'),
      span('p95'.padStart(TIME_COLUMNS), 'dim'),
      span(`   ${of}`, 'dim'),
    ),
    ...report.stages.map(({ stage, p50, p95 }) =>
      rowOf(
        span(stage.padEnd(STAGE_COLUMNS), stage === 'total' ? 'strong' : 'plain'),
        span(formatDuration(p50).padStart(TIME_COLUMNS)),
        span(formatDuration(p95).padStart(TIME_COLUMNS)),
      ),
    ),
    ...report.advice.flatMap(({ message }) =>
      wrapText(message, columns - 2).map((line, at) =>
        rowOf(span(at === 0 ? '→ ' : '  ', 'accent'), span(line)),
      ),
    ),
  ]
}
