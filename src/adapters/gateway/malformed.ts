import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { renderPage } from './pages.js'

/** Milliseconds that a client has to read the answer. To close before all that it sends was read could take the answer from it. */
const LINGER = 2000

/** Answers what is no request of HTTP with words: Node by itself says a status and nothing more, and a browser shows an empty page. `headers` are the bytes that a request's may have. */
export function answerMalformed(server: Server, { headers }: { readonly headers: number }): void {
  const running = new Map<Duplex, number>()
  const begun = ({ socket }: IncomingMessage, response: ServerResponse): void => {
    running.set(socket, (running.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const left = (running.get(socket) ?? 1) - 1
      if (left > 0) running.set(socket, left)
      else running.delete(socket)
    })
  }
  server.on('request', begun)
  server.on('checkContinue', begun)
  server.on('clientError', (error: NodeJS.ErrnoException, client) => {
    // More of what was answered already.
    if (client.writableEnded) return
    // It would come in the middle of another answer.
    if (!client.writable || error.code === 'ECONNRESET' || running.has(client)) {
      client.destroy()
      return
    }
    const { status, title, lines } = explain(error, headers)
    const { type, body } = renderPage({ status, title, lines, routes: [] }, '')
    client.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    )
    setTimeout(() => client.destroy(), LINGER).unref()
  })
}

function explain(
  { code, message }: NodeJS.ErrnoException,
  headers: number,
): { readonly status: number; readonly title: string; readonly lines: readonly string[] } {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        title: `the headers are longer than ${headers >> 10} kB`,
        lines: [
          'ingress-nginx takes no more by default. In a browser these are cookies mostly: delete those of this site.',
        ],
      }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, title: 'the request did not come in time', lines: [] }
    default:
      return { status: 400, title: 'this is no request of HTTP/1.1', lines: [message] }
  }
}
