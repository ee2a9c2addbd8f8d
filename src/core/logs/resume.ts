import { compareLogTimes, type LogTime, parseLogTime } from './log-time.js'
import { createRecentLines, hashText } from './recent-lines.js'

/**
 * Joins the connections over which one container instance's log is read into one sequence of lines, each once.
 *
 *   connect() ──► first lines: sent again? dropped : new ──► new lines ──► cut ──► connect() …
 *
 * Every connection asks for the log from a second before the newest line; what was shown of that time is kept as a multiset, and used up by
 * what comes again. Time alone does not do: stdout and stderr are written out of order, and lines may share a time.
 */
export interface LogResume {
  /**
   * Begins a connection. Gives the `sinceTime` to ask for: RFC 3339 in whole seconds, undefined for the whole log. Where it is not certain that the same run
   * answers, a first line that does not follow what was shown is `apart`, and changes nothing.
   */
  connect(options?: { readonly certain: boolean }): string | undefined
  /** Takes one line of the connection, with the time that Kubernetes put before it. */
  line(raw: string): Resumed
  /** The same of the last line of a log that is at its end: nothing more will tell whose it is. */
  last(raw: string): Resumed
}

export type Resumed =
  /** `gap`: the cluster may have lost lines before this one, and why. */
  | { readonly type: 'line'; readonly time: string; readonly text: string; readonly gap?: string }
  /** Shown before, or the end of a line that was. */
  | { readonly type: 'seen' }
  /** The log was rotated, or it is another run's. */
  | { readonly type: 'apart' }
  /** Not a line of the container but the node's own words, which stand where a line's time should. */
  | { readonly type: 'foreign'; readonly text: string }

/** Lines of three seconds at more than 15,000 a second; some 10 MB. */
const CAPACITY = 50_000

const SEEN: Resumed = { type: 'seen' }
const APART: Resumed = { type: 'apart' }

export function createLogResume(
  options: { readonly since?: string; readonly capacity?: number } = {},
): LogResume {
  const { since, capacity = CAPACITY } = options
  const start = since === undefined ? undefined : parseLogTime(since)
  const recent = createRecentLines(capacity)
  let newest = start
  let again: Map<string, number> = new Map()
  let first = true
  /** Whether the connection sent something that was shown before: then nothing is missing in between. */
  let joined = true
  let isCertain = true
  /** Lines up to here count as shown in this connection. */
  let assumed: LogTime | undefined

  const take = (raw: string, certain: boolean): Resumed => {
    const wasFirst = first
    first = false
    const space = raw.indexOf(' ')
    const stamp = space === -1 ? raw : raw.slice(0, space)
    const time = parseLogTime(stamp)
    if (time === undefined) {
      // A connection may begin inside a line whose first part is older than what was asked for: that line was shown.
      if (!wasFirst || newest === undefined || isNodeError(raw)) return { type: 'foreign', text: raw }
      joined = true
      return SEEN
    }
    const text = space === -1 ? '' : raw.slice(space + 1)
    const key = `${stamp} ${text.length} ${hashText(text)}`
    const count = again.get(key)
    if (count !== undefined && count > 0) {
      again.set(key, count - 1)
      joined = true
      return SEEN
    }
    if (assumed !== undefined && compareLogTimes(time, assumed) <= 0) {
      joined = true
      return SEEN
    }
    if (!joined && !certain) return APART
    const gap = joined || newest === undefined ? undefined : GAP
    joined = true
    if (newest === undefined || compareLogTimes(time, newest) > 0) newest = time
    recent.add({ time, key })
    return { type: 'line', time: stamp, text, ...(gap === undefined ? {} : { gap }) }
  }

  return {
    connect({ certain } = { certain: true }) {
      first = true
      isCertain = certain
      again = recent.copy()
      assumed = recent.forgottenUntil ?? start
      joined = newest === undefined && certain
      if (newest === undefined) return undefined
      return `${new Date((newest.seconds - 1) * 1000).toISOString().slice(0, 19)}Z`
    },
    line: raw => take(raw, isCertain),
    last: raw => take(raw, true),
  }
}

const GAP = 'The node rotated this log while the connection was lost; lines may be missing here.'

/** What a kubelet writes into the body when it cannot read the log, for the head of the answer has gone by then. */
export function isNodeError(text: string): boolean {
  return /^(unable to retrieve container logs for|failed to |rpc error: )/.test(text)
}
