import type { SaveRecord } from './save-record.js'

/** Milliseconds that half (p50) and nineteen of twenty (p95) of the saves took at most, by the nearest rank. */
export interface StageTimes {
  readonly stage: string
  readonly p50: number
  readonly p95: number
  /** Of how many saves. */
  readonly count: number
}

export interface ServiceTimes {
  readonly service: string
  /** In the order in which they happen; `total` last, from the save to live. */
  readonly stages: readonly StageTimes[]
}

const ORDER: readonly string[] = ['scan', 'build', 'load', 'sync', 'apply', 'rollout', 'total']

/** What the saves of each service took. The tree as it was found is no save: where it is all there is, its stages are given, but no total. */
export function serviceTimes(records: readonly SaveRecord[]): readonly ServiceTimes[] {
  const services = [...new Set(records.map(({ service }) => service))]
  return services.map(service => {
    const own = records.filter(record => record.service === service)
    const saves = own.filter(({ save }) => save > 0)
    return { service, stages: stagesOf(saves.length > 0 ? saves : own, saves.length > 0) }
  })
}

function stagesOf(records: readonly SaveRecord[], areSaves: boolean): readonly StageTimes[] {
  const times = new Map<string, number[]>()
  for (const { stages, savedAt, liveAt } of records) {
    const all = areSaves ? { ...stages, total: liveAt - savedAt } : stages
    for (const [stage, time] of Object.entries(all))
      if (happened(stage, time, stages)) times.set(stage, [...(times.get(stage) ?? []), time])
  }
  return [...times]
    .map(([stage, values]) => ({
      stage,
      p50: percentile(values, 0.5),
      p95: percentile(values, 0.95),
      count: values.length,
    }))
    .sort((a, b) => rank(a.stage) - rank(b.stage))
}

/** A save that was synced rolled nothing out: it must not make rollouts look quick. */
const happened = (stage: string, time: number, stages: SaveRecord['stages']): boolean =>
  time > 0 || stages.sync === undefined || (stage !== 'apply' && stage !== 'rollout')

const rank = (stage: string): number => {
  const at = ORDER.indexOf(stage)
  return at === -1 ? ORDER.length : at
}

/** By the nearest rank; 0 of nothing. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0
}
