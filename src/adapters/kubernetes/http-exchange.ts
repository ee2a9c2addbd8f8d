import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'

/** One request on the wire. */
export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | undefined
  readonly agent: http.Agent
  readonly signal: AbortSignal | undefined
  /** Milliseconds until the connection stands, and then until the response's head is there. */
  readonly connectTimeout: number
  readonly headTimeout: number
  /** Milliseconds until the response's head is there where a connection that was idle took a GET. Default: as any other. */
  readonly staleTimeout?: number
}

/** Of an ExchangeError: a connection that was idle may be dead without having ended. */
export const STALE = 'ESTALE'

/** An error on the way, before a response's head came. `sent`: the server may have seen the request. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError'
  constructor(
    message: string,
    readonly code: string,
    readonly sent: boolean,
  ) {
    super(message)
  }
}

/** Sends one request and resolves with the response's head. Rejects with an ExchangeError, or the signal's reason once it aborted. */
export function exchange(options: Exchange): Promise<IncomingMessage> {
  const { url, signal } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const transport = url.protocol === 'https:' ? https : http
    let sent = false
    let request: http.ClientRequest
    try {
      request = transport.request(url, {
        method: options.method,
        agent: options.agent,
        headers: {
          ...options.headers,
          ...(options.body === undefined
            ? {}
            : { 'Content-Length': String(Buffer.byteLength(options.body)) }),
        },
      })
    } catch (error) {
      return reject(asExchangeError(error, url))
    }
    const timeOut = (what: string, code = 'ETIMEDOUT') =>
      request.destroy(new ExchangeError(`${url.host} ${what}`, code, sent))
    let timer = setTimeout(timeOut, options.connectTimeout, 'does not answer (connection timed out)')
    const connected = () => {
      sent = true
      clearTimeout(timer)
      const { staleTimeout, headTimeout, method } = options
      const isDoubtful = staleTimeout !== undefined && method === 'GET' && request.reusedSocket
      const [limit, code] = isDoubtful ? [staleTimeout, STALE] : [headTimeout, 'ETIMEDOUT']
      timer = setTimeout(timeOut, limit, 'took the request and does not answer', code)
    }
    // Aborting also ends the response's body: the request owns the socket until that is read.
    const abort = () => request.destroy()
    signal?.addEventListener('abort', abort, { once: true })
    request.on('close', () => signal?.removeEventListener('abort', abort))
    request.on('socket', socket => {
      if (!socket.connecting) connected()
      else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected)
    })
    request.on('response', response => {
      clearTimeout(timer)
      resolve(response)
    })
    request.on('error', error => {
      clearTimeout(timer)
      if (signal?.aborted) reject(signal.reason)
      else if (error instanceof ExchangeError) reject(error)
      else reject(new ExchangeError(sentence(error, url), codeOf(error), sent))
    })
    request.end(options.body)
  })
}

/** What is refused before anything is sent: a certificate or a token of the kubeconfig that is none. */
export function asExchangeError(error: unknown, url: URL): ExchangeError {
  const known = error instanceof Error ? error : new Error(String(error))
  return new ExchangeError(sentence(known, url), codeOf(known), false)
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** What a connection's error means, for people. */
export function sentence(error: Error, url: URL): string {
  const code = codeOf(error)
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing answers at ${url.host} (connection refused). Is the cluster running?`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The name ${url.hostname} does not resolve.`
    case 'ECONNRESET':
    case 'EPIPE':
      return `${url.host} closed the connection.`
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `There is no way to ${url.host} on the network.`
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'CERT_SIGNATURE_FAILURE':
      return `The certificate of ${url.host} is not signed by the authority that the kubeconfig names (${error.message}). Another cluster may answer there now.`
    case 'CERT_HAS_EXPIRED':
      return `The certificate of ${url.host} has expired.`
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `The certificate of ${url.host} is for another name: ${error.message}`
    default:
      return `${url.host}: ${error.message}`
  }
}
