import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** Reads a stream of the engine's JSON messages to its end. Rejects with the engine's words on an error, and when `signal` aborts. */
export async function readProgress(stream: Readable, signal: AbortSignal): Promise<void> {
  const stop = () => stream.destroy(new Error('aborted'))
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const line of createInterface({ input: stream })) {
      if (line.trim() === '') continue
      const message: unknown = JSON.parse(line)
      const failure =
        typeof message === 'object' && message !== null && 'error' in message ? message.error : undefined
      if (failure !== undefined) throw new Error(String(failure))
    }
    if (signal.aborted) throw new Error('aborted')
  } finally {
    signal.removeEventListener('abort', stop)
    stream.destroy()
  }
}
