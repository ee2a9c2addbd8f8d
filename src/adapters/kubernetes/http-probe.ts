import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { err, ok, type Result } from '../../core/result.js'

/** An `httpGet` of a probe. */
export interface HttpProbe {
  readonly path: string
  readonly secure: boolean
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Asks once, as a kubelet does: a status from 200 to 399 passes, and no certificate is verified. Over `stream` where one is given. The error is in the
 * words of a kubelet, also where a path or a header is such that nothing can be asked.
 */
export function askHttpProbe(
  { path, secure, headers }: HttpProbe,
  { host, port, stream }: { readonly host: string; readonly port: number; readonly stream?: Duplex },
  signal: AbortSignal,
): Promise<Result<void, string>> {
  return new Promise(resolve => {
    const failed = (error: Error): void =>
      resolve(err(`Get "${path}" at port ${port}: ${error.message || error.name}`))
    const over = (given: Duplex) => ({
      createConnection: () => (secure ? tls.connect({ socket: given, rejectUnauthorized: false }) : given),
    })
    try {
      const request = (secure && stream === undefined ? https : http).get(
        {
          host,
          port,
          path: (path.startsWith('/') ? path : `/${path}`).replace(/[^\x21-\x7e]/gu, encodeURIComponent),
          headers: { 'user-agent': 'kube-probe/devloop', accept: '*/*', connection: 'close', ...headers },
          signal,
          ...(stream === undefined ? { agent: false } : over(stream)),
          ...(secure ? { rejectUnauthorized: false } : {}),
        },
        ({ statusCode = 0 }) => {
          request.destroy()
          resolve(
            statusCode >= 200 && statusCode < 400
              ? ok(undefined)
              : err(`HTTP probe failed with statuscode: ${statusCode}`),
          )
        },
      )
      request.on('error', failed)
    } catch (error) {
      failed(error instanceof Error ? error : new Error(String(error)))
    }
  })
}
