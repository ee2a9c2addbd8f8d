import { createHash } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type Duplex, Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { OpenGateway } from '../../ports/gateway.js'
import type { PodForward } from '../../ports/pod-forward.js'
import {
  ask,
  createGatewayRig,
  echo,
  type GatewayRig,
  localForward,
  viewOf,
} from '../../testing/gateway-rig.js'
import { createProcessRunner } from '../process/process-runner.js'
import { createGateway } from './gateway-server.js'

let rig: GatewayRig
beforeEach(async () => {
  rig = await createGatewayRig()
})
afterEach(() => rig.close())

const pod: GatewayRig['pod'] = (...given) => rig.pod(...given)
const refusing: GatewayRig['refusing'] = name => rig.refusing(name)
const open: GatewayRig['open'] = (...given) => rig.open(...given)

/** Without IPv6 there is no ::1. */
function loopbacks(): readonly string[] {
  const own = Object.values(networkInterfaces()).flatMap(addresses =>
    addresses?.map(({ address }) => address),
  )
  return ['127.0.0.1', '::1'].filter(address => own.includes(address))
}

test('a request reaches the pod with its raw target, its host, and headers that tell where it came from', async () => {
  const gateway = await open(viewOf({ ready: [await pod('a', echo)] }))
  const answer = await ask(gateway, {
    path: '/a%2Fb/../c?x=1',
    headers: { 'x-forwarded-for': '6.6.6.6', connection: 'close, x-hop', 'x-hop': '1', cookie: 'a=1' },
  })
  const seen = JSON.parse(answer.body)
  expect(seen).toMatchObject({
    url: '/a%2Fb/../c?x=1',
    headers: {
      host: `tour.xyz:${gateway.port}`,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': `tour.xyz:${gateway.port}`,
      'x-forwarded-port': String(gateway.port),
      'x-forwarded-proto': 'http',
      'x-original-forwarded-for': '6.6.6.6',
      cookie: 'a=1',
    },
  })
  expect(seen.headers['x-hop']).toBeUndefined()
})

test('it answers at ::1 as well', async () => {
  const gateway = await open(viewOf({ ready: [await pod('a', echo)] }))
  const answer = await ask(gateway, { host: '::1', path: '/six' }).catch(
    (error: NodeJS.ErrnoException) => error.code,
  )
  // A machine without IPv6 has no such address.
  if (answer !== 'EADDRNOTAVAIL' && answer !== 'EAFNOSUPPORT') expect(answer).toMatchObject({ status: 200 })
})

test('redirects, several cookies and statuses come back as they are', async () => {
  const gateway = await open(
    viewOf({
      ready: [
        await pod('a', (_, response) => {
          response.writeHead(303, 'See It', [
            ['Location', '/callback'],
            ['Set-Cookie', 'a=1; Path=/'],
            ['Set-Cookie', 'b=2; Secure'],
          ] as never)
          response.end()
        }),
      ],
    }),
  )
  expect(await ask(gateway)).toMatchObject({
    status: 303,
    headers: { location: '/callback', 'set-cookie': ['a=1; Path=/', 'b=2; Secure'] },
  })
})

test('a refused connection goes to another pod, for every method, with the whole body', async () => {
  const forward = localForward()
  const ready = [await refusing('dead'), await pod('alive', echo)]
  const gateway = await open(viewOf({ ready }), forward)
  for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
    const body = method === 'GET' ? '' : 'x'.repeat(100_000)
    const answer = await ask(gateway, { method, body, headers: { 'content-length': body.length } })
    expect(JSON.parse(answer.body)).toMatchObject({ method, body })
  }
  expect(forward.opened).toContain('dead')
})

test('a connection that broke after the request was sent is not tried again', async () => {
  let count = 0
  const cut = (name: string) =>
    pod(name, request => {
      count += 1
      request.socket.destroy()
    })
  const gateway = await open(viewOf({ ready: [await cut('a'), await cut('b')] }))
  expect((await ask(gateway, { method: 'POST', body: 'x' })).status).toBe(502)
  expect((await ask(gateway)).status).toBe(502)
  expect(count).toBe(2)
})

test('a kept connection that the pod closed meanwhile costs no request', async () => {
  let count = 0
  const gateway = await open(
    viewOf({
      ready: [
        await pod('a', (request, response) => {
          count += 1
          // The second request on a connection is never answered.
          const socket = request.socket as net.Socket & { used?: true }
          if (socket.used === true) return void socket.destroy()
          socket.used = true
          response.end('ok')
        }),
      ],
    }),
  )
  for (let turn = 0; turn < 4; turn += 1) expect((await ask(gateway)).body).toBe('ok')
  expect(count).toBeGreaterThan(4)
})

test('a request waits for a pod that comes, and does not where none will', async () => {
  const gateway = await open(viewOf({ coming: true }))
  const waiting = ask(gateway, { path: '/waits' })
  const alive = await pod('new', echo)
  // The request is known to wait: another one was read after it.
  expect((await ask(gateway, { headers: { host: 'evil.com' } })).status).toBe(404)
  gateway.update(viewOf({ ready: [alive] }))
  expect((await waiting).status).toBe(200)
  gateway.update(viewOf({ coming: false, notes: ['tour-1: CrashLoopBackOff, exit code 1'] }))
  const refused = await ask(gateway)
  expect(refused.status).toBe(503)
  expect(refused.body).toContain('tour-1: CrashLoopBackOff, exit code 1')
  expect(refused.body).toContain('k8s/ingress.yaml:3')
})

test('a pod that became Ready before it listened costs no request', async () => {
  const late = await refusing('late')
  const gateway = await open(viewOf({ ready: [late] }))
  const waiting = ask(gateway, { method: 'POST', body: 'hello' })
  const server = http.createServer(echo).listen(late.port, '127.0.0.1')
  rig.later(() => server.close())
  expect(JSON.parse((await waiting).body)).toMatchObject({ body: 'hello' })
})

test('many requests that wait for a pod ask it one at a time whether it listens', async () => {
  const late = await refusing('late')
  const forward = localForward()
  const gateway = await open(viewOf({ ready: [late] }), forward)
  const crowd = Array.from({ length: 60 }, () => ask(gateway))
  await expect.poll(() => forward.opened.length, { timeout: 5000 }).toBeGreaterThan(4)
  expect(forward.opened.length).toBeLessThan(60)
  const server = http.createServer(echo).listen(late.port, '127.0.0.1')
  rig.later(() => server.close())
  for (const { status } of await Promise.all(crowd)) expect(status).toBe(200)
})

test('a pod that is asked by a client that leaves is asked by the next one', async () => {
  const late = await refusing('late')
  const gateway = await open(viewOf({ ready: [late] }))
  const leaving = http.get({
    ...{ port: gateway.port, host: '127.0.0.1', agent: false, headers: { host: 'tour.xyz' } },
  })
  leaving.on('error', () => {})
  await once(leaving, 'socket')
  const staying = ask(gateway)
  leaving.destroy()
  const server = http.createServer(echo).listen(late.port, '127.0.0.1')
  rig.later(() => server.close())
  expect((await staying).status).toBe(200)
})

/** Opens connections only as it is told to. */
function slowForward() {
  const here = localForward()
  const waiting: (() => void)[] = []
  const streams: Duplex[] = []
  const forward: PodForward = {
    open: async target => {
      await new Promise<void>(go => waiting.push(go))
      const opened = await here.open(target)
      if (opened.ok) streams.push(opened.value)
      return opened
    },
  }
  return { forward, waiting, streams }
}

/** The pod is known to listen, and has no connection that could be used again. */
async function answersFirst(gateway: OpenGateway, waiting: (() => void)[]): Promise<void> {
  const first = ask(gateway, { method: 'POST' })
  await expect.poll(() => waiting.length).toBe(1)
  waiting.shift()?.()
  expect((await first).status).toBe(200)
}

test('few connections are opened at a time, and requests that want their own come in turn', async () => {
  const { forward, waiting } = slowForward()
  const gateway = await open(viewOf({ ready: [await pod('a', echo)] }), forward)
  await answersFirst(gateway, waiting)
  const crowd = Array.from({ length: 40 }, (_, at) => ask(gateway, { method: 'POST', body: String(at) }))
  let most = 0
  for (let opened = 0; opened < 40; opened += 1) {
    await expect.poll(() => waiting.length).toBe(Math.min(32, 40 - opened))
    most = Math.max(most, waiting.length)
    waiting.shift()?.()
  }
  expect(most).toBe(32)
  for (const [at, { body }] of (await Promise.all(crowd)).entries())
    expect(JSON.parse(body)).toMatchObject({ body: String(at) })
})

test('a connection that becomes free serves who waits for another, and the late one is left: a program that ends would wait for it', async () => {
  const { forward, waiting, streams } = slowForward()
  const gateway = await open(viewOf({ ready: [await pod('a', echo)] }), forward)
  await answersFirst(gateway, waiting)
  const two = [ask(gateway, { path: '/1' }), ask(gateway, { path: '/2' })]
  await expect.poll(() => waiting.length).toBe(2)
  waiting.shift()?.()
  // One connection for both: the other was not opened yet.
  for (const { status } of await Promise.all(two)) expect(status).toBe(200)
  waiting.shift()?.()
  await expect.poll(() => streams.map(({ destroyed }) => destroyed)).toEqual([true, false, true])
})

test('a pod that is no longer ready gets no new request, and finishes its own', async () => {
  let finish: (() => void) | undefined
  const old = await pod('old', (request, response) => {
    if (request.url === '/quick') return void response.end('old')
    response.write('begun ')
    finish = () => response.end('finished')
  })
  const gateway = await open(viewOf({ ready: [old] }))
  expect((await ask(gateway, { path: '/quick' })).body).toBe('old')
  const long = ask(gateway, { path: '/long' })
  await expect.poll(() => finish !== undefined).toBe(true)
  gateway.update(viewOf({ ready: [await pod('new', (_, response) => response.end('new'))] }))
  expect((await ask(gateway, { path: '/quick' })).body).toBe('new')
  finish?.()
  expect((await long).body).toBe('begun finished')
})

test('a connection to processes that are started anew is not kept, and holds up their end no longer', async () => {
  const own = await pod('own', (_, response) => response.end('own'))
  const gateway = await open(viewOf({ ready: [{ ...own, processes: 'first' }] }))
  const connections = () =>
    new Promise<number>(resolve => own.server.getConnections((_, count) => resolve(count)))
  expect((await ask(gateway)).body).toBe('own')
  expect(await connections()).toBe(1)
  gateway.update(viewOf({ ready: [{ ...own, processes: 'next' }] }))
  await expect.poll(connections).toBe(0)
  expect((await ask(gateway)).body).toBe('own')
})

test('a request that waits for a connection when processes are started anew has it to itself', async () => {
  const { forward, waiting, streams } = slowForward()
  const heads: (string | undefined)[] = []
  const own = await pod('own', (request, response) => {
    heads.push(request.headers.connection)
    response.end('own')
  })
  const gateway = await open(viewOf({ ready: [{ ...own, processes: 'first' }] }), forward)
  await answersFirst(gateway, waiting)
  const asked = ask(gateway)
  await expect.poll(() => waiting.length).toBe(1)
  gateway.update(viewOf({ ready: [{ ...own, processes: 'next' }] }))
  waiting.shift()?.()
  expect((await asked).body).toBe('own')
  expect(heads.at(-1)).toBe('close')
  expect(waiting).toEqual([])
  expect(streams).toHaveLength(2)
})

test('a pod that another one replaces is asked only where that one takes nothing', async () => {
  const answer = (text: string) => (_: http.IncomingMessage, response: http.ServerResponse) =>
    void response.end(text)
  const old = { ...(await pod('old', answer('old'))), outgoing: true }
  const next = await pod('next', answer('next'))
  const gateway = await open(viewOf({ ready: [old, next] }))
  const texts = async () => [await ask(gateway), await ask(gateway)].map(({ body }) => body)
  expect(await texts()).toEqual(['next', 'next'])
  gateway.update(viewOf({ ready: [old, await refusing('last')] }))
  expect(await texts()).toEqual(['old', 'old'])
})

test.each([
  ['where nobody knows whether the new one listens', {}, ['old', 'old']],
  ['not where a probe of the new one says so', { listens: true }, []],
])(
  'while the first request to a new pod is under way the others go to the old one: %s',
  async (_, more, elsewhere) => {
    const answer = (text: string) => (_: http.IncomingMessage, response: http.ServerResponse) =>
      void response.end(text)
    const { forward, waiting } = slowForward()
    const old = { ...(await pod('old', answer('old'))), outgoing: true, listens: true }
    const next = { ...(await pod('next', answer('next'))), ...more }
    const gateway = await open(viewOf({ ready: [old, next] }), forward)
    const asked = ask(gateway)
    await expect.poll(() => waiting.length).toBe(1)
    const others = [ask(gateway), ask(gateway)]
    const texts = others.map(async one => (await one).body)
    const opens = async () => {
      await expect.poll(() => waiting.length).toBeGreaterThan(0)
      for (const go of waiting.splice(0)) go()
    }
    await expect.poll(() => waiting.length).toBeGreaterThan(1)
    await opens()
    expect((await asked).body).toBe('next')
    expect((await Promise.all(texts)).filter(text => text === 'old')).toEqual(elsewhere)
  },
)

test('a name that is not served is refused with the routes, to browsers as HTML', async () => {
  const gateway = await open(viewOf({}))
  const plain = await ask(gateway, { headers: { host: 'evil.com' } })
  expect(plain.status).toBe(404)
  expect(plain.body).toMatch(/tour\.xyz +\/ +Prefix +shop\/tour:80 +ingress\/tour in k8s\/ingress\.yaml:3/)
  const page = await ask(gateway, { headers: { host: '<b>.com', accept: 'text/html' } })
  expect(page.headers['content-type']).toContain('text/html')
  expect(page.body).not.toContain('<b>')
})

test('a WebSocket: text, binary, and the end', async () => {
  const server = await pod('a', echo)
  const sockets = new WebSocketServer({ server: server.server, path: '/ws' })
  sockets.on('connection', socket =>
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  )
  const gateway = await open(viewOf({ ready: [await refusing('dead'), server] }))
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`, { headers: { host: 'tour.xyz' } })
  await once(socket, 'open')
  socket.send('서울')
  expect(String((await once(socket, 'message'))[0])).toBe('서울')
  const bytes = Buffer.alloc(300_000, 7)
  socket.send(bytes)
  expect((await once(socket, 'message'))[0]).toEqual(bytes)
  for (const one of sockets.clients) one.close(4000)
  expect((await once(socket, 'close'))[0]).toBe(4000)
  sockets.close()
})

test('an upgrade that the pod does not want is answered as it answers', async () => {
  const gateway = await open(
    viewOf({ ready: [await pod('a', (_, response) => response.writeHead(426).end('no'))] }),
  )
  const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/x`, { headers: { host: 'tour.xyz' } })
  socket.on('error', () => {})
  const [, answer] = await once(socket, 'unexpected-response')
  expect(answer.statusCode).toBe(426)
  socket.terminate()
})

test('server-sent events come one by one, and the pod sees that the client left', async () => {
  let send = (_: string): void => {}
  let hasLeft = false
  const gateway = await open(
    viewOf({
      ready: [
        await pod('a', (_, response) => {
          response.writeHead(200, { 'Content-Type': 'text/event-stream' })
          response.flushHeaders()
          send = text => response.write(text)
          response.on('close', () => {
            hasLeft = true
          })
        }),
      ],
    }),
  )
  const request = http.get({
    port: gateway.port,
    host: '127.0.0.1',
    agent: false,
    headers: { host: 'tour.xyz' },
  })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
    send(text)
    expect(String((await once(response, 'data'))[0])).toBe(text)
  }
  request.destroy()
  await expect.poll(() => hasLeft).toBe(true)
})

const BIG = 200 << 20
const piece = Buffer.alloc(1 << 16, 'devloop ')
function big(): Readable {
  let left = BIG
  return new Readable({
    read() {
      this.push(left > 0 ? piece : null)
      left -= piece.length
    },
  })
}

test('200 MB each way, in little memory', { timeout: 60_000 }, async () => {
  let received = 0
  const gateway = await open(
    viewOf(
      {
        ready: [
          await pod('a', (request, response) => {
            if (request.method === 'GET') return void big().pipe(response)
            request.on('data', (chunk: Buffer) => {
              received += chunk.length
            })
            request.on('end', () => response.end('taken'))
          }),
        ],
      },
      { 'proxy-body-size': '0' },
    ),
  )
  const before = process.memoryUsage().rss
  expect((await ask(gateway, { method: 'POST', body: big() })).body).toBe('taken')
  expect(received).toBe(BIG)
  const request = http.get({
    port: gateway.port,
    host: '127.0.0.1',
    agent: false,
    headers: { host: 'tour.xyz' },
  })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  let sent = 0
  for await (const chunk of response) sent += (chunk as Buffer).length
  expect(sent).toBe(BIG)
  expect(process.memoryUsage().rss - before).toBeLessThan(120 << 20)
})

test.each([
  ['told', { 'content-length': '2000000' }],
  ['not told', { 'transfer-encoding': 'chunked' }],
])('a body that is too long, its length %s: 413', async (_, headers) => {
  const gateway = await open(viewOf({ ready: [await pod('a', echo)] }))
  const answer = await ask(gateway, { method: 'POST', body: 'x'.repeat(2_000_000), headers }).catch(
    (error: NodeJS.ErrnoException) => error.code,
  )
  // The connection ends while the client still sends: some clients see that first.
  if (answer !== 'EPIPE' && answer !== 'ECONNRESET') expect(answer).toMatchObject({ status: 413 })
})

test('a pod that says nothing for too long: 504', async () => {
  const gateway = await open(
    viewOf(
      { ready: [await pod('a', () => {})] },
      { 'proxy-read-timeout': '0.1', 'proxy-send-timeout': '0.1' },
    ),
  )
  expect((await ask(gateway)).status).toBe(504)
})

test('a cookie holds a client to its pod, and another pod in its place takes it over', async () => {
  const say = (name: string) => pod(name, (_, response) => response.end(name))
  const pods = [await say('a'), await say('b'), await say('c')]
  const cookies = { affinity: 'cookie', 'session-cookie-name': 'route' }
  const gateway = await open(viewOf({ ready: pods }, cookies))
  const first = await ask(gateway)
  const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  expect(cookie).toMatch(/^route=[0-9a-f]{32}\|[0-9a-f]{32}$/)
  for (let turn = 0; turn < 4; turn += 1) {
    const again = await ask(gateway, { headers: { cookie } })
    expect(again).toMatchObject({ body: first.body })
    expect(again.headers['set-cookie']).toBeUndefined()
  }
  const left = pods.filter(one => one.pod !== first.body)
  gateway.update(viewOf({ ready: left }, cookies))
  const elsewhere = await ask(gateway, { headers: { cookie } })
  expect(left.map(one => one.pod)).toContain(elsewhere.body)
  expect(elsewhere.headers['set-cookie']).toBeUndefined()
  gateway.update(viewOf({ ready: [...left, await say('new')] }, cookies))
  expect((await ask(gateway, { headers: { cookie } })).body).toBe('new')
})

test('requests with the same text go to the same pod, and to the one that takes its place', async () => {
  const names = ['a', 'b', 'c']
  const pods = await Promise.all(names.map(name => pod(name, (_, response) => response.end(name))))
  const by = { 'upstream-hash-by': '$request_uri' }
  const gateway = await open(viewOf({ ready: pods }, by))
  const paths = Array.from({ length: 12 }, (_, at) => `/${at}`)
  const askAll = async () => Promise.all(paths.map(async path => (await ask(gateway, { path })).body))
  const first = await askAll()
  expect(new Set(first)).toEqual(new Set(names))
  expect(await askAll()).toEqual(first)
  const next = await pod('d', (_, response) => response.end('d'))
  gateway.update(viewOf({ ready: [...pods.slice(1), next] }, by))
  expect(await askAll()).toEqual(first.map(name => (name === 'a' ? 'd' : name)))
})

test('a persistent cookie of a pod that is gone is replaced', async () => {
  const say = (name: string) => pod(name, (_, response) => response.end(name))
  const pods = [await say('a'), await say('b')]
  const cookies = { affinity: 'cookie', 'affinity-mode': 'persistent' }
  const gateway = await open(viewOf({ ready: pods }, cookies))
  const first = await ask(gateway)
  const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  expect((await ask(gateway, { headers: { cookie } })).body).toBe(first.body)
  gateway.update(viewOf({ ready: pods.filter(one => one.pod !== first.body) }, cookies))
  const moved = await ask(gateway, { headers: { cookie } })
  expect(moved.headers['set-cookie']?.[0]).toMatch(/^INGRESSCOOKIE=/)
})

test.each(loopbacks())('a port that is taken at %s tells by whom', async host => {
  const taken = net.createServer().listen(0, host)
  await once(taken, 'listening')
  rig.later(() => taken.close())
  const { port } = taken.address() as AddressInfo
  const opened = await createGateway({
    platform: process.platform,
    runner: createProcessRunner(),
    folder: rig.folder,
  }).open({
    port,
    view: viewOf({}),
    forward: localForward(),
  })
  expect(opened).toMatchObject({
    ok: false,
    error: { kind: 'gateway-failed', reason: 'taken', port, owner: { pid: process.pid } },
  })
})

test('what could smuggle a second request is refused', async () => {
  const gateway = await open(viewOf({ ready: [await pod('a', echo)] }))
  const socket = net.connect(gateway.port, '127.0.0.1')
  socket.write(
    'POST / HTTP/1.1\r\nHost: tour.xyz\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n',
  )
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 400 /)
})

test('a client that takes it for a proxy of connections is told that it is none', async () => {
  const gateway = await open(viewOf({ ready: [await pod('a', echo)] }))
  const socket = net.connect(gateway.port, '127.0.0.1')
  socket.write('CONNECT tour.xyz:80 HTTP/1.1\r\nHost: tour.xyz:80\r\n\r\n')
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 405 /)
})

test('the digest of what was sent is that of what came, through a pod that refuses first', async () => {
  const digest = createHash('sha256')
  const gateway = await open(
    viewOf(
      {
        ready: [
          await refusing('dead'),
          await pod('a', (request, response) => {
            const got = createHash('sha256')
            request.on('data', (chunk: Buffer) => got.update(chunk))
            request.on('end', () => response.end(got.digest('hex')))
          }),
        ],
      },
      { 'proxy-body-size': '0' },
    ),
  )
  const body = Buffer.alloc(3 << 20, 'abc 123 ')
  digest.update(body)
  const answer = await ask(gateway, {
    method: 'PUT',
    body: Readable.from([body.subarray(0, 1 << 20), body.subarray(1 << 20)]),
  })
  expect(answer.body).toBe(digest.digest('hex'))
})

/** A port that nobody has at the moment. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

test('devloops of one user share a port by name, and one takes it over from another', async () => {
  const port = await freePort()
  const first = await open(viewOf({ ready: [await pod('one', echo)] }, {}, 'one.xyz'), localForward(), port)
  const served = await pod('two', echo)
  const sockets = new WebSocketServer({ server: served.server })
  rig.later(() => sockets.close())
  sockets.on('connection', socket => socket.on('message', data => socket.send(String(data))))
  const second = await open(viewOf({ ready: [served] }, {}, 'two.xyz'), localForward(), port)
  expect(second.port).toBe(port)

  const two = await ask(second, {
    method: 'POST',
    body: 'x'.repeat(70_000),
    headers: { host: `two.xyz:${port}` },
  })
  expect(JSON.parse(two.body)).toMatchObject({
    body: 'x'.repeat(70_000),
    headers: { host: `two.xyz:${port}`, 'x-forwarded-port': String(port) },
  })
  expect((await ask(first, { headers: { host: 'one.xyz' } })).status).toBe(200)
  expect((await ask(first, { headers: { host: 'three.xyz' } })).status).toBe(404)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host: 'two.xyz' } })
  await once(socket, 'open')
  socket.send('through both')
  expect(String((await once(socket, 'message'))[0])).toBe('through both')
  socket.terminate()

  second.update(viewOf({ ready: [served] }, {}, 'three.xyz'))
  await expect.poll(async () => (await ask(first, { headers: { host: 'three.xyz' } })).status).toBe(200)

  await first.close()
  const answer = () =>
    ask(second, { headers: { host: 'three.xyz' } })
      .then(({ status }) => status)
      .catch(() => 0)
  await expect.poll(answer, { timeout: 5000 }).toBe(200)
})
