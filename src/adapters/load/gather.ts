/**
 * Makes one reading of several that are asked for at about the same time: a call joins the next reading, which begins when the one that runs has ended, so
 * that it is never older than the call.
 */
export function gather<T>(
  read: (keys: readonly string[]) => Promise<T>,
): (keys: readonly string[]) => Promise<T> {
  let next: { readonly keys: Set<string>; readonly answer: Promise<T> } | undefined
  let running: Promise<unknown> = Promise.resolve()
  return keys => {
    if (next === undefined) {
      const gathered = new Set<string>()
      const answer = running
        // One turn of the event loop lets callers come that were woken together.
        .then(() => new Promise<void>(resolve => setImmediate(resolve)))
        .then(() => {
          next = undefined
          return read([...gathered])
        })
      running = answer.catch(() => undefined)
      next = { keys: gathered, answer }
    }
    for (const key of keys) next.keys.add(key)
    return next.answer
  }
}
