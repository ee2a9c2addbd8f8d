import { type Advice, type AdviceFacts, adviceOf, LARGE_CONTEXT } from './advice.js'
import { type ServiceTimes, serviceTimes } from './percentiles.js'
import type { SaveRecord } from './save-record.js'

/** What the saves of one service took, and what would help. Plain JSON. */
export interface TimingReport extends ServiceTimes {
  readonly advice: readonly Advice[]
}

/** The report on one service; undefined where no save of it is known. `records` are those of all services, oldest first. */
export function timingReportOf(
  service: string,
  records: readonly SaveRecord[],
  facts: Pick<AdviceFacts, 'context' | 'workloads'>,
): TimingReport | undefined {
  const own = records.filter(record => record.service === service)
  const [times] = serviceTimes(own)
  return times === undefined
    ? undefined
    : { ...times, advice: adviceOf({ ...facts, stages: times.stages, records: own }) }
}

/** Whether the context of a service was so large when it was built last that what it is made of is worth a look. */
export function hasLargeContext(service: string, records: readonly SaveRecord[]): boolean {
  const last = records.findLast(record => record.service === service)
  return (last?.contextBytes ?? 0) >= LARGE_CONTEXT
}
