import type { ClientRequest, IncomingMessage } from 'node:http'

/** Milliseconds after a client left in which its answer must be over: as late as this the pod hears of it. */
const LONGEST = 2000
/** The same after the head of an answer that does not say how long it is: most of these come whole, and others never end. */
const LONGEST_UNTOLD = 100
/** Bytes of a body above which a new connection is cheaper. */
const LARGEST = 64 << 10
/** Requests that are drained at a time. */
const MOST = 64

/**
 * Requests whose clients left. To cut one off costs its connection, which the node takes a second to end, and the next one a handshake: clients that leave in numbers,
 * as tests with short timeouts do, would leave none for those that stay. Where the answer is about to come and small, it is read to its end instead.
 */
export interface Drains {
  /** Takes over a request; false where its pod has to be told at once that nobody listens any more. */
  take(sent: ClientRequest, answer: IncomingMessage | undefined): boolean
}

export function createDrains(): Drains {
  let running = 0
  return {
    take: (sent, answer) => {
      if (running >= MOST || !sent.writableEnded || sent.destroyed) return false
      // A connection that is not to be used again is no loss.
      if (!sent.shouldKeepAlive) return false
      // What has begun and does not say where it ends may be a stream.
      const rest = answer === undefined ? 0 : lengthOf(sent, answer)
      if (rest === undefined || rest > LARGEST) return false
      running += 1
      const cut = (): void => void sent.destroy()
      let timer = setTimeout(cut, LONGEST)
      const read = (from: IncomingMessage): void => {
        const length = lengthOf(sent, from)
        if (!sent.shouldKeepAlive || isEvents(from) || (length ?? 0) > LARGEST) {
          cut()
          return
        }
        if (length === undefined) {
          clearTimeout(timer)
          timer = setTimeout(cut, LONGEST_UNTOLD)
        }
        let size = 0
        from.on('error', () => {})
        from.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > LARGEST) cut()
        })
        from.resume()
      }
      sent.once('close', () => {
        clearTimeout(timer)
        running -= 1
      })
      if (answer === undefined) sent.once('response', read)
      else read(answer)
      return true
    },
  }
}

const isEvents = ({ headers }: IncomingMessage): boolean =>
  /^text\/event-stream\b/i.test(headers['content-type'] ?? '')

/** Bytes of an answer's body; undefined where its head does not say it. */
function lengthOf({ method }: ClientRequest, { statusCode, headers }: IncomingMessage): number | undefined {
  if (method === 'HEAD' || statusCode === 204 || statusCode === 304) return 0
  const length = headers['content-length']
  return length === undefined ? undefined : Number(length)
}
