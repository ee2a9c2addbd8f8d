import type { Announcement } from '../announcement.js'

/** The services and objects whose problem was told and is not solved yet. What mends it may take them through other phases first. */
export type OpenProblems = ReadonlySet<string>

/** The open problems after these were told. */
export function openAfter(open: OpenProblems, told: readonly Announcement[]): OpenProblems {
  const next = new Set(open)
  for (const announcement of told) {
    if (announcement.type !== 'problem' && announcement.type !== 'solved') continue
    const subject = announcement.service ?? announcement.object
    if (subject === undefined) continue
    if (announcement.type === 'problem') next.add(subject)
    else next.delete(subject)
  }
  return next
}
