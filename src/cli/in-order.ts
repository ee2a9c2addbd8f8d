import type { Announcement } from '../core/announcement.js'
import { compareLogTimes, type LogTime, parseLogTime } from '../core/logs/log-time.js'

/** Lines of several containers, brought into the order of their times. Each container's own lines stay as they came. */
export interface InOrder {
  add(announcement: Announcement): void
  all(): readonly Announcement[]
}

interface Entry {
  readonly announcement: Announcement
  readonly time: LogTime
}

const BEGINNING: LogTime = { seconds: 0, nanos: 0 }

/** Holds everything: at most what the nodes keep of these containers' logs, 10 MB for each run where the kubelet is as it comes. */
export function inOrder(): InOrder {
  const bySource = new Map<string, Entry[]>()
  return {
    add: announcement => {
      const source = 'podUid' in announcement ? `${announcement.podUid}/${announcement.container}` : ''
      const entries = bySource.get(source) ?? []
      bySource.set(source, entries)
      const before = entries.at(-1)?.time ?? BEGINNING
      const own = announcement.type === 'log' ? parseLogTime(announcement.time) : undefined
      // What stands between lines goes with those before it, and time does not run back: stdout and stderr may be written out of order.
      const time = own !== undefined && compareLogTimes(own, before) > 0 ? own : before
      entries.push({ announcement, time })
    },
    all: () => {
      for (const entries of bySource.values()) leadsIn(entries)
      return [...bySource.values()]
        .flat()
        .toSorted((a, b) => compareLogTimes(a.time, b.time))
        .map(({ announcement }) => announcement)
    },
  }
}

/** What stands before a source's first line goes with that line. */
function leadsIn(entries: Entry[]): void {
  const first = entries.find(({ time }) => time !== BEGINNING)
  if (first === undefined) return
  for (const [at, entry] of entries.entries()) {
    if (entry.time !== BEGINNING) return
    entries[at] = { announcement: entry.announcement, time: first.time }
  }
}
