const RETRY_MS = 1000
// A timer's limit is 2^31 ms, and another worker may have added an earlier booking meanwhile.
const LONGEST_SLEEP_MS = 60_000

/**
 * Expires what is due in `queue`, one after another, and sleeps until the next is. A booking leaves the queue only after `expire` has told of
 * it: told twice at worst, never not at all.
 */
export function createExpirer({ queue, expire, log }) {
  let timer
  let running = false
  let wanted = false
  let stopped = false

  /** Milliseconds until the next is due; undefined with an empty queue. */
  async function expireDue() {
    for (;;) {
      const next = await queue.next()
      if (next === undefined) return undefined
      const wait = next.expiresAt - Date.now()
      if (wait > 0) return wait
      await expire(next.bookingId)
      await queue.remove(next.bookingId)
    }
  }

  async function wake() {
    wanted = true
    if (running) return
    running = true
    clearTimeout(timer)
    let sleep
    while (wanted && !stopped) {
      wanted = false
      try {
        sleep = await expireDue()
      } catch (error) {
        log.warn('expiry failed, trying again', { error: error.message })
        sleep = RETRY_MS
      }
    }
    running = false
    if (stopped || sleep === undefined) return
    timer = setTimeout(wake, Math.min(sleep, LONGEST_SLEEP_MS))
  }

  return {
    /** Call after the queue changed. */
    wake: () => void wake(),
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
