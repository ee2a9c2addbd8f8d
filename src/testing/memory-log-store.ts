import type { LogLine } from '../core/logs/log-line.js'
import type { LogPage, LogQuery, LogStore } from '../ports/log-store.js'

export interface MemoryLogStore extends LogStore {
  /** Lines that were looked at so far, for tests of what a view costs. */
  readonly looked: number
  readonly listeners: number
}

/** A log store without a disk: forgets the oldest lines beyond its capacity, whoever wrote them. */
export function createMemoryLogStore(capacity = Number.POSITIVE_INFINITY): MemoryLogStore {
  let lines: LogLine[] = []
  /** Lines at the beginning of `lines` that are forgotten but not yet cut off. */
  let head = 0
  let end = 0
  let looked = 0
  let told = true
  const forgotten: Record<string, number> = {}
  const listeners = new Set<() => void>()
  const held = () => lines.length - head
  const first = () => end - held()
  const at = (seq: number) => lines[head + seq - first()]

  const forget = () => {
    const oldest = lines[head]
    if (oldest === undefined) return
    head++
    const service = oldest.origin.service ?? ''
    forgotten[service] = (forgotten[service] ?? 0) + 1
    if (head > 1024 && head * 2 > lines.length) {
      lines = lines.slice(head)
      head = 0
    }
  }
  const tell = () => {
    if (!told) return
    told = false
    setImmediate(() => {
      told = true
      for (const listener of [...listeners]) listener()
    })
  }
  const read = (from: number, step: 1 | -1, query: LogQuery): LogPage => {
    const { accept, limit, budget = 5000 } = query
    const found: LogLine[] = []
    let seq = from
    let left = budget
    while (left > 0 && found.length < limit) {
      const line = at(seq)
      if (line === undefined || seq < first()) break
      seq += step
      left--
      looked++
      if (accept === undefined || accept(line)) found.push(line)
    }
    const done = step === 1 ? seq >= end : seq < first()
    return { lines: step === 1 ? found : found.reverse(), next: step === 1 ? seq : seq + 1, done }
  }
  return {
    append(line) {
      const held = { ...line, seq: end++ }
      lines.push(held)
      if (lines.length - head > capacity) forget()
      tell()
      return held
    },
    get end() {
      return end
    },
    get first() {
      return first()
    },
    get looked() {
      return looked
    },
    get listeners() {
      return listeners.size
    },
    after: (from, query) => read(Math.max(from, first()), 1, query),
    before: (before, query) => read(Math.min(before, end) - 1, -1, query),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    forgotten: () => ({ ...forgotten }),
    close: () => listeners.clear(),
  }
}
