import { get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

export interface WaitOptions {
  readonly port: number
  /** The body that is waited for. */
  readonly answer: string
  /** Milliseconds between the starts of two requests. */
  readonly interval: number
  /** Milliseconds until it gives up. */
  readonly bound: number
  readonly signal: AbortSignal
  /** Throws when waiting has become pointless. */
  readonly check: () => void
  /** What to add to the message at the bound. */
  readonly tail: () => string
}

/** At most so many requests are open at once: an unanswered one must not hold back the next, nor may they pile up. */
const MOST_OPEN = 20

/**
 * Asks 127.0.0.1 at a fixed interval, each time on a new connection, until the answer is the one waited for.
 * Gives the time of that answer (performance.now()); throws at the bound.
 */
export async function waitForAnswer(options: WaitOptions): Promise<number> {
  const { port, answer, interval, bound, signal, check, tail } = options
  const end = performance.now() + bound
  let open = 0
  let answeredAt: number | undefined
  while (answeredAt === undefined) {
    signal.throwIfAborted()
    check()
    if (performance.now() > end)
      throw new Error(`port ${port} did not answer "${answer}" within ${bound / 1000} s:\n${tail()}`)
    if (open < MOST_OPEN) {
      open += 1
      void ask(port).then(text => {
        open -= 1
        if (text === answer) answeredAt ??= performance.now()
      })
    }
    await delay(interval)
  }
  return answeredAt
}

/** The body of one answer; undefined when there is none within a second. */
export function ask(port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const request = get({ host: '127.0.0.1', port, agent: false, timeout: 1000 }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.once('end', () => resolve(text)).once('error', () => resolve(undefined))
    })
    request.once('timeout', () => request.destroy()).once('close', () => resolve(undefined))
    request.once('error', () => resolve(undefined))
  })
}
