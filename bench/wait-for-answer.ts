import { get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

export interface WaitOptions {
  readonly port: number
  /** The name in the request; undefined: the address. */
  readonly host?: string
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
 * Gives the time of that answer (performance.now()), and how many requests had none; throws at the bound.
 */
export async function waitForAnswer(options: WaitOptions): Promise<Answered> {
  const { port, host, answer, interval, bound, signal, check, tail } = options
  const end = performance.now() + bound
  let open = 0
  let failed = 0
  let answeredAt: number | undefined
  while (answeredAt === undefined) {
    signal.throwIfAborted()
    check()
    if (performance.now() > end)
      throw new Error(`port ${port} did not answer "${answer}" within ${bound / 1000} s:\n${tail()}`)
    if (open < MOST_OPEN) {
      open += 1
      void ask(port, host).then(text => {
        open -= 1
        if (text === undefined) failed += 1
        if (text === answer) answeredAt ??= performance.now()
      })
    }
    await delay(interval)
  }
  return { at: answeredAt, failed }
}

export interface Answered {
  readonly at: number
  /** Requests that had no good answer until then. */
  readonly failed: number
}

/** How many requests at this interval have no good answer for so long, both in milliseconds. */
export async function countFailures(
  { port, host }: Pick<WaitOptions, 'port' | 'host'>,
  interval: number,
  time: number,
): Promise<number> {
  const end = performance.now() + time
  const asked: Promise<string | undefined>[] = []
  while (performance.now() < end) {
    asked.push(ask(port, host))
    await delay(interval)
  }
  return (await Promise.all(asked)).filter(text => text === undefined).length
}

/** The body of one answer with 200; undefined when there is none within a second. */
export function ask(port: number, name?: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const headers = name === undefined ? {} : { host: `${name}:${port}` }
    const request = get({ host: '127.0.0.1', port, headers, agent: false, timeout: 1000 }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response
        .once('end', () => resolve(response.statusCode === 200 ? text : undefined))
        .once('error', () => resolve(undefined))
    })
    request.once('timeout', () => request.destroy()).once('close', () => resolve(undefined))
    request.once('error', () => resolve(undefined))
  })
}
