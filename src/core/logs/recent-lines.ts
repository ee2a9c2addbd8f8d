import { compareLogTimes, type LogTime } from './log-time.js'

/** What tells one line from another: its time and a hash of its text. */
export interface LineMark {
  readonly time: LogTime
  readonly key: string
}

/** The lines of the last seconds, counted, so that what a new connection sends again can be told from what is new. */
export interface RecentLines {
  add(mark: LineMark): void
  /** A count per key, to be used up while a connection's beginning is read. */
  copy(): Map<string, number>
  /** Set once lines had to be forgotten early: every line up to then counts as seen. */
  readonly forgottenUntil: LogTime | undefined
}

/** The API server floors `sinceTime` to seconds, we ask from a second earlier, and stdout and stderr come slightly out of order. */
const WINDOW_SECONDS = 2

/** Keeps lines of the last two seconds before `newest`, but at most `capacity`. */
export function createRecentLines(capacity: number): RecentLines {
  const counts = new Map<string, number>()
  let queue: LineMark[] = []
  let head = 0
  let newest = Number.NEGATIVE_INFINITY
  let forgottenUntil: LogTime | undefined

  const drop = (): LineMark | undefined => {
    const oldest = queue[head]
    if (oldest === undefined) return undefined
    head++
    const count = counts.get(oldest.key) ?? 0
    if (count > 1) counts.set(oldest.key, count - 1)
    else counts.delete(oldest.key)
    if (head > 1024 && head * 2 > queue.length) {
      queue = queue.slice(head)
      head = 0
    }
    return oldest
  }
  return {
    add(mark) {
      queue.push(mark)
      counts.set(mark.key, (counts.get(mark.key) ?? 0) + 1)
      newest = Math.max(newest, mark.time.seconds)
      while ((queue[head]?.time.seconds ?? newest) < newest - WINDOW_SECONDS) drop()
      if (queue.length - head <= capacity) return
      const oldest = drop()
      if (oldest === undefined) return
      if (forgottenUntil === undefined || compareLogTimes(oldest.time, forgottenUntil) > 0)
        forgottenUntil = oldest.time
    },
    copy: () => new Map(counts),
    get forgottenUntil() {
      return forgottenUntil
    },
  }
}

/** FNV-1a over the UTF-16 units. With the time to the nanosecond and the length beside it, 32 bits are plenty. */
export function hashText(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(36)
}
