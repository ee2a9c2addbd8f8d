import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { err, ok } from '../../core/result.js'
import type { BackendState, PodEndpoint } from '../../ports/gateway.js'
import type { OpenLocalForward } from '../../ports/local-forwards.js'
import { type PodForward, REFUSED } from '../../ports/pod-forward.js'
import { createProcessRunner } from '../process/process-runner.js'
import { createLocalForwards } from './local-forwards.js'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function serve(onConnection: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

const pod = (uid: string, port: number): PodEndpoint => ({ uid, namespace: 'shop', pod: uid, port })
const backendOf = (...ready: readonly PodEndpoint[]): BackendState => ({
  ready,
  coming: ready.length === 0,
  notes: ['none'],
})

/** Pods are ports of this machine; `refusing` ones take the connection, and then say that nothing listens. */
function podsHere(refusing: readonly string[] = []): PodForward & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    open: async ({ pod: name, port }) => {
      asked.push(name)
      if (name === 'ending') return err({ kind: 'forward-refused', message: 'ending' })
      if (!refusing.includes(name)) return ok(net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }))
      const stream = new PassThrough()
      stream.once('resume', () =>
        setImmediate(() => stream.destroy(Object.assign(new Error('refused'), { code: REFUSED }))),
      )
      return ok(stream)
    },
  }
}

async function open(
  backend: BackendState,
  forward: PodForward,
  { ports = [0], onRefused = () => {} }: { ports?: readonly number[]; onRefused?: () => void } = {},
): Promise<OpenLocalForward> {
  const local = createLocalForwards({ platform: process.platform, runner: createProcessRunner() })
  const opened = await local.open({
    target: 'service/tour:80',
    ports,
    address: undefined,
    backend,
    forward,
    onRefused,
  })
  if (!opened.ok) throw new Error(opened.error.reason)
  ends.push(opened.value.close)
  return opened.value
}

async function say(port: number, text: string | Buffer): Promise<string> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.end(text)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return String(Buffer.concat(chunks))
}

/** Answers what it is told once it has as many bytes, and ends. */
const echo = (bytes: number) =>
  serve(socket => {
    let seen = Buffer.alloc(0)
    socket.on('data', chunk => {
      seen = Buffer.concat([seen, chunk])
      if (seen.length === bytes) socket.end(seen)
    })
  })

test('an answer reaches a client that has ended its side, however large it is', async () => {
  const text = 'x'.repeat(4 << 20)
  const { port } = await open(backendOf(pod('a', await echo(text.length))), podsHere())
  expect((await say(port, text)).length).toBe(text.length)
})

test('each connection is dialled anew, to the pods in turn', async () => {
  const here = podsHere()
  const one = await echo(2)
  const { port } = await open(backendOf(pod('a', one), pod('b', one)), here)
  for (let count = 0; count < 3; count += 1) expect(await say(port, 'hi')).toBe('hi')
  expect(here.asked).toEqual(['a', 'b', 'a'])
})

test('a pod that ends or refuses costs no byte: the next one is told all from the beginning', async () => {
  const here = podsHere(['refusing'])
  const { port } = await open(backendOf(pod('ending', 1), pod('a', await echo(5)), pod('refusing', 1)), here)
  expect(await say(port, 'hello')).toBe('hello')
  expect(here.asked).toEqual(['ending', 'refusing', 'a'])
})

test('a pod that another one replaces is asked only where that one takes nothing', async () => {
  const port = await echo(3)
  const old = { ...pod('old', port), outgoing: true }
  const forward = podsHere(['refuses'])
  const local = await open(backendOf(old, pod('next', port)), forward)
  for (const word of ['one', 'two']) expect(await say(local.port, word)).toBe(word)
  expect(forward.asked).toEqual(['next', 'next'])
  local.update(backendOf(old, pod('refuses', port)))
  expect(await say(local.port, 'six')).toBe('six')
  expect(forward.asked.slice(2)).toEqual(['refuses', 'old'])
})

test('a connection waits for a pod that is coming', async () => {
  const forward = await open(backendOf(), podsHere())
  const answer = say(forward.port, 'hello')
  forward.update(backendOf(pod('a', await echo(5))))
  expect(await answer).toBe('hello')
})

test('where no pod comes, the connection is closed and that is told', async () => {
  let refused = 0
  const backend = { ready: [], coming: false, notes: [] }
  const { port } = await open(backend, podsHere(), {
    onRefused: () => {
      refused += 1
    },
  })
  await say(port, 'hello').catch(() => {})
  expect(refused).toBe(1)
})

test('a taken port is passed over, and told with its owner where it was the only one', async () => {
  const taken = await serve(() => {})
  const { passedOver, port } = await open(backendOf(), podsHere(), { ports: [taken, 0] })
  expect(port).not.toBe(taken)
  expect(passedOver).toMatchObject({ reason: 'taken', port: taken, owner: { pid: process.pid } })
  await expect(open(backendOf(), podsHere(), { ports: [taken] })).rejects.toThrow('taken')
})

test('closing it ends its connections and frees the port', async () => {
  const forward = await open(backendOf(pod('a', await echo(1 << 20))), podsHere())
  const socket = net.connect({ port: forward.port, host: '127.0.0.1' })
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  await forward.close()
  await closed
  const again = await open(backendOf(), podsHere(), { ports: [forward.port] })
  expect(again.port).toBe(forward.port)
})
