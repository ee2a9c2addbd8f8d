/** Keeps loads from doing the same work twice and from starving each other. */
export interface Turns {
  /** Claims these things, or gives a promise that resolves when one that another holds is free. */
  claim(keys: readonly string[]): { readonly release: () => void } | Promise<void>
  /** Runs one piece of work at a time for each lane, in the order of the calls. */
  run<T>(lane: string, work: () => Promise<T>): Promise<T>
}

export function createTurns(): Turns {
  const held = new Map<string, Promise<void>>()
  const lanes = new Map<string, Promise<unknown>>()
  return {
    claim(keys) {
      const other = keys.map(key => held.get(key)).find(promise => promise !== undefined)
      if (other !== undefined) return other
      let free: () => void = () => undefined
      const done = new Promise<void>(resolve => {
        free = resolve
      })
      for (const key of keys) held.set(key, done)
      return {
        release: () => {
          for (const key of keys) held.delete(key)
          free()
        },
      }
    },
    run(lane, work) {
      const before = lanes.get(lane) ?? Promise.resolve()
      const next = before.then(work, work)
      lanes.set(
        lane,
        next.catch(() => undefined),
      )
      return next
    },
  }
}
