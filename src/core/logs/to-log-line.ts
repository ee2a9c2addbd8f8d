import type { Announcement } from '../announcement.js'
import type { LogOrigin, NewLogLine } from './log-line.js'

type LogAnnouncement = Extract<Announcement, { type: 'log' | 'log-gap' | 'log-mark' }>

/** What a log store is given for an announcement; undefined for one that is no line of a log. `now`, in milliseconds, is the time of what devloop itself says. */
export function toLogLine(announcement: Announcement, now: number): NewLogLine | undefined {
  switch (announcement.type) {
    case 'log': {
      const { time, text } = announcement
      return { origin: originOf(announcement), kind: 'line', time, text }
    }
    case 'log-gap':
      return own('gap', announcement)
    case 'log-mark':
      return own('divider', announcement)
    default:
      return undefined
  }

  function own(
    kind: 'gap' | 'divider',
    from: Extract<LogAnnouncement, { readonly message: string }>,
  ): NewLogLine {
    return { origin: originOf(from), kind, time: new Date(now).toISOString(), text: from.message }
  }
}

function originOf(from: LogAnnouncement): LogOrigin {
  const { service, namespace, pod, podUid, container, role, restarts } = from
  return { ...(service === undefined ? {} : { service }), namespace, pod, podUid, container, role, restarts }
}
