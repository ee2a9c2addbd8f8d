import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { channelStream } from './channel-stream.js'
import type { ForwardStream } from './pod-forward-stream.js'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** What a kubelet says on one connection: the frames of a channel begin with its number, the first one with the port besides. */
async function connect(speak: (kubelet: WebSocket) => void): Promise<{
  readonly stream: ForwardStream
  readonly socket: WebSocket
}> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  ends.push(() => {
    for (const one of server.clients) one.terminate()
    server.close()
  })
  server.on('connection', speak)
  await once(server, 'listening')
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  // As it is opened elsewhere: nothing comes before it has listeners.
  socket.once('open', () => socket.pause())
  await once(socket, 'open')
  return { stream: channelStream(socket), socket }
}

const head = (channel: number) => Buffer.of(channel, 0xb8, 0x0b)
const frame = (channel: number, text: string) => Buffer.concat([Buffer.of(channel), Buffer.from(text)])

test.each([
  ['dial tcp4 127.0.0.1:3000: connect: connection refused', 'ECONNREFUSED'],
  ['failed to connect to localhost:3000 inside namespace "x": i/o timeout', 'ECONNREFUSED'],
  ['network namespace for sandbox "0a1b" is closed', 'ECONNREFUSED'],
  ['failed to find sandbox "0a1b" in store: not found', 'ECONNREFUSED'],
  [
    'failed to execute portforward in network namespace "/var/run/netns/x": unknown FS magic on "/var/run/netns/x": 1021994',
    'ECONNREFUSED',
  ],
  ['write tcp4 127.0.0.1:4711->127.0.0.1:3000: write: broken pipe', 'ECONNRESET'],
  ['read tcp4 127.0.0.1:4711->127.0.0.1:3000: read: connection reset by peer', 'ECONNRESET'],
])('%s: %s', async (message, code) => {
  const { stream } = await connect(kubelet => {
    for (const channel of [0, 1]) kubelet.send(head(channel))
    kubelet.send(frame(1, message))
  })
  const [error] = await once(stream, 'error')
  expect(error).toMatchObject({ code })
})

test('bytes go both ways, without the heads of the channels', async () => {
  const { stream } = await connect(kubelet => {
    for (const channel of [0, 1]) kubelet.send(head(channel))
    kubelet.on('message', (data: Buffer) => kubelet.send(frame(0, data.subarray(1).toString().toUpperCase())))
  })
  stream.write('hello')
  expect(String((await once(stream, 'data'))[0])).toBe('HELLO')
  stream.destroy()
})

test.each([
  ['before anything was sent is as good as refused', 0, 'ECONNREFUSED'],
  ['later is a connection that broke', 1, 'ECONNRESET'],
])('the end of the way to the pod %s', async (_, writes, code) => {
  const { stream, socket } = await connect(() => {})
  for (let count = 0; count < writes; count += 1) await new Promise(sent => stream.write('x', sent))
  socket.close()
  const failed = once(stream, 'error')
  stream.write('hello')
  expect((await failed)[0]).toMatchObject({ code })
})

test('a listener of a timeout goes with it: a connection that serves many requests gathers none', async () => {
  const { stream } = await connect(() => {})
  for (let request = 0; request < 50; request += 1) {
    const listener = () => {}
    stream.setTimeout(60_000, listener)
    stream.setTimeout(0, listener)
  }
  expect(stream.listenerCount('timeout')).toBe(0)
  stream.destroy()
})
