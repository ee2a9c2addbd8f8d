import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Running } from './rig/devloop.js'
import { config } from './rig/fixtures.js'
import { kubectl } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'

/**
 * A service that ends as it should: on SIGTERM it takes no new connection, finishes what it has and closes its WebSockets. Speaks just enough of WebSocket to send one
 * frame back. Its carts are kept by another service, so that they outlive its pods.
 */
const server = `const http = require('http')
const crypto = require('crypto')
const { readFileSync } = require('fs')
const text = readFileSync('text', 'utf8').trim()
const kept = new Map()
const listeners = new Set()
const sockets = new Set()
const server = http.createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://x')
  if (pathname === '/healthz') return response.end('ok')
  if (pathname.endsWith('/events')) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
    listeners.add(response)
    return response.on('close', () => listeners.delete(response))
  }
  if (pathname.endsWith('/tell')) {
    for (const one of listeners) one.write('data: told\\n\\n')
    return response.end(String(listeners.size))
  }
  if (pathname.endsWith('/big')) {
    if (request.method === 'GET') {
      const piece = Buffer.alloc(1 << 16, 'devloop ')
      let left = 100 << 20
      const more = () => {
        while (left > 0 && response.write(piece)) left -= piece.length
        left > 0 ? response.once('drain', () => { left -= piece.length; more() }) : response.end()
      }
      return more()
    }
    let size = 0
    request.on('data', chunk => { size += chunk.length })
    return request.on('end', () => response.end(String(size)))
  }
  if (pathname.startsWith('/kept/')) {
    if (request.method === 'PUT') { kept.set(pathname, (kept.get(pathname) ?? 0) + 1); return response.end() }
    return response.end(String(kept.get(pathname) ?? 0))
  }
  if (pathname === '/cart') {
    const id = /session=(\\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? crypto.randomUUID().replaceAll('-', '')
    const place = 'http://bookings-srv:3000/kept/' + id
    await fetch(place, { method: 'PUT' })
    const count = await (await fetch(place)).text()
    response.setHeader('Set-Cookie', 'session=' + id + '; Path=/')
    return response.end(JSON.stringify({ pod: process.env.HOSTNAME, count }))
  }
  const { host } = request.headers
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify({ name: process.env.NAME, text, url: request.url, host, proto: request.headers['x-forwarded-proto'] }))
})
server.on('upgrade', (request, socket) => {
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket))
  const accept = crypto.createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64')
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n')
  socket.on('data', frame => {
    const length = frame[1] & 127
    const mask = frame.subarray(2, 6)
    const body = Buffer.from(frame.subarray(6, 6 + length).map((byte, at) => byte ^ mask[at % 4]))
    if ((frame[0] & 15) === 1) socket.write(Buffer.concat([Buffer.from([0x81, body.length]), body]))
  })
  socket.on('error', () => {})
})
server.listen(3000)
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  for (const socket of sockets) socket.end(Buffer.from([0x88, 2, 0x03, 0xe9]))
  for (const one of listeners) one.end()
  server.closeIdleConnections()
  setInterval(() => server.closeIdleConnections(), 50)
})
`
const dockerfile = `FROM node:20-bookworm-slim
WORKDIR /app
COPY server.js text ./
CMD ["node", "server.js"]
`

const workload = (name: string, port: string, { replicas = 1, image = 'app' } = {}) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${replicas}
  strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: ${name}
          image: NS/${image}
          env: [{ name: NAME, value: ${name} }]
          ports: [{ name: web, containerPort: 3000 }]
          readinessProbe: { httpGet: { path: /healthz, port: 3000 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: ${name}-srv }
spec: { selector: { app: ${name} }, ports: [{ port: 3000, targetPort: ${port} }] }
`

const cart = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: cart
  annotations:
    nginx.ingress.kubernetes.io/affinity: cookie
    nginx.ingress.kubernetes.io/session-cookie-name: route
spec:
  rules:
    - host: cart.xyz
      http: { paths: [{ path: /cart, pathType: Prefix, backend: { service: { name: client-srv, port: { number: 3000 } } } }] }
`

/** The rules of a shop: regular expressions whose order is by length, not as written. */
const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations:
    nginx.ingress.kubernetes.io/use-regex: "true"
    nginx.ingress.kubernetes.io/proxy-body-size: "0"
spec:
  ingressClassName: nginx
  rules:
    - host: tour.xyz
      http:
        paths:
          - { path: "/?(.*)", pathType: ImplementationSpecific, backend: { service: { name: client-srv, port: { number: 3000 } } } }
          - { path: "/api/tours/?(.*)", pathType: ImplementationSpecific, backend: { service: { name: tours-srv, port: { number: 3000 } } } }
          - { path: "/api/tours/?(.*)/bookings", pathType: ImplementationSpecific, backend: { service: { name: bookings-srv, port: { number: 3000 } } } }
`

let project: TestProject
let up: Running
let port: number
const agent = new http.Agent({ keepAlive: true })

interface Answer {
  readonly status: number
  readonly body: string
  readonly cookies: readonly string[]
}

function ask(
  path: string,
  {
    method = 'GET',
    host = `tour.xyz:${port}`,
    headers = {},
  }: {
    readonly method?: string
    readonly host?: string
    readonly headers?: Readonly<Record<string, string>>
  } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port, path, method, agent, headers: { host, ...headers } },
      async answer => {
        const chunks: Buffer[] = []
        for await (const chunk of answer) chunks.push(chunk as Buffer)
        const body = Buffer.concat(chunks).toString()
        resolve({ status: answer.statusCode ?? 0, body, cookies: answer.headers['set-cookie'] ?? [] })
      },
    )
    request.on('error', reject)
    request.end()
  })
}

beforeAll(async () => {
  project = await createProject({
    'dev.config.yaml': config(
      '  app: { image: NS/app }\n  tours: { image: NS/tours }',
      'gateway: { port: 0 }\n',
    ),
    'app/Dockerfile': dockerfile,
    'app/server.js': server,
    'app/text': 'zero',
    'tours/Dockerfile': dockerfile,
    'tours/server.js': server,
    'tours/text': 'zero',
    'k8s/client.yaml': workload('client', '3000', { replicas: 2 }),
    'k8s/tours.yaml': workload('tours', 'web', { image: 'tours' }),
    'k8s/bookings.yaml': workload('bookings', '3000'),
    'k8s/ingress.yaml': ingress,
    'k8s/cart.yaml': cart,
  })
  up = project.start('up', '--json')
  for (const name of ['app', 'tours'])
    await up.until('live', { where: told => told.service === name, deadline: 120_000 })
  const told = await up.until('gateway')
  port = told.port
  expect(told.addresses).toContain(`http://tour.xyz:${port}`)
}, 150_000)
afterAll(async () => {
  agent.destroy()
  await project[Symbol.asyncDispose]()
})

test.each([
  ['/', 'client'],
  ['/about?x=1', 'client'],
  ['/api/tours', 'tours'],
  ['/API/tours/7', 'tours'],
  ['/api/tours/7/bookings', 'bookings'],
])('%s leads to %s', async (path, name) => {
  const { status, body } = await ask(path)
  expect(status).toBe(200)
  expect(JSON.parse(body)).toMatchObject({ name, url: path, host: `tour.xyz:${port}`, proto: 'http' })
})

test('every Service has a name of its own, and names that nobody gave are refused with the routes', async () => {
  const named = await ask('/x', { host: `tours-srv.localhost:${port}` })
  expect(JSON.parse(named.body)).toMatchObject({ name: 'tours' })
  const refused = await ask('/', { host: 'evil.example' })
  expect(refused.status).toBe(404)
  expect(refused.body).toContain('ingress/shop in k8s/ingress.yaml:1')
})

test('an Ingress that only the cluster has is served, and no longer when it is deleted', async () => {
  const { namespace } = project
  const only = ingress.replace('name: shop', 'name: only').replace('tour.xyz', 'only.xyz')
  await kubectl(['apply', '-n', namespace, '-f', '-'], only)
  const host = `only.xyz:${port}`
  await expect.poll(async () => (await ask('/', { host })).body, { timeout: 30_000 }).toContain('"client"')
  const { stdout } = await project.run('routes', '--json')
  expect(stdout).toContain('ingress/only in the cluster')
  await kubectl(['delete', 'ingress', '-n', namespace, 'only'])
  await expect.poll(async () => (await ask('/', { host })).status, { timeout: 30_000 }).toBe(404)
})

/** An open WebSocket that answers. */
async function openSocket(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/tours/live`, {
    headers: { host: `tour.xyz:${port}` },
  })
  await once(socket, 'open')
  await echoes(socket, 'hello')
  return socket
}

async function echoes(socket: WebSocket, text: string): Promise<void> {
  const answer = once(socket, 'message')
  socket.send(text)
  expect(String((await answer)[0])).toBe(text)
}

test('a WebSocket lives on while another service rolls out and the routes change', async () => {
  const socket = await openSocket()
  const { namespace } = project
  await kubectl(['rollout', 'restart', '-n', namespace, 'deployment/bookings'])
  await kubectl(['rollout', 'status', '-n', namespace, 'deployment/bookings', '--timeout=90s'])
  const more =
    '          - { path: "/extra", pathType: Prefix, backend: { service: { name: tours-srv, port: { number: 3000 } } } }'
  await project.write('k8s/ingress.yaml', `${ingress}${more}\n`)
  await expect.poll(async () => (await ask('/extra')).body, { timeout: 30_000 }).toContain('"tours"')
  await echoes(socket, 'still here')
  socket.terminate()
})

test('server-sent events come when they are sent', async () => {
  const request = http.get({
    ...{ host: '127.0.0.1', port, path: '/api/tours/events', agent: false },
    headers: { host: `tour.xyz:${port}` },
  })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  for (let turn = 0; turn < 3; turn += 1) {
    const event = once(response, 'data')
    expect((await ask('/api/tours/tell', { method: 'POST' })).body).toBe('1')
    expect(String((await event)[0])).toBe('data: told\n\n')
  }
  request.destroy()
  // The pod learns that nobody listens any more.
  await expect.poll(async () => (await ask('/api/tours/tell', { method: 'POST' })).body).toBe('0')
})

/** The most memory that a process has had so far, in bytes. */
const mostMemory = async (pid: number): Promise<number> =>
  Number(/VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

test('100 MB each way, in little memory', async () => {
  const before = await mostMemory(up.pid)
  const size = 100 << 20
  const piece = Buffer.alloc(1 << 16, 'devloop ')
  const options = { host: '127.0.0.1', port, path: '/api/tours/big', headers: { host: `tour.xyz:${port}` } }
  const request = http.request({ ...options, method: 'POST', agent: false })
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>
  await pipeline(
    (function* () {
      for (let left = size; left > 0; left -= piece.length) yield piece
    })(),
    request,
    { end: true },
  )
  const [taken] = await answered
  expect(String(Buffer.concat(await taken.toArray()))).toBe(String(size))
  const [given] = (await once(http.get({ ...options, agent: false }), 'response')) as [http.IncomingMessage]
  let received = 0
  for await (const chunk of given) received += (chunk as Buffer).length
  expect(received).toBe(size)
  expect((await mostMemory(up.pid)) - before).toBeLessThan(100 << 20)
})

test('a session sticks to its pod by its cookie, and survives the pod where it is kept elsewhere', async () => {
  const cookies = new Map<string, string>()
  const visit = async () => {
    const cookie = [...cookies].map(pair => pair.join('=')).join('; ')
    const answer = await ask('/cart', { host: `cart.xyz:${port}`, headers: cookie === '' ? {} : { cookie } })
    expect(answer.status).toBe(200)
    for (const line of answer.cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    return JSON.parse(answer.body) as { readonly pod: string; readonly count: string }
  }
  const first = await visit()
  expect([...cookies.keys()].sort()).toEqual(['route', 'session'])
  for (const count of ['2', '3', '4']) expect(await visit()).toEqual({ pod: first.pod, count })
  await kubectl(['delete', 'pod', first.pod, '-n', project.namespace, '--wait=true'])
  const after = await visit()
  expect(after.pod).not.toBe(first.pod)
  expect(after.count).toBe('5')
})

test('devloop status tells the addresses', async () => {
  const { stdout } = await project.run('status')
  expect(stdout).toContain(`http://tour.xyz:${port}`)
})

/** One request every 20 ms until stopped, GETs and POSTs in turn. */
function stream() {
  const failures: string[] = []
  const texts = new Set<string>()
  const open = new Set<Promise<void>>()
  let count = 0
  const timer = setInterval(() => {
    count += 1
    const method = count % 4 === 0 ? 'POST' : 'GET'
    const one = ask('/api/tours/1', { method })
      .then(({ status, body }) => {
        if (status === 200) texts.add(JSON.parse(body).text)
        else failures.push(`${method} ${status} ${body}`)
      })
      .catch((error: Error) => {
        failures.push(`${method} ${error.message}`)
      })
      .finally(() => open.delete(one))
    open.add(one)
  }, 20)
  return {
    texts,
    stop: async () => {
      clearInterval(timer)
      await Promise.all(open)
      return { count, failures }
    },
  }
}

test('ten saves under a stream of requests cost none of them', { timeout: 300_000 }, async () => {
  const socket = await openSocket()
  const closed = once(socket, 'close')
  const requests = stream()
  for (let save = 1; save <= 10; save += 1) {
    const text = `save ${save}`
    const since = up.mark()
    await project.write('tours/text', text)
    await up.until('live', { since, where: told => told.service === 'tours', deadline: 60_000 })
    await expect.poll(() => requests.texts.has(text)).toBe(true)
  }
  // The pod that had the WebSocket is gone, and said so; the next one takes others.
  expect((await closed)[0]).toBe(1001)
  const again = await openSocket()
  again.terminate()
  const { count, failures } = await requests.stop()
  expect(failures).toEqual([])
  expect(count).toBeGreaterThan(500)
})
