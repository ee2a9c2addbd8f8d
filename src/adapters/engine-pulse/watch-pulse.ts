import type { Problem } from '../../core/problem.js'

/** Milliseconds between two questions. Who waits for a build or a load that hangs with its engine is told soon enough; a short one asks nothing. */
const PULSE = 5000
/** Questions in a row without an answer: a machine that has no time for one would lose its work of minutes. */
const MISSES = 2

/**
 * Asks an engine for a sign of life while something of it takes long, which may be silent for minutes and sound: a step that compiles, a layer that is unpacked. `ask` never rejects; what it
 * resolves with is why there was no sign. Where there is none twice in a row that is told once, and then nothing more is asked.
 */
export function watchPulse(
  ask: () => Promise<Problem | undefined>,
  onLost: (problem: Problem) => void,
  every = PULSE,
): Disposable {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  let missed = 0
  const next = (): void => {
    timer = setTimeout(() => void look(), every)
  }
  const look = async (): Promise<void> => {
    const problem = await ask()
    if (isOver) return
    missed = problem === undefined ? 0 : missed + 1
    if (problem === undefined || missed < MISSES) return next()
    isOver = true
    onLost(problem)
  }
  next()
  return {
    [Symbol.dispose]: () => {
      isOver = true
      clearTimeout(timer)
    },
  }
}
