import type { ProbeSpec } from '../../core/embedded/probe-spec.js'
import type { Result } from '../../core/result.js'
import type { Clock } from '../../ports/clock.js'
import { sleep } from '../../ports/sleep.js'

/** Milliseconds between the first looks at a program that starts; they grow up to the longest. */
const FIRST_PAUSE = 15
const LONGEST_PAUSE = 500
const GROWTH = 1.3

/**
 * Probes until the signal is aborted: each period, as a kubelet does. With `eager` also in between and before the initial delay until it passes once, so that a
 * program is seen as ready when it is and not up to a period later; of these looks only success counts.
 */
export async function probeLoop(options: {
  readonly spec: ProbeSpec
  readonly ask: () => Promise<Result<void, string>>
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly eager: boolean
  /** Resolves when an eager look may pass: at once then, and not before. Without it any may. */
  readonly promising?: Promise<void> | undefined
  /** As many successes in a row as the threshold asks for; called again after a failure. */
  readonly onPassed: () => void
  /** One probe failed. */
  readonly onMissed: (message: string) => void
  /** As many failures in a row as the threshold allows. */
  readonly onFailed: (message: string) => void
}): Promise<void> {
  const { spec, ask, clock, signal, onPassed, onMissed, onFailed } = options
  const hope = new AbortController()
  if (options.promising === undefined) hope.abort()
  else void options.promising.then(() => hope.abort())
  let due = clock.now() + spec.initialDelay
  let pause = FIRST_PAUSE
  let successes = 0
  let failures = 0
  let verdict: 'none' | 'passed' | 'failed' = 'none'
  let hasPassed = false
  const isEager = (): boolean => options.eager && !hasPassed
  while (!signal.aborted) {
    const isDue = clock.now() >= due
    if (isDue || (isEager() && hope.signal.aborted)) {
      const result = await ask()
      if (signal.aborted) return
      if (result.ok) {
        hasPassed = true
        failures = 0
        successes++
        if (verdict !== 'passed' && successes >= spec.successThreshold) {
          verdict = 'passed'
          onPassed()
        }
      } else if (isDue) {
        successes = 0
        failures++
        onMissed(result.error)
        if (failures >= spec.failureThreshold) {
          verdict = 'failed'
          onFailed(result.error)
        }
      }
      if (isDue) due = clock.now() + spec.period
    }
    if (signal.aborted) return
    const wait = due - clock.now()
    if (!isEager()) await sleep(clock, wait, signal)
    else if (!hope.signal.aborted) await sleep(clock, wait, AbortSignal.any([signal, hope.signal]))
    else {
      await sleep(clock, Math.min(pause, wait), signal)
      pause = Math.min(pause * GROWTH, LONGEST_PAUSE)
    }
  }
}
