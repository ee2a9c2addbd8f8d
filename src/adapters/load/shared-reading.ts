/** A reading of something that others may change at any time, and that we change ourselves now and then. */
export interface SharedReading<T> {
  /** The newest value, however old; undefined before the first. */
  readonly latest: T | undefined
  /**
   * A value read at most so many milliseconds ago and after every change of ours that has ended; where there is none, a new one. A reading
   * under way that fulfils the latter is shared.
   */
  read(maxAgeMs: number): Promise<T>
  /** Marks the beginning of a change of ours. The returned function marks its end, with a value read after the change and before the end. */
  change(): (after?: T) => void
}

interface Reading<T> {
  readonly began: number
  readonly value: T
}

/** `now` gives milliseconds that never go back. */
export function createSharedReading<T>(
  read: () => Promise<T>,
  now: () => number = () => performance.now(),
): SharedReading<T> {
  let latest: Reading<T> | undefined
  let underWay: { readonly began: number; readonly promise: Promise<T> } | undefined
  let changed = Number.NEGATIVE_INFINITY

  const keep = (reading: Reading<T>) => {
    if (latest === undefined || reading.began >= latest.began) latest = reading
  }

  function begin(): Promise<T> {
    const began = now()
    const promise = read()
    const own = { began, promise }
    underWay = own
    const done = () => {
      if (underWay === own) underWay = undefined
    }
    promise.then(value => {
      keep({ began, value })
      done()
    }, done)
    return promise
  }

  return {
    get latest() {
      return latest?.value
    },
    async read(maxAgeMs) {
      if (latest !== undefined && latest.began >= changed && now() - latest.began < maxAgeMs)
        return latest.value
      if (underWay !== undefined && underWay.began >= changed) return underWay.promise
      return begin()
    },
    change() {
      const began = now()
      return after => {
        const ended = now()
        // Another change that ended meanwhile may have been made after this value was read: then it is only better than an older one.
        const sure = changed < began
        changed = ended
        if (after !== undefined) keep({ began: sure ? ended : began, value: after })
      }
    },
  }
}
