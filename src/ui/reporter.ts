import type { Announcement } from '../core/announcement.js'

/** Shows a session to whoever looks at it. Announcements come in their order. */
export interface Reporter {
  tell(announcement: Announcement): void
}

/** Where a reporter writes. */
export interface Output {
  write(text: string): unknown
}
