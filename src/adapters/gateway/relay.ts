import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import net from 'node:net'
import { type Duplex, pipeline } from 'node:stream'
import { sendPage } from './pages.js'
import { flat, pairsOf, withoutHops } from './proxy-headers.js'

/** Hands a request whole to the devloop that serves its name. */
export function relayRequest(socketPath: string, request: IncomingMessage, response: ServerResponse): void {
  const { headers } = request
  if (headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
  const kept = withoutHops(pairsOf(request.rawHeaders)).filter(([name]) => name.toLowerCase() !== 'expect')
  const list =
    headers['transfer-encoding'] === undefined ? kept : [...kept, ['Transfer-Encoding', 'chunked'] as const]
  const sent = http.request({
    socketPath,
    agent: false,
    method: request.method,
    path: request.url,
    headers: flat(list),
    setHost: false,
  })
  response.on('close', () => sent.destroy())
  sent.on('response', answer => {
    response.writeHead(
      answer.statusCode ?? 502,
      answer.statusMessage ?? '',
      flat(withoutHops(pairsOf(answer.rawHeaders))),
    )
    response.flushHeaders()
    pipeline(answer, response, () => {})
  })
  sent.on('error', error => {
    if (!response.headersSent)
      sendPage(response, {
        status: 502,
        title: 'the devloop that serves this name ended',
        lines: [error.message],
        routes: [],
      })
  })
  request.pipe(sent)
}

/** Hands a connection that leaves HTTP to the devloop that serves its name, byte by byte. */
export function relayUpgrade(
  socketPath: string,
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
): void {
  const other = net.connect(socketPath)
  const lines = pairsOf(request.rawHeaders).map(([name, value]) => `${name}: ${value}\r\n`)
  other.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1')
  other.write(head)
  pipeline(client, other, client, () => {
    client.destroy()
    other.destroy()
  })
}
