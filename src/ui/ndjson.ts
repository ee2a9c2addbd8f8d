import type { Announcement } from '../core/announcement.js'
import { explain } from '../core/explain.js'
import type { Output, Reporter } from './reporter.js'

/** The version of the form of the lines; see `core/announcement.ts`. */
const VERSION = 1

/** One JSON object a line: an announcement with `v`, `at` (RFC 3339), and for problems their words. */
export function createNdjsonReporter(output: Output, now: () => number): Reporter {
  return {
    tell: announcement => {
      const line = {
        v: VERSION,
        at: new Date(now()).toISOString(),
        ...announcement,
        ...wordsOf(announcement),
      }
      output.write(`${JSON.stringify(line)}\n`)
    },
  }
}

function wordsOf(announcement: Announcement) {
  return announcement.type === 'problem' ? { explanation: explain(announcement.problem) } : {}
}
