import type { FailureCause, RequestSample } from './request-sample.js'

/** What became of a stream of requests. Plain JSON; times are milliseconds. */
export interface StreamReport {
  readonly requests: number
  readonly failed: number
  readonly causes: Readonly<Partial<Record<FailureCause, number>>>
  /** The longest stretch in which no request was answered; 0 where none failed. */
  readonly gap: number
  /** Whether requests were answered again after the last failure. */
  readonly recovered: boolean
  /** The longest that an answered request took. */
  readonly slowest: number
  /** How often each status came. */
  readonly statuses: Readonly<Record<string, number>>
  /** The first words of each cause. */
  readonly words: Readonly<Partial<Record<FailureCause, string>>>
}

/** Counts the requests of a stream. */
export function streamReport(given: readonly RequestSample[]): StreamReport {
  const samples = given.toSorted((a, b) => a.startedAt - b.startedAt)
  const causes: Partial<Record<FailureCause, number>> = {}
  const words: Partial<Record<FailureCause, string>> = {}
  const statuses: Record<string, number> = {}
  const failures: number[] = []
  const answers: number[] = []
  let slowest = 0
  for (const { startedAt, endedAt, result } of samples) {
    if (result.kind === 'answered') {
      statuses[result.status] = (statuses[result.status] ?? 0) + 1
      slowest = Math.max(slowest, endedAt - startedAt)
      answers.push(endedAt)
    } else {
      causes[result.cause] = (causes[result.cause] ?? 0) + 1
      words[result.cause] ??= result.words
      failures.push(startedAt)
    }
  }
  answers.sort((a, b) => a - b)
  const end = samples.reduce((latest, { endedAt }) => Math.max(latest, endedAt), 0)
  return {
    requests: samples.length,
    failed: failures.length,
    causes,
    gap: Math.round(longestGap(failures, answers, end)),
    recovered: (failures.at(-1) ?? -1) <= (answers.at(-1) ?? -1),
    slowest: Math.round(slowest),
    statuses,
    words,
  }
}

/** From each failure that is the first after an answer to the next answer, whoever asked for it and when. Both lists ascend. */
function longestGap(failures: readonly number[], answers: readonly number[], end: number): number {
  let gap = 0
  let next = 0
  let since: number | undefined
  for (const failedAt of failures) {
    while (next < answers.length && (answers[next] ?? 0) <= failedAt) {
      next += 1
      since = undefined
    }
    since ??= failedAt
    gap = Math.max(gap, (answers[next] ?? end) - since)
  }
  return gap
}
