import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createGateway } from '../adapters/gateway/gateway-server.js'
import { createProcessRunner } from '../adapters/process/process-runner.js'
import { err, ok } from '../core/result.js'
import { buildRouteTable } from '../core/routes/build-table.js'
import type { BackendState, GatewayView, OpenGateway, PodEndpoint } from '../ports/gateway.js'
import type { PodForward } from '../ports/pod-forward.js'

export type TestPod = PodEndpoint & { readonly server: http.Server }

/** Gateways of this process, and servers that stand for pods. */
export interface GatewayRig {
  /** Where gateways meet. */
  readonly folder: string
  pod(name: string, listener: http.RequestListener): Promise<TestPod>
  /** A port at which nothing listens. */
  refusing(name: string): Promise<PodEndpoint>
  open(view: GatewayView, forward?: PodForward, port?: number): Promise<OpenGateway>
  /** What is to be done at the end, the last one first. */
  later(close: () => unknown): void
  close(): Promise<void>
}

export async function createGatewayRig(): Promise<GatewayRig> {
  const closing: (() => unknown)[] = []
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'))
  closing.push(() => rm(folder, { recursive: true, force: true }))
  const pod = async (name: string, listener: http.RequestListener): Promise<TestPod> => {
    const server = http.createServer(listener)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => {
      server.closeAllConnections()
      server.close()
    })
    return { uid: name, namespace: 'shop', pod: name, port: (server.address() as AddressInfo).port, server }
  }
  return {
    folder,
    pod,
    refusing: async name => {
      const { server, ...endpoint } = await pod(name, () => {})
      server.close()
      await once(server, 'close')
      return endpoint
    },
    open: async (view, forward = localForward(), port = 0) => {
      const gateway = createGateway({
        platform: process.platform,
        runner: createProcessRunner(),
        folder,
      })
      const opened = await gateway.open({ port, view, forward })
      if (!opened.ok) throw new Error(opened.error.message)
      closing.push(() => opened.value.close())
      return opened.value
    },
    later: close => void closing.push(close),
    close: async () => {
      for (const close of closing.splice(0).reverse()) await close()
    },
  }
}

/** Ports of this machine in place of those of pods. `opened` has the pods in the order in which they were tried. */
export function localForward(): PodForward & { readonly opened: string[] } {
  const opened: string[] = []
  return {
    opened,
    open: async ({ pod: name, port }) => {
      opened.push(name)
      if (port === 0) return err({ kind: 'forward-refused', message: 'pod is gone' })
      return ok(net.connect(port, '127.0.0.1'))
    },
  }
}

/** One rule for everything below a name, to the pods of a state. */
export function viewOf(
  state: Partial<BackendState>,
  annotations: Readonly<Record<string, string>> = {},
  host = 'tour.xyz',
): GatewayView {
  const table = buildRouteTable({
    named: new Map(),
    hosts: [],
    objects: [
      {
        object: {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'Ingress',
          metadata: {
            name: 'tour',
            namespace: 'shop',
            annotations: Object.fromEntries(
              Object.entries(annotations).map(([key, value]) => [
                `nginx.ingress.kubernetes.io/${key}`,
                value,
              ]),
            ),
          },
          spec: {
            rules: [
              {
                host,
                http: {
                  paths: [
                    {
                      path: '/',
                      pathType: 'Prefix',
                      backend: { service: { name: 'tour', port: { number: 80 } } },
                    },
                  ],
                },
              },
            ],
          },
        },
        place: 'k8s/ingress.yaml:3',
      },
    ],
  })
  return { table, backend: () => ({ ready: [], coming: false, notes: [], ...state }) }
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** Asks a gateway, over a connection of its own. */
export function ask(
  { port }: { readonly port: number },
  options: http.RequestOptions & { readonly body?: string | Readable } = {},
): Promise<Answer> {
  const { body, headers, ...rest } = options
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port, agent: false, ...rest, headers: { host: `tour.xyz:${port}`, ...headers } },
      async response => {
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk as Buffer)
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        })
      },
    )
    request.on('error', reject)
    if (body instanceof Readable) body.pipe(request)
    else request.end(body)
  })
}

/** Answers with what was asked. */
export const echo: http.RequestListener = (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    response.setHeader('Content-Type', 'application/json')
    const { method, url, headers } = request
    response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }))
  })
}
