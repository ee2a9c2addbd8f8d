import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createCluster } from './client.js'
import { createKubeHttp, type KubeHttp } from './http-client.js'

let folder: string
let server: http.Server
let client: KubeHttp
/** What the server answers, one after the other; the last one from then on. */
let answers: string[]
/** The connections that were answered, by the port of their other end; and those on which nothing is answered any more. */
let ports: (number | undefined)[]
let deadPorts: Set<number | undefined>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-http-'))
  ports = []
  deadPorts = new Set()
  server = http.createServer(({ socket }, response) => {
    if (deadPorts.has(socket.remotePort)) return
    ports.push(socket.remotePort)
    const body = answers.length > 1 ? answers.shift() : answers[0]
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const file = join(folder, 'kubeconfig')
  const { port } = server.address() as AddressInfo
  await writeFile(
    file,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    }),
  )
  client = createKubeHttp({
    context: 'c',
    files: [file],
    runner: { run: () => Promise.reject(new Error('no program is needed')) },
    timeouts: { stale: 20 },
  })
})
afterEach(async () => {
  client.close()
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})

it.each([
  [
    'asks again for an answer that ends half way',
    ['{"kind":"Pod","meta', '{"kind":"Pod"}'],
    '{"kind":"Pod"}',
  ],
  ['asks again for an empty answer', ['', '{}'], '{}'],
])('%s', async (_, given, expected) => {
  answers = given
  expect(await client.request({ method: 'PATCH', path: '/x', body: {} })).toMatchObject({
    ok: true,
    value: { status: 200, body: expected },
  })
})

it('says that the cluster does not answer where no answer is whole', async () => {
  answers = ['{"kind":"Pod","meta']
  expect(await client.request({ method: 'GET', path: '/x' })).toMatchObject({
    ok: false,
    error: { kind: 'cluster-unreachable', message: 'The answer of the API server is not whole.' },
  })
})

it('does not send twice what may be done only once', async () => {
  answers = ['{"kind":"Pod","meta', '{}']
  const answer = await client.request({ method: 'POST', path: '/x', body: {}, idempotent: false })
  expect(answer).toMatchObject({ ok: false, error: { kind: 'cluster-unreachable' } })
  expect(answers).toEqual(['{}'])
})

it('reads on another connection where an idle one is dead without having ended', async () => {
  answers = ['{}']
  await client.request({ method: 'GET', path: '/x' })
  deadPorts = new Set(ports)
  expect(await client.request({ method: 'GET', path: '/x' })).toMatchObject({
    ok: true,
    value: { body: '{}' },
  })
  expect(new Set(ports).size).toBe(2)
})

it('leaves a cluster that does not say which it is once it is told to', async () => {
  const own = new AbortController()
  server.removeAllListeners('request')
  server.on('request', () => own.abort())
  const identity = await createCluster(client).identity(own.signal)
  expect(identity).toEqual({ ok: false, error: { kind: 'cancelled' } })
})
