import { once } from 'node:events'
import http from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Running } from './rig/devloop.js'
import { config } from './rig/fixtures.js'
import { createProject, type TestProject } from './rig/project.js'

/** A service that ends as it should: on SIGTERM it takes no new connection and finishes what it has. Speaks just enough of WebSocket to send one frame back. */
const server = `const http = require('http')
const crypto = require('crypto')
const { readFileSync } = require('fs')
const text = readFileSync('text', 'utf8').trim()
const server = http.createServer((request, response) => {
  if (request.url === '/healthz') return response.end('ok')
  const { host } = request.headers
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify({ name: process.env.NAME, text, url: request.url, host, proto: request.headers['x-forwarded-proto'] }))
})
server.on('upgrade', (request, socket) => {
  const accept = crypto.createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64')
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n')
  socket.on('data', frame => {
    const length = frame[1] & 127
    const mask = frame.subarray(2, 6)
    const body = Buffer.from(frame.subarray(6, 6 + length).map((byte, at) => byte ^ mask[at % 4]))
    socket.write(Buffer.concat([Buffer.from([0x81, body.length]), body]))
  })
  socket.on('error', () => {})
})
server.listen(3000)
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
  setInterval(() => server.closeIdleConnections(), 50)
})
`
const dockerfile = `FROM node:20-bookworm-slim
WORKDIR /app
COPY server.js text ./
CMD ["node", "server.js"]
`

const workload = (name: string, port: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: 1
  strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: ${name}
          image: NS/app
          env: [{ name: NAME, value: ${name} }]
          ports: [{ name: web, containerPort: 3000 }]
          readinessProbe: { httpGet: { path: /healthz, port: 3000 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: ${name}-srv }
spec: { selector: { app: ${name} }, ports: [{ port: 3000, targetPort: ${port} }] }
`

/** The rules of a shop: regular expressions whose order is by length, not as written. */
const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations: { nginx.ingress.kubernetes.io/use-regex: "true" }
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
}

function ask(path: string, { method = 'GET', host = `tour.xyz:${port}` } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port, path, method, agent, headers: { host } },
      async answer => {
        const chunks: Buffer[] = []
        for await (const chunk of answer) chunks.push(chunk as Buffer)
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() })
      },
    )
    request.on('error', reject)
    request.end()
  })
}

beforeAll(async () => {
  project = await createProject({
    'dev.config.yaml': config('  app: { image: NS/app }', 'gateway: { port: 0 }\n'),
    'app/Dockerfile': dockerfile,
    'app/server.js': server,
    'app/text': 'zero',
    'k8s/client.yaml': workload('client', '3000'),
    'k8s/tours.yaml': workload('tours', 'web'),
    'k8s/bookings.yaml': workload('bookings', '3000'),
    'k8s/ingress.yaml': ingress,
  })
  up = project.start('up', '--json')
  await up.until('live', { deadline: 120_000 })
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

test('a WebSocket reaches its pod', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/tours/live`, {
    headers: { host: `tour.xyz:${port}` },
  })
  await once(socket, 'open')
  socket.send('hello')
  expect(String((await once(socket, 'message'))[0])).toBe('hello')
  socket.terminate()
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
  const requests = stream()
  for (let save = 1; save <= 10; save += 1) {
    const text = `save ${save}`
    const since = up.mark()
    await project.write('app/text', text)
    await up.until('live', { since, deadline: 60_000 })
    await expect.poll(() => requests.texts.has(text), { timeout: 10_000 }).toBe(true)
  }
  const { count, failures } = await requests.stop()
  expect(failures).toEqual([])
  expect(count).toBeGreaterThan(500)
})
