import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import { asExchangeError, codeOf, type Exchange, ExchangeError, sentence } from './http-exchange.js'

/** A WebSocket, and the connection that it goes over. */
export interface OpenedSocket {
  readonly socket: WebSocket
  readonly connection: Socket
  /** That the server chose. */
  readonly protocol: string
}

/** What a message holds, in one piece. */
export function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}

/** Larger than any frame that a kubelet sends: it copies in pieces of 32 kB. */
const MAX_FRAME = 16 << 20

/**
 * Opens a WebSocket in place of sending a request. Resolves with the socket, paused, or with the head of the server's answer where it opens
 * none; rejects as `exchange` does.
 */
export async function openSocket(
  exchange: Exchange,
  protocols: readonly string[],
): Promise<OpenedSocket | IncomingMessage> {
  const { url, signal, agent } = exchange
  const { WebSocket: Client } = await import('ws')
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    let sent = false
    let timer: NodeJS.Timeout | undefined
    let socket: WebSocket
    // Kubernetes has names of protocols with a slash, which no standard allows, and so neither does the client.
    const proper = protocols.filter(protocol => !protocol.includes('/'))
    try {
      socket = new Client(url, proper, {
        agent,
        headers: exchange.headers as Record<string, string | string[]>,
        maxPayload: MAX_FRAME,
        // Pods are near, and what they send is often compressed already.
        perMessageDeflate: false,
        skipUTF8Validation: true,
        finishRequest: request => {
          const timeOut = (what: string) =>
            request.destroy(new ExchangeError(`${url.host} ${what}`, 'ETIMEDOUT', sent))
          timer = setTimeout(timeOut, exchange.connectTimeout, 'does not answer (connection timed out)')
          const connected = () => {
            sent = true
            clearTimeout(timer)
            timer = setTimeout(timeOut, exchange.headTimeout, 'took the request and does not answer')
          }
          request.on('socket', stream => {
            if (!stream.connecting) connected()
            else stream.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected)
          })
          request.setHeader('Sec-WebSocket-Protocol', protocols.join(', '))
          request.end()
        },
      })
    } catch (error) {
      return reject(asExchangeError(error, url))
    }
    const abort = () => socket.terminate()
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
    signal?.addEventListener('abort', abort, { once: true })
    socket.once('unexpected-response', (_request, response) => {
      settle()
      socket.off('error', fail)
      // Its own end of the request that the caller now reads is no news.
      socket.on('error', () => {})
      resolve(response)
    })
    socket.once('upgrade', ({ headers, socket: connection }) => {
      const protocol = headers['sec-websocket-protocol'] ?? ''
      if (protocol.includes('/') && protocols.includes(protocol)) {
        if (proper[0] === undefined) delete headers['sec-websocket-protocol']
        else headers['sec-websocket-protocol'] = proper[0]
      }
      socket.once('open', () => {
        settle()
        socket.pause()
        socket.off('error', fail)
        resolve({ socket, connection, protocol })
      })
    })
    const fail = (error: Error) => {
      settle()
      if (signal?.aborted) reject(signal.reason)
      else if (error instanceof ExchangeError) reject(error)
      else reject(new ExchangeError(sentence(error, url), codeOf(error), sent))
    }
    socket.once('error', fail)
  })
}
