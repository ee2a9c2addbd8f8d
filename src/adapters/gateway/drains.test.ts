import { once } from 'node:events'
import http from 'node:http'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { OpenGateway } from '../../ports/gateway.js'
import type { PodForward } from '../../ports/pod-forward.js'
import { ask, createGatewayRig, type GatewayRig, localForward, viewOf } from '../../testing/gateway-rig.js'

let rig: GatewayRig
beforeEach(async () => {
  rig = await createGatewayRig()
})
afterEach(() => rig.close())

/** Keeps the connections to pods, so that it can be seen what becomes of them. */
function seenForward() {
  const here = localForward()
  const streams: Duplex[] = []
  const forward: PodForward = {
    open: async target => {
      const opened = await here.open(target)
      if (opened.ok) streams.push(opened.value)
      return opened
    },
  }
  return { forward, streams }
}

/** A client that asks. */
function client({ port }: OpenGateway, options: http.RequestOptions = {}) {
  const { headers, ...more } = options
  const request = http.request({
    ...{ port, host: '127.0.0.1', agent: false, ...more },
    headers: { host: 'tour.xyz', ...headers },
  })
  request.on('error', () => {})
  return request
}

/** A pod whose answers are written by the test; the next one is the one that was asked first. */
async function openHeld() {
  const held: http.ServerResponse[] = []
  const { forward, streams } = seenForward()
  const own = await rig.pod('a', (request, response) => {
    if (request.url === '/quick') response.end('quick')
    else held.push(response)
  })
  const gateway = await rig.open(viewOf({ ready: [own] }), forward)
  const next = async (): Promise<http.ServerResponse> => {
    await expect.poll(() => held.length, { timeout: 10_000 }).toBeGreaterThan(0)
    return held.shift() as http.ServerResponse
  }
  return { gateway, streams, next }
}

/** How a pod learns that nobody listens. */
const cut = (response: http.ServerResponse): Promise<unknown> => once(response, 'close')

/** Long enough for a machine that does much else. */
const PATIENT = { timeout: 30_000 }

/** Whether the connection of a client that left is still there for the next one. A machine that stands still for too long costs it, so this may be asked again. */
async function isKept(
  answer: (response: http.ServerResponse, leave: () => Promise<void>) => Promise<unknown>,
) {
  const { gateway, streams, next } = await openHeld()
  const leaving = client(gateway).end()
  const response = await next()
  await answer(response, async () => {
    leaving.destroy()
    // Another request, which came after that, is answered.
    expect((await ask(gateway, { headers: { host: 'evil.com' } })).status).toBe(404)
  })
  await once(response, 'close')
  expect((await ask(gateway, { path: '/quick' })).body).toBe('quick')
  return streams.length === 1
}

test.each([
  ['with a length', (response: http.ServerResponse) => response.end('x'.repeat(1000))],
  [
    'in pieces that come at once',
    (response: http.ServerResponse) => {
      response.write('one')
      response.end('two')
    },
  ],
  ['without a body', (response: http.ServerResponse) => response.writeHead(304, { etag: '"1"' }).end()],
])(
  'the answer to a client that left is read, and its connection serves the next one: %s',
  PATIENT,
  async (_, answer) => {
    const drained = () =>
      isKept(async (response, leave) => {
        await leave()
        answer(response)
      })
    await expect.poll(drained, PATIENT).toBe(true)
  },
)

test('an answer of which a client has read a part is drained where it is small', PATIENT, async () => {
  const drained = () =>
    isKept(async (response, leave) => {
      response.writeHead(200, { 'content-length': 2000 }).write('x'.repeat(1000))
      await leave()
      response.end('x'.repeat(1000))
    })
  await expect.poll(drained, PATIENT).toBe(true)
})

test.each([
  [
    'an answer that has begun and does not say its length',
    {},
    { 'content-type': 'application/x-ndjson' },
    true,
  ],
  ['events that have begun', {}, { 'content-type': 'text/event-stream' }, true],
  ['events that are asked for', { accept: 'text/event-stream' }, {}, undefined],
  ['events that begin afterwards', {}, { 'content-type': 'text/event-stream' }, false],
  ['a stream that begins afterwards', {}, { 'content-type': 'text/plain' }, false],
  ['a download that begins afterwards', {}, { 'content-length': '10000000' }, false],
])('the pod sees at once that nobody listens to %s', PATIENT, async (_, headers, head, isBefore) => {
  const { gateway, next } = await openHeld()
  const leaving = client(gateway, { headers: headers as http.OutgoingHttpHeaders }).end()
  const response = await next()
  const isCut = cut(response)
  const begin = (): void => {
    response.writeHead(200, head as http.OutgoingHttpHeaders).flushHeaders()
  }
  if (isBefore === true) {
    begin()
    await once(leaving, 'response')
  }
  leaving.destroy()
  expect((await ask(gateway, { headers: { host: 'evil.com' } })).status).toBe(404)
  if (isBefore === false) begin()
  await isCut
})

test.each([
  ['a request that changes something', 'POST', true],
  ['a request whose body is not all there', 'GET', false],
])('%s is not drained', PATIENT, async (_, method, isWhole) => {
  const { gateway, next } = await openHeld()
  const leaving = client(gateway, { method, headers: { 'content-length': '10' } })
  leaving.write(isWhole ? 'x'.repeat(10) : 'x')
  const response = await next()
  const isCut = cut(response)
  leaving.destroy()
  await isCut
})

test('a pod that says nothing hears of it in the end', PATIENT, async () => {
  const { gateway, next } = await openHeld()
  const leaving = client(gateway).end()
  const response = await next()
  const isCut = cut(response)
  leaving.destroy()
  await isCut
})
