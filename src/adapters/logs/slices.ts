/** Work of many streams, a little at a time. */
export interface Slices {
  /** Does the work when its turn comes; rejects with what it throws. */
  run(work: () => void): Promise<void>
}

/** Milliseconds of work before the rest of the program gets its turn: a key is answered and a frame is drawn in between. */
const SLICE = 4

/** The processor's time and not the clock's: on a busy machine a process does little in a few milliseconds, and would do ever less. */
const processorTime = (): number => process.cpuUsage().user / 1000

/**
 * Does in one turn of the event loop no more than fits a slice, in the order in which it came. Without it, twenty containers that print as fast as they can
 * fill every turn with a chunk of each, and keys and frames wait for seconds on a busy machine.
 */
export function createSlices(now: () => number = processorTime): Slices {
  const queue: (() => void)[] = []
  let isScheduled = false
  const schedule = (): void => {
    if (isScheduled) return
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      const end = now() + SLICE
      do queue.shift()?.()
      while (queue.length > 0 && now() < end)
      if (queue.length > 0) schedule()
    })
  }
  return {
    run: work =>
      new Promise((resolve, reject) => {
        queue.push(() => {
          try {
            work()
            resolve()
          } catch (error) {
            reject(error)
          }
        })
        schedule()
      }),
  }
}
