import { once } from 'node:events'
import { Agent, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { err, ok } from '../../core/result.js'
import type { KubeHttp } from './http-client.js'
import { openSocket } from './open-socket.js'
import { createPodForward } from './pod-forward.js'
import { createFrameReader, dataFrame } from './spdy-frames.js'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

const TUNNEL = 'SPDY/3.1+portforward.k8s.io'
const target = { namespace: 'shop', pod: 'web', port: 3000 }

/** What a node says on the streams of one connection. */
interface Streams {
  readonly data: (text: string, isLast?: boolean) => void
  readonly error: (text: string, isLast?: boolean) => void
  readonly reset: () => void
  readonly cut: () => void
}

/** A node behind an API server that knows tunnels, or not. `onData` is told what comes on a stream of data. */
async function node(
  onData: (
    streams: Streams,
    said: { readonly text: string; readonly isLast: boolean; readonly turn: number },
  ) => void,
  {
    hasTunnel = true,
    isEnding = false,
    atOnce,
  }: {
    readonly hasTunnel?: boolean
    readonly isEnding?: boolean
    readonly atOnce?: readonly Buffer[]
  } = {},
) {
  let handshakes = 0
  const asked: string[] = []
  let turn = 0
  const server = createServer()
  const sockets = new Set<Socket>()
  server.on('connection', socket => sockets.add(socket))
  const protocols: string[] = []
  // As the API server does: it answers with a name that has a slash in it.
  const upgrades = new WebSocketServer({
    noServer: true,
    handleProtocols: () => (hasTunnel ? TUNNEL : 'v4.channel.k8s.io'),
  })
  server.on('upgrade', (request, socket, head) => {
    handshakes += 1
    protocols.push(request.headers['sec-websocket-protocol'] ?? '')
    // The library takes no name with a slash from a client either.
    request.headers['sec-websocket-protocol'] = 'v4.channel.k8s.io'
    upgrades.handleUpgrade(request, socket, head, hasTunnel ? tunnel : channels)
  })
  const channels = (socket: WebSocket): void => {
    for (const channel of [0, 1]) socket.send(Buffer.of(channel, 0xb8, 0x0b))
    const say = (channel: number) => (text: string) =>
      socket.send(Buffer.concat([Buffer.of(channel), Buffer.from(text)]))
    const streams = { data: say(0), error: say(1), reset: () => {}, cut: () => socket.terminate() }
    turn += 1
    const mine = turn
    socket.on('message', (frame: Buffer) =>
      onData(streams, { text: String(frame.subarray(1)), isLast: false, turn: mine }),
    )
  }
  const tunnel = (socket: WebSocket): void => {
    const turns = new Map<number, number>()
    const say = (stream: number, text: string, isLast = false) =>
      socket.send(dataFrame(stream, Buffer.from(text), isLast))
    const read = createFrameReader(frame => {
      if (frame.type !== 'data') return
      const { stream, chunk, isLast } = frame
      if (!turns.has(stream)) {
        turn += 1
        turns.set(stream, turn)
      }
      const streams: Streams = {
        data: (text, last) => say(stream, text, last),
        error: (text, last) => say(stream - 2, text, last),
        reset: () => {
          const frame = Buffer.from([0x80, 3, 0, 3, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 5])
          frame.writeUInt32BE(stream - 2, 8)
          socket.send(frame)
        },
        cut: () => socket.terminate(),
      }
      onData(streams, { text: String(chunk), isLast, turn: turns.get(stream) ?? 0 })
    })
    socket.on('message', (message: Buffer) => {
      read(message)
      // Both streams of a connection are opened with one message, the second of them for its data.
      const second = message.readUInt32BE(0) === 0x80030001 ? 8 + message.readUIntBE(5, 3) : -1
      if (second === -1) return
      const reply = Buffer.from([0x80, 3, 0, 2, 0, 0, 0, 4, 0, 0, 0, 0])
      message.copy(reply, 8, second + 8, second + 12)
      socket.send(Buffer.concat([reply, ...(atOnce ?? [])]))
    })
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const http: Pick<KubeHttp, 'socket' | 'request'> = {
    request: async ({ path }) => {
      asked.push(path)
      return ok({
        status: 200,
        headers: {},
        warnings: [],
        body: isEnding ? '{"deletionTimestamp":"2026"}' : '{}',
      })
    },
    socket: async ({ path, protocols }) => {
      const opened = await openSocket(
        {
          method: 'GET',
          url: new URL(url + path),
          headers: {},
          body: undefined,
          agent: new Agent(),
          signal: undefined,
          connectTimeout: 5000,
          headTimeout: 5000,
        },
        protocols,
      )
      if (!('socket' in opened && 'protocol' in opened)) throw new Error('refused')
      return ok({ type: 'open', ...opened })
    },
  }
  const forward = createPodForward({ http })
  const open = () => forward.open(target)
  const connect = async (): Promise<Duplex> => {
    const opened = await open()
    if (!opened.ok) throw new Error(JSON.stringify(opened.error))
    return opened.value
  }
  return { asked, open, connect, handshakes: () => handshakes, protocols }
}

/** What comes, until it ends, or how it failed. */
const heard = async (stream: Duplex): Promise<string> => {
  let text = ''
  try {
    for await (const chunk of stream) text += String(chunk)
  } catch (error) {
    return `${text}!${(error as NodeJS.ErrnoException).code}`
  }
  return text
}

const ask = async (stream: Duplex, question: string): Promise<string> => {
  stream.write(question)
  return String((await once(stream, 'data'))[0])
}

test('connections one after the other share a tunnel, as soon as the node is done with the one before', async () => {
  const { connect, handshakes, protocols } = await node((streams, { text, isLast, turn }) => {
    if (!isLast) return streams.data(`${turn} ${text}`)
    streams.data('late', true)
    streams.error('', true)
  })
  for (const turn of [1, 2, 3, 4, 5]) {
    const stream = await connect()
    expect(await ask(stream, 'hello')).toBe(`${turn} hello`)
    stream.destroy()
  }
  // The second one may come while the node still ends the first.
  expect(handshakes()).toBeLessThanOrEqual(2)
  expect(new Set(protocols)).toEqual(new Set([`${TUNNEL}, v4.channel.k8s.io`]))
})

test('connections at the same time have a tunnel each', async () => {
  const { connect, handshakes } = await node((streams, { text, turn }) => streams.data(`${turn} ${text}`))
  const [one, two] = await Promise.all([connect(), connect()])
  expect(await ask(one, 'a')).toBe('1 a')
  expect(await ask(two, 'b')).toBe('2 b')
  expect(await ask(one, 'c')).toBe('1 c')
  expect(handshakes()).toBe(2)
})

test.each<[string, (streams: Streams) => void, string, number]>([
  [
    'a port where nothing listens',
    ({ data, error, reset }) => {
      data('', true)
      error('failed to connect to localhost:3000 inside namespace: connection refused')
      reset()
    },
    '!ECONNREFUSED',
    1,
  ],
  [
    'a node that does not say that it reads no more of it',
    ({ data, error }) => {
      data('', true)
      error('failed to connect to localhost:3000 inside namespace: connection refused', true)
    },
    '!ECONNREFUSED',
    2,
  ],
  [
    'a pod that is gone',
    ({ data, error, reset }) => {
      data('', true)
      error('failed to find sandbox "0a1b" in store: not found')
      reset()
    },
    '!ECONNREFUSED',
    2,
  ],
  [
    'a program that broke it off',
    ({ data, error, reset }) => {
      data('half', true)
      error('read tcp4 127.0.0.1:4711->127.0.0.1:3000: read: connection reset by peer')
      reset()
    },
    '!ECONNRESET',
    2,
  ],
  [
    'a program that ended it',
    ({ data, error }) => {
      data('whole', true)
      error('', true)
    },
    'whole',
    2,
  ],
  ['a tunnel that is cut', ({ cut }) => cut(), '', 2],
])('%s: the connection says so, and the next one works', async (_, speak, expected, handshakesAfter) => {
  const { connect, handshakes } = await node((streams, { text, turn }) => {
    if (turn === 1) speak(streams)
    else streams.data(text)
  })
  const stream = await connect()
  stream.write('hello')
  expect(await heard(stream)).toBe(expected)
  const next = await connect()
  expect(await ask(next, 'again')).toBe('again')
  expect(handshakes()).toBe(handshakesAfter)
})

test('a server that knows no tunnel is asked for each connection', async () => {
  const { connect, handshakes } = await node((streams, { text, turn }) => streams.data(`${turn} ${text}`), {
    hasTunnel: false,
  })
  for (const turn of [1, 2]) {
    const stream = await connect()
    expect(await ask(stream, 'hello')).toBe(`${turn} hello`)
    stream.destroy()
  }
  expect(handshakes()).toBe(2)
})

test('a refusal that comes with the answer of the node, before anybody took the connection, is one to connect', async () => {
  const reset = Buffer.from([0x80, 3, 0, 3, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 5])
  const { open } = await node(() => {}, {
    atOnce: [
      dataFrame(3, Buffer.alloc(0), true),
      dataFrame(1, Buffer.from('connection refused'), false),
      reset,
    ],
  })
  expect(await open()).toEqual(err({ kind: 'forward-refused', message: 'web: connection refused' }))
})

test('a pod that is on its way out takes no new connection, as the cache of the API server knows', async () => {
  const { asked, open } = await node(() => {}, { isEnding: true })
  expect(await open()).toEqual(err({ kind: 'forward-refused', message: 'web is ending' }))
  expect(new Set(asked)).toEqual(new Set(['/api/v1/namespaces/shop/pods/web?resourceVersion=0']))
})
