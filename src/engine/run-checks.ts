import { type CheckName, type Finding, type FindingState, finding } from '../core/doctor/finding.js'
import type { Clock } from '../ports/clock.js'

/** One thing to look at. */
export interface Check {
  readonly name: CheckName
  /** What it looks at, for people: `Docker`, `the cluster`. */
  readonly about: string
  /** What it means where there is no answer in time. */
  readonly late: FindingState
  /** What to do then. */
  readonly remedies: readonly string[]
  /** Rejects where it cannot look. What it began ends with the signal. */
  readonly look: (signal: AbortSignal) => Promise<readonly Finding[]>
}

/**
 * Looks at everything at once, and resolves with what was found, in the order of the checks, after `limit` milliseconds at most. The signal aborts then,
 * so that nothing goes on behind.
 */
export async function runChecks(
  checks: readonly Check[],
  { clock, limit }: { readonly clock: Clock; readonly limit: number },
): Promise<readonly Finding[]> {
  const abort = new AbortController()
  let cancel = (): void => {}
  const over = new Promise<'late'>(resolve => {
    cancel = clock.after(limit, () => resolve('late'))
  })
  const found = await Promise.all(checks.map(check => lookInTime(check, abort.signal, over)))
  cancel()
  abort.abort()
  return found.flat()
}

async function lookInTime(
  { name, about, late, remedies, look }: Check,
  signal: AbortSignal,
  over: Promise<'late'>,
): Promise<readonly Finding[]> {
  // What fails after the time has passed is nobody's to hear.
  const looking = look(signal).catch((error: unknown): readonly Finding[] => {
    const message = error instanceof Error ? error.message : String(error)
    return [finding(name, 'unknown', `${about}: ${message}`)]
  })
  const found = await Promise.race([looking, over])
  if (found !== 'late') return found
  return [finding(name, late, `${about}: no answer in time, so that it could not be looked at`, ...remedies)]
}
