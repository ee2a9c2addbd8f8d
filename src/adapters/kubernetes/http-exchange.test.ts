import { getEventListeners, once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ExchangeError, exchange } from './http-exchange.js'

/** Answers with a first chunk and leaves the body open; `/whole` ends it. */
let server: http.Server
let agent: http.Agent

beforeEach(async () => {
  server = http.createServer((request, response) => {
    response.write('first\n')
    if (request.url === '/whole') response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  agent = new http.Agent({ keepAlive: true })
})
afterEach(async () => {
  agent.destroy()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const get = (path: string, signal: AbortSignal) =>
  exchange({
    method: 'GET',
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`),
    headers: {},
    body: undefined,
    agent,
    signal,
    connectTimeout: 1000,
    headTimeout: 1000,
  })

const openSockets = () => Object.values(agent.sockets).flat().length

describe('a body that is read as it comes', () => {
  test('fails when the signal aborts between chunks, and its socket is gone', async () => {
    const abort = new AbortController()
    const body = await get('/open', abort.signal)
    const chunks: string[] = []
    const reading = (async () => {
      for await (const chunk of body) {
        chunks.push(String(chunk))
        setImmediate(() => abort.abort())
      }
    })()
    await expect(reading).rejects.toThrow()
    expect(chunks).toEqual(['first\n'])
    await expect.poll(openSockets).toBe(0)
  })

  test('is ended by an abort while nobody reads it', async () => {
    const abort = new AbortController()
    const body = await get('/open', abort.signal)
    const failed = once(body, 'error')
    abort.abort()
    await failed
    await expect.poll(openSockets).toBe(0)
  })

  test('leaves no listener on the signal once it was read to its end, and keeps the connection', async () => {
    const abort = new AbortController()
    const body = await get('/whole', abort.signal)
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1)
    for await (const chunk of body) expect(String(chunk)).toBe('first\n')
    await expect.poll(() => getEventListeners(abort.signal, 'abort').length).toBe(0)
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1)
  })

  test('leaves no listener on the signal once it was destroyed', async () => {
    const abort = new AbortController()
    const body = await get('/open', abort.signal)
    body.destroy()
    await expect.poll(() => getEventListeners(abort.signal, 'abort').length).toBe(0)
    await expect.poll(openSockets).toBe(0)
  })
})

test.each([
  ['a token that no header can have', { Authorization: 'Bearer a\nb' }, new http.Agent(), 'http'],
  [
    'a certificate that is none',
    {},
    new https.Agent({ ca: '-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----' }),
    'https',
  ],
] as const)('%s fails as a server does that cannot be reached', async (_, headers, own, scheme) => {
  const { port } = server.address() as AddressInfo
  const asked = exchange({
    method: 'GET',
    url: new URL(`${scheme}://127.0.0.1:${port}/whole`),
    headers,
    body: undefined,
    agent: own,
    signal: undefined,
    connectTimeout: 1000,
    headTimeout: 1000,
  })
  await expect(asked).rejects.toBeInstanceOf(ExchangeError)
})
