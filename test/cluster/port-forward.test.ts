import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Running } from './rig/devloop.js'
import { config } from './rig/fixtures.js'
import { read } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'

/** Ends as a service should: on SIGTERM it goes on, as behind a `preStop`, until no connection has come for a moment, and finishes what it has. */
const server = `const http = require('http')
const text = require('fs').readFileSync('text', 'utf8').trim()
const counter = { value: 41 }
globalThis.counter = counter
const server = http.createServer((request, response) => {
  if (request.method === 'POST') {
    let bytes = 0
    request.on('data', chunk => { bytes += chunk.length })
    request.on('end', () => response.end(Buffer.alloc(bytes, 'x')))
    return
  }
  response.end(process.env.HOSTNAME + ' ' + text)
})
server.listen(3000)
process.on('SIGTERM', () => {
  let last = Date.now()
  let isClosed = false
  server.on('connection', () => { last = Date.now() })
  setInterval(() => {
    if (isClosed) return server.closeIdleConnections()
    if (Date.now() - last < 500) return
    isClosed = true
    server.close(() => process.exit(0))
  }, 50)
})
`
const dockerfile = `FROM node:20-bookworm-slim
WORKDIR /app
COPY server.js text ./
CMD ["node", "server.js"]
`
const pod = (image: string, probes = '') => `
    metadata: { labels: { app: ${image} } }
    spec:
      containers:
        - name: app
          image: NS/${image}
          ports: [{ name: web, containerPort: 3000 }]
          readinessProbe: { httpGet: { path: /, port: web }, periodSeconds: 1 }
          ${probes}`
const service = (name: string, app: string) => `
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${app} }, ports: [{ port: 3000, targetPort: web }] }
`
const manifests = `apiVersion: apps/v1
kind: Deployment
metadata: { name: tours }
spec:
  strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  selector: { matchLabels: { app: tours } }
  template:${pod('tours', 'livenessProbe: { httpGet: { path: /, port: web }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 2 }')}
${service('tours-srv', 'tours')}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: store }
spec:
  replicas: 2
  podManagementPolicy: Parallel
  selector: { matchLabels: { app: store } }
  template:${pod('store')}
${service('store-srv', 'store')}
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: jvm }
spec:
  selector: { matchLabels: { app: jvm } }
  template:
    metadata: { labels: { app: jvm } }
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: app, image: NS/jvm, env: [{ name: "JAVA_TOOL_OPTIO\\x4eS", value: -Xmx64m }] }] }
`

/** Stands in for a JVM: with the agent in its options it listens as one does, and answers the handshake, which is the same both ways. */
const java = `#!/bin/sh
[ "$1" = -version ] && exit 0
env | grep -q '=-Xmx64m -agentlib:jdwp=.*,address=5005$' && exec nc -ll -p 5005 -e cat
exec sleep 1000000
`

let project: TestProject
let up: Running
let declared: number
let taken: net.Server
let takenPort: number

const listen = (): Promise<net.Server> =>
  new Promise((resolve, reject) => {
    const held = net.createServer().once('error', reject)
    held.listen(0, '127.0.0.1', () => resolve(held))
  })
const portOf = (held: net.Server): number => (held.address() as AddressInfo).port
const close = (held: net.Server): Promise<void> => new Promise(resolve => held.close(() => resolve()))

/** Each on a connection of its own. */
function ask(port: number, body?: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const request = http.request({ host: '127.0.0.1', port, method, agent: false }, async answer => {
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk as Buffer)
      resolve(Buffer.concat(chunks))
    })
    request.on('error', reject)
    request.end(body)
  })
}

const forward = (target: string, where: (address: string) => boolean = () => true) =>
  up.until('forward', { where: told => told.target === target && where(told.address), deadline: 60_000 })
const portIn = (address: string): number => Number(address.split(':').at(-1))

beforeAll(async () => {
  const free = await listen()
  declared = portOf(free)
  await close(free)
  taken = await listen()
  takenPort = portOf(taken)
  project = await createProject({
    'dev.config.yaml': config(
      '  tours: { image: NS/tours, context: app }\n  store: { image: NS/store, context: app }\n  jvm: { image: NS/jvm }',
      `portForward:
  - { to: service/tours-srv, port: 3000, local: ${declared} }
  - { to: deployment/tours, port: web, local: ${takenPort} }
  - pod/store-1:3000
`,
    ),
    'app/Dockerfile': dockerfile,
    'app/server.js': server,
    'app/text': 'zero',
    'jvm/Dockerfile': 'FROM busybox:1.35\nCOPY --chmod=755 java /bin/java\nCMD ["java"]\n',
    'jvm/java': java,
    'k8s/all.yaml': manifests,
  })
  up = project.start('up', '--json')
  for (const name of ['tours', 'store', 'jvm'])
    await up.until('live', { where: told => told.service === name, deadline: 120_000 })
}, 150_000)
afterAll(async () => {
  if (taken.listening) await close(taken)
  await project[Symbol.asyncDispose]()
})

test('a declared port, a member of a StatefulSet, and by default the Services that no route serves', async () => {
  expect((await forward('service/tours-srv:3000')).address).toBe(`127.0.0.1:${declared}`)
  expect(String(await ask(declared))).toMatch(/^tours-.* zero$/)
  const member = await forward('pod/store-1:3000')
  expect(String(await ask(portIn(member.address)))).toBe('store-1 zero')
  const own = await forward('service/store-srv:3000')
  expect(String(await ask(portIn(own.address)))).toMatch(/^store-[01] zero$/)
  const { stdout } = await project.run('status', '--json')
  expect(JSON.parse(stdout).forwards).toContainEqual({
    target: 'service/store-srv:3000',
    namespace: project.namespace,
    service: 'store',
    address: own.address,
  })
})

test('a taken port is told with its owner, and taken once it is free', { timeout: 60_000 }, async () => {
  const { problem } = await up.until('problem', { where: told => told.object === 'deployment/tours:web' })
  expect(problem).toMatchObject({
    kind: 'forward-failed',
    port: takenPort,
    reason: 'taken',
    owner: { pid: process.pid },
  })
  await close(taken)
  await forward('deployment/tours:web')
  expect(String(await ask(takenPort))).toMatch(/^tours-/)
})

test('what is large arrives whole, and so does the answer to a client that has ended its side', async () => {
  const answer = await ask(declared, Buffer.alloc(8 << 20, 'y'))
  expect(answer.equals(Buffer.alloc(8 << 20, 'x'))).toBe(true)
  const socket = net.connect({ host: '127.0.0.1', port: declared, allowHalfOpen: true })
  socket.end('GET / HTTP/1.0\r\n\r\n')
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  expect(String(Buffer.concat(chunks))).toContain('zero')
})

const bin = fileURLToPath(new URL('../../bin/devloop.js', import.meta.url))

/** `devloop debug` until `stop`, from when it tells its port. */
async function debug(name: string) {
  const child = spawn(process.execPath, [bin, 'debug', name], {
    cwd: project.folder,
    env: { ...process.env, DEVLOOP_STATE_DIR: project.stateDirectory },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  let port: number | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /listens at 127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (found === undefined) continue
    port = Number(found)
    break
  }
  child.stdout.resume()
  if (port === undefined) throw new Error(`devloop debug ended with ${child.exitCode}`)
  return {
    port,
    stop: async () => {
      child.kill('SIGINT')
      const [code] = await exit
      return code
    },
  }
}

const containerOf = async (name: string) => {
  const { spec } = await read(project.namespace, 'deployment', name)
  const { template } = spec as { template: { spec: { containers: Record<string, unknown>[] } } }
  return template.spec.containers[0]
}

test('a debugger attaches to Node, and no liveness probe ends it meanwhile', {
  timeout: 120_000,
}, async () => {
  const { port, stop } = await debug('tours')
  const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    webSocketDebuggerUrl: string
  }[]
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '')
  await once(socket, 'open')
  let id = 0
  const call = (method: string, params = {}): Promise<{ result?: { value?: unknown } }> => {
    id += 1
    const own = id
    socket.send(JSON.stringify({ id, method, params }))
    return new Promise(resolve => {
      const onMessage = (data: Buffer): void => {
        const message = JSON.parse(String(data))
        if (message.id !== own) return
        socket.off('message', onMessage)
        resolve(message.result)
      }
      socket.on('message', onMessage)
    })
  }
  const evaluated = await call('Runtime.evaluate', { expression: 'globalThis.counter.value + 1' })
  expect(evaluated.result?.value).toBe(42)
  expect(await containerOf('tours')).toMatchObject({ livenessProbe: { timeoutSeconds: 3600 } })
  socket.terminate()
  expect(await stop()).toBe(0)
  await expect
    .poll(() => containerOf('tours'), { timeout: 60_000 })
    .toMatchObject({ livenessProbe: { timeoutSeconds: 1 } })
})

test('a JVM gets its agent beside its own options, and both go', { timeout: 120_000 }, async () => {
  const { port, stop } = await debug('jvm')
  const socket = net.connect({ host: '127.0.0.1', port })
  socket.write('JDWP-Handshake')
  expect(String((await once(socket, 'data'))[0])).toBe('JDWP-Handshake')
  socket.destroy()
  expect(await stop()).toBe(0)
  await expect
    .poll(() => containerOf('jvm'), { timeout: 60_000 })
    .toMatchObject({ env: [{ name: 'JAVA_TOOL_OPTIONS', value: '-Xmx64m' }] })
})

test('saves under a stream of connections cost none of them', { timeout: 180_000 }, async () => {
  const failures: string[] = []
  const texts = new Set<string>()
  let isOver = false
  const client = async (): Promise<void> => {
    while (!isOver)
      await ask(declared).then(
        answer => texts.add(String(answer).split(' ').slice(1).join(' ')),
        (error: Error) => failures.push(error.message),
      )
  }
  const clients = [client(), client(), client()]
  for (const text of ['one', 'two']) {
    const since = up.mark()
    await project.write('app/text', text)
    await up.until('live', { since, where: told => told.service === 'tours', deadline: 60_000 })
    await expect.poll(() => texts.has(text)).toBe(true)
  }
  isOver = true
  await Promise.all(clients)
  expect(failures).toEqual([])
  expect([...texts].sort()).toEqual(['one', 'two', 'zero'])
})
