import { once } from 'node:events'
import { createServer, type IncomingMessage, request as plainRequest, type ServerResponse } from 'node:http'
import { Agent, request as secureRequest } from 'node:https'
import type { AddressInfo } from 'node:net'

/** How to reach an API server: what a kubeconfig says of it, decoded. */
export interface ApiServer {
  readonly server: string
  readonly ca: Buffer
  readonly cert: Buffer
  readonly key: Buffer
}

export interface ServedLogs extends AsyncDisposable {
  /** Where it listens, for a kubeconfig. */
  readonly server: string
  /** Streams that are open. */
  readonly open: () => number
  /** Writes a chunk to every open stream: what `lines` makes for one pod. */
  readonly write: (lines: (stream: number) => string) => void
}

const LOG_PATH = /^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/log\?/

/**
 * Stands before a real API server, hands every request on to it, and answers those for a container's log itself. So lines cost neither a program that
 * prints them nor a kubelet that reads them, and what is measured is the one who reads.
 */
export async function serveLogs(api: ApiServer, namespace: string): Promise<ServedLogs> {
  const agent = new Agent({ ca: api.ca, cert: api.cert, key: api.key, keepAlive: true })
  const streams: ServerResponse[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    if (LOG_PATH.test(path) && path.includes(`/namespaces/${namespace}/`)) {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.flushHeaders()
      streams.push(response)
      response.on('close', () => streams.splice(streams.indexOf(response), 1))
      return
    }
    handOn({ api, agent, request, response })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => streams.length,
    write: lines => {
      for (const [index, stream] of streams.entries()) stream.write(lines(index))
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      agent.destroy()
    },
  }
}

interface Exchange {
  readonly api: ApiServer
  readonly agent: Agent
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

function handOn({ api, agent, request, response }: Exchange): void {
  const { method, headers } = request
  const url = new URL(request.url ?? '/', api.server)
  const send = url.protocol === 'https:' ? secureRequest : plainRequest
  const upstream = send(url, { method, headers: { ...headers, host: url.host }, agent }, answer => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  upstream.on('error', () => response.destroy())
  response.on('close', () => upstream.destroy())
  request.pipe(upstream)
}
