import type { IncomingMessage } from 'node:http'
import type { Writable } from 'node:stream'

/** Bytes of a body that are kept, so that a pod which refused the connection does not cost the request. */
const KEPT = 256 << 10

export interface ReplayBody {
  /** Whether all that was taken from the client is still there. */
  readonly canReplay: boolean
  /** Writes the body to a target, from its first byte. What does not fit what is kept goes on when `proven` resolves: the pod is there. */
  send(target: Writable, proven: Promise<void>): void
  /** Leaves the target; the client waits. */
  stop(): void
}

/** Reads a request's body as fast as its target takes it. `onTooLong` is called once when it is longer than the limit. */
export function createReplayBody(
  request: IncomingMessage,
  limit: number | undefined,
  onTooLong: () => void,
): ReplayBody {
  const kept: Buffer[] = []
  let size = 0
  let isKeeping = true
  let hasEnded = false
  let isTooLong = false
  let target: Writable | undefined
  let isProven = false

  let isRead = false
  const read = (): void => {
    isRead = true
    request.pause()
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (isTooLong) return
      if (limit !== undefined && size > limit) {
        isTooLong = true
        target = undefined
        return onTooLong()
      }
      if (isKeeping) kept.push(chunk)
      const isFull = isKeeping && size > KEPT
      const flows = target?.write(chunk) ?? false
      if (isFull && isProven) forget()
      if (!flows || (isFull && !isProven)) request.pause()
    })
    request.on('end', () => {
      hasEnded = true
      target?.end()
    })
  }

  const forget = (): void => {
    isKeeping = false
    kept.length = 0
  }
  const goOn = (): void => {
    if (!isTooLong && target !== undefined && !hasEnded && !(isKeeping && size > KEPT && !isProven))
      request.resume()
  }

  return {
    get canReplay() {
      return isKeeping
    },
    send: (to, proven) => {
      target = to
      isProven = false
      // Most requests have no body. To read the nothing that they have costs as much as all that is done with their headers.
      if (!isRead && request.complete && request.readableLength === 0) hasEnded = true
      else if (!isRead) read()
      for (const chunk of kept) to.write(chunk)
      if (hasEnded) {
        to.end()
        return
      }
      to.on('drain', () => {
        if (target === to) goOn()
      })
      void proven.then(() => {
        if (target !== to) return
        isProven = true
        if (size > KEPT) forget()
        if (!to.writableNeedDrain) goOn()
      })
      goOn()
    },
    stop: () => {
      target = undefined
      if (isRead) request.pause()
    },
  }
}
