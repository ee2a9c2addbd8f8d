import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import type { NetworkProbe } from '../../core/network-probe.js'
import { err, ok } from '../../core/result.js'
import { type PodForward, REFUSED } from '../../ports/pod-forward.js'
import { createPodProbe } from './pod-probe.js'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

async function serve(listener: http.RequestListener): Promise<number> {
  const server = http.createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const local: PodForward = { open: async ({ port }) => ok(net.connect({ port, host: '127.0.0.1' })) }
const refusing: PodForward = {
  open: async () => {
    const stream = new PassThrough()
    setImmediate(() => stream.destroy(Object.assign(new Error('refused'), { code: REFUSED })))
    return ok(stream)
  },
}
const absent: PodForward = { open: async () => err({ kind: 'forward-refused', message: 'no node yet' }) }

const get = (port: number, path = '/healthz'): NetworkProbe => ({
  ...{ kind: 'http', port, path, secure: false, timeout: 60_000 },
  headers: { 'x-probe': 'yes' },
})
const dial = (port: number): NetworkProbe => ({ kind: 'tcp', port, timeout: 60_000 })
const passes = (forward: PodForward, ...probes: readonly NetworkProbe[]) =>
  createPodProbe(forward).passes({ namespace: 'shop', pod: 'tour', probes }, new AbortController().signal)

test('by HTTP, with its path and headers; each of several has to be passed', async () => {
  const seen: unknown[] = []
  const port = await serve(({ url, headers }, response) => {
    seen.push([url, headers['x-probe']])
    response.writeHead(url === '/healthz' ? 204 : 503).end()
  })
  expect(await passes(local, get(port))).toBe(true)
  expect(await passes(local, get(port, 'bad'))).toBe(false)
  expect(await passes(local, get(port), get(port, '/bad'))).toBe(false)
  expect(seen).toEqual([
    ['/healthz', 'yes'],
    ['/bad', 'yes'],
    ['/healthz', 'yes'],
    ['/bad', 'yes'],
  ])
})

test('a path is sent as a URL has it, and a header that cannot be sent passes nothing', async () => {
  const seen: unknown[] = []
  const port = await serve(({ url }, response) => {
    seen.push(url)
    response.end()
  })
  expect(await passes(local, get(port, '/is it up?a=é'))).toBe(true)
  expect(seen).toEqual(['/is%20it%20up?a=%C3%A9'])
  expect(await passes(local, { ...get(port), headers: { 'x-bad': 'two\nlines' } } as NetworkProbe)).toBe(
    false,
  )
})

test('by TCP: one that waits for the client, and one that speaks first', async () => {
  const port = await serve(() => {})
  expect(await passes(local, dial(port))).toBe(true)
  const greeting = net.createServer(socket => socket.end('hello')).listen(0, '127.0.0.1')
  ends.push(() => greeting.close())
  await once(greeting, 'listening')
  expect(await passes(local, dial((greeting.address() as AddressInfo).port))).toBe(true)
})

test.each([
  ['a connection that is refused', refusing],
  ['a pod without a node', absent],
])('%s passes nothing', async (_, forward) => {
  expect(await passes(forward, get(80))).toBe(false)
  expect(await passes(forward, dial(80))).toBe(false)
})

test('no answer in its time, and nobody who waits for it any longer', async () => {
  const port = await serve(() => {})
  expect(await passes(local, { ...get(port), timeout: 1 })).toBe(false)
  const controller = new AbortController()
  const waiting = createPodProbe(local).passes(
    { namespace: 'shop', pod: 'tour', probes: [get(port)] },
    controller.signal,
  )
  controller.abort()
  expect(await waiting).toBe(false)
})
