import { setTimeout as delay } from 'node:timers/promises'
import { cancelled, type Problem } from '../../core/problem.js'
import { err, type Result } from '../../core/result.js'
import type { LoadOptions, LoadReport } from '../../ports/image-loader.js'
import { watchPulse } from '../engine-pulse/watch-pulse.js'

/** Milliseconds that a load has to end after it was aborted, and to take away what is half there; as often as this where the engine is sound and only slow. */
const ABORT_PATIENCE = 2000
const ABORT_ROUNDS = 3
/** Milliseconds for its answer: who leaves does not wait for an engine that hangs. */
const SOUND = 500

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
  let isOver = false
  let waiting: NodeJS.Timeout | undefined
  const onAbort = (rounds = ABORT_ROUNDS): void => {
    waiting = setTimeout(async () => {
      const isSound = rounds > 1 && (await Promise.race([answers(ask), silence(SOUND)]))
      if (isOver) return
      if (isSound) onAbort(rounds - 1)
      else giveUp(cancelled)
    }, patience)
  }
  const aborted = (): void => onAbort()
  options.signal.addEventListener('abort', aborted, { once: true })
  try {
    const signal = AbortSignal.any([options.signal, lost.signal])
    return await Promise.race([work({ ...options, signal }), givenUp])
  } finally {
    isOver = true
    options.signal.removeEventListener('abort', aborted)
    clearTimeout(waiting)
  }
}

const answers = async (ask: () => Promise<Problem | undefined>): Promise<boolean> =>
  ask().then(
    problem => problem === undefined,
    () => false,
  )

const silence = (milliseconds: number): Promise<false> => delay(milliseconds, false, { ref: false })
