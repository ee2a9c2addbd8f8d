import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type HeaderList, pairsOf } from './proxy-headers.js'

/** Whether a client would rather go on in HTTP/2, as that of Java says with each request. */
export const offersHttp2 = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.trim().toLowerCase() === 'h2c'

/**
 * Has the server read a request again, as one that offers nothing: RFC 9110 7.8 lets a server answer in the protocol that it was asked in. Node hands on what has
 * an `Upgrade` with its body unread, as a WebSocket wants it; a pod that takes no upgrade would wait for that body.
 */
export function declineHttp2(server: Server, request: IncomingMessage, client: Duplex, head: Buffer): void {
  const { method, url, httpVersion } = request
  const lines = withoutOffer(pairsOf(request.rawHeaders)).map(([name, value]) => `${name}: ${value}\r\n`)
  const start = Buffer.from(`${method} ${url} HTTP/${httpVersion}\r\n${lines.join('')}\r\n`, 'latin1')
  client.unshift(Buffer.concat([start, head]))
  server.emit('connection', client)
}

function withoutOffer(headers: HeaderList): HeaderList {
  return headers.flatMap(([name, value]): HeaderList => {
    switch (name.toLowerCase()) {
      case 'upgrade':
      case 'http2-settings':
        return []
      case 'connection': {
        const kept = value.split(',').filter(one => !/^\s*(upgrade|http2-settings)\s*$/i.test(one))
        return kept.length === 0 ? [] : [[name, kept.join(',')]]
      }
      default:
        return [[name, value]]
    }
  })
}
