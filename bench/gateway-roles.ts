// One process of bench/gateway.ts, at a free port of 127.0.0.1 that it prints: a server of a short text, a plain proxy before a port, or devloop's gateway
// before a port, without a cluster. Ends when it is interrupted.

import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { createGateway } from '../src/adapters/gateway/gateway-server.js'
import { createProcessRunner } from '../src/adapters/process/process-runner.js'
import { ok } from '../src/core/result.js'
import { buildRouteTable } from '../src/core/routes/build-table.js'

const [role = '', target = ''] = process.argv.slice(2)

function serve(listener: http.RequestListener): void {
  const server = http.createServer(listener)
  server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
}

/** As people write one: a request of its own for each, over connections that are kept. */
function proxy(port: number): http.RequestListener {
  const agent = new http.Agent({ keepAlive: true })
  return (request, response) => {
    const { method, url, headers } = request
    const sent = http.request({ host: '127.0.0.1', port, agent, method, path: url, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    sent.on('error', () => response.writeHead(502).end())
    request.pipe(sent)
  }
}

/** The gateway with a way to pods that is a plain connection: what is left is its own work. */
async function gateway(port: number): Promise<void> {
  const backend = { namespace: 'shop', service: 'web', port }
  const table = buildRouteTable({
    objects: [],
    named: new Map([['web', backend]]),
    hosts: [],
    isMissing: () => false,
  })
  const ready = [{ namespace: 'shop', pod: 'web', uid: 'web', port }]
  const opened = await createGateway({
    platform: process.platform,
    runner: createProcessRunner(),
    folder: '',
  }).open({
    port: 0,
    view: { table, backend: () => ({ ready, coming: false, notes: [] }) },
    forward: {
      open: () =>
        new Promise(resolve => {
          const socket = net.connect({ host: '127.0.0.1', port }, () => resolve(ok(socket)))
        }),
    },
  })
  if (!opened.ok) throw new Error(opened.error.message)
  console.log(opened.value.port)
}

// So that a profile that was asked for (node --cpu-prof) is written.
process.on('SIGINT', () => process.exit(0))

if (role === 'origin') serve((_request, response) => response.end('as it should be'))
else if (role === 'proxy') serve(proxy(Number(target)))
else await gateway(Number(target))
