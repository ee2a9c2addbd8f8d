import { stat } from 'node:fs/promises'
import { posix } from 'node:path'

/** Milliseconds without a write after which what is wrong with a file is no longer for its being half written: editors empty a file and fill it at once. */
const QUIET = 400

/** Whether a file was written, or was taken out of its folder, a moment ago: what makes no sense now may be the half of what will. */
export async function isJustWritten(path: string, now: () => number): Promise<boolean> {
  for (let there = path; ; there = posix.dirname(there)) {
    const age = await stat(there).then(
      ({ mtimeMs }) => now() - mtimeMs,
      () => undefined,
    )
    // The clock of files is finer than ours, so that now may be a moment ahead; a time further in the future says nothing.
    if (age !== undefined) return Math.abs(age) < QUIET
    if (there === posix.dirname(there)) return false
  }
}
