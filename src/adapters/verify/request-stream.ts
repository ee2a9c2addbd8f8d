import http from 'node:http'
import { type RequestSample, resultOfStatus, resultOfWords } from '../../core/verify/request-sample.js'
import type { RequestStream, StreamTarget } from '../../ports/request-stream.js'

/** Longer than the gateway holds a request. */
const PATIENCE = 15_000
/** More at a time are not open: a server that answers nobody is not asked on and on. */
const MOST_OPEN = 100

export function createRequestStream(): RequestStream {
  return {
    start: (target, sink) => {
      const open = new Set<Promise<void>>()
      const timer = setInterval(() => {
        if (open.size >= MOST_OPEN) return
        const one = ask(target)
          .then(sink)
          .finally(() => open.delete(one))
        open.add(one)
      }, 1000 / target.rate)
      return {
        stop: async () => {
          clearInterval(timer)
          await Promise.all(open)
        },
      }
    },
  }
}

function ask({ host, port, name, path }: StreamTarget): Promise<RequestSample> {
  const startedAt = Date.now()
  return new Promise(resolve => {
    const end = (result: RequestSample['result']) => {
      clearTimeout(late)
      resolve({ startedAt, endedAt: Date.now(), result })
    }
    const fail = (error: NodeJS.ErrnoException) => end(resultOfWords(error.code ?? error.message))
    const request = http.get({ host, port, path, agent: false, headers: { host: name } }, answer => {
      answer.on('end', () =>
        end(answer.complete ? resultOfStatus(answer.statusCode ?? 0) : resultOfWords('cut off')),
      )
      answer.on('error', fail)
      answer.resume()
    })
    const late = setTimeout(() => {
      end(resultOfWords('timed out'))
      request.destroy()
    }, PATIENCE)
    request.on('error', fail)
  })
}
