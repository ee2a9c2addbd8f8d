import { cancelled, type Problem } from '../../core/problem.js'
import { err, type Result } from '../../core/result.js'
import type { LoadOptions, LoadReport } from '../../ports/image-loader.js'
import { watchPulse } from '../engine-pulse/watch-pulse.js'

/** Milliseconds that a load has to end after it was aborted, and to take away what is half there. */
const ABORT_PATIENCE = 2000

/**
 * A load that is given up where the engine gives no sign of life any more, or where it was aborted and does not end: nobody waits for what hangs. `letGo` ends what it may hang in; `ask` says
 * why there is no sign of life, if there is none.
 */
export async function whileEngineAnswers(
  options: LoadOptions,
  {
    ask,
    letGo,
    work,
    patience = ABORT_PATIENCE,
    pulse,
  }: {
    readonly ask: () => Promise<Problem | undefined>
    readonly letGo: () => void
    readonly work: (options: LoadOptions) => Promise<Result<LoadReport>>
    readonly patience?: number
    readonly pulse?: number
  },
): Promise<Result<LoadReport>> {
  const lost = new AbortController()
  let end: (result: Result<LoadReport>) => void = () => {}
  const givenUp = new Promise<Result<LoadReport>>(resolve => {
    end = resolve
  })
  const giveUp = (problem: Problem): void => {
    lost.abort()
    letGo()
    end(err(problem))
  }
  // Where the engine cannot be asked at all, the work itself says so.
  using _pulse = watchPulse(() => ask().catch(() => undefined), giveUp, pulse)
  let waiting: NodeJS.Timeout | undefined
  const onAbort = (): void => {
    waiting = setTimeout(giveUp, patience, cancelled)
  }
  options.signal.addEventListener('abort', onAbort, { once: true })
  try {
    const signal = AbortSignal.any([options.signal, lost.signal])
    return await Promise.race([work({ ...options, signal }), givenUp])
  } finally {
    options.signal.removeEventListener('abort', onAbort)
    clearTimeout(waiting)
  }
}
