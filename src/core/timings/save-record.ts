/** A save of a service that became live, as it is kept for later sessions. Plain JSON; times in ms since the epoch, durations in ms. */
export interface SaveRecord {
  readonly service: string
  /** Counted within one session; 0 is the tree as it was found. */
  readonly save: number
  readonly savedAt: number
  readonly liveAt: number
  readonly stages: Readonly<Record<string, number>>
  /** Files whose content differed, relative to the context; the first of them. */
  readonly changed: readonly string[]
  /** How many more there were. */
  readonly more: number
  readonly image: string | undefined
  /** Whether the image was there from an earlier build. */
  readonly cached: boolean | undefined
  /** How the image came to the nodes, and bytes sent. */
  readonly load: { readonly method: string; readonly sentBytes: number } | undefined
  /** Of the build context. */
  readonly contextBytes: number | undefined
}

/** Records kept of each service; the oldest go first. */
export const KEPT_RECORDS = 40

/** The newest records of each service, in their order. */
export function boundRecords(records: readonly SaveRecord[], limit = KEPT_RECORDS): readonly SaveRecord[] {
  const counts = new Map<string, number>()
  return records
    .toReversed()
    .filter(({ service }) => {
      const count = (counts.get(service) ?? 0) + 1
      counts.set(service, count)
      return count <= limit
    })
    .toReversed()
}

/** The record that a value read from disk is; undefined where it is none. */
export function parseRecord(value: unknown): SaveRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { service, save, savedAt, liveAt, stages, changed } = value as Partial<
    Record<keyof SaveRecord, unknown>
  >
  const isRecord =
    typeof service === 'string' &&
    [save, savedAt, liveAt].every(Number.isFinite) &&
    typeof stages === 'object' &&
    stages !== null &&
    Object.values(stages).every(Number.isFinite) &&
    Array.isArray(changed)
  return isRecord ? (value as SaveRecord) : undefined
}
