import { once } from 'node:events'
import net from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGatewayRig, type GatewayRig, viewOf } from '../../testing/gateway-rig.js'

let rig: GatewayRig
beforeEach(async () => {
  rig = await createGatewayRig()
})
afterEach(() => rig.close())

/** All that comes for what is sent as it is, until the gateway ends the connection. */
async function sent(text: string): Promise<string> {
  const gateway = await rig.open(viewOf({ ready: [await rig.pod('a', (_, response) => response.end('a'))] }))
  const client = net.connect(gateway.port, '127.0.0.1')
  rig.later(() => client.destroy())
  let got = ''
  client.on('data', chunk => {
    got += String(chunk)
  })
  // Its end is what counts, and what was not read may reset it.
  client.on('error', () => {})
  client.write(text)
  await once(client, 'close')
  return got
}

test.each([
  [
    'headers that are too long',
    `GET / HTTP/1.1\r\nCookie: ${'x'.repeat(60_000)}\r\n\r\n`,
    /^HTTP\/1\.1 431 .*cookies/s,
  ],
  [
    'a target with a space',
    'GET /a b HTTP/1.1\r\nHost: tour.xyz\r\n\r\n',
    /^HTTP\/1\.1 400 .*no request of HTTP/s,
  ],
  ['another protocol', '\x16\x03\x01\x02\x00\x01\x00', /^HTTP\/1\.1 400 .*no request of HTTP/s],
])('%s: answered with words', async (_, text, words) => {
  expect(await sent(text)).toMatch(words)
})

test('nothing is said in the middle of another answer', async () => {
  let finish = (): void => {}
  const held = await rig.pod('held', (_, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('half.')
    finish = () => void response.end('whole')
  })
  const gateway = await rig.open(viewOf({ ready: [held] }))
  const client = net.connect(gateway.port, '127.0.0.1')
  rig.later(() => client.destroy())
  let got = ''
  client.on('data', chunk => {
    got += String(chunk)
  })
  client.on('error', () => {})
  client.write('GET / HTTP/1.1\r\nHost: tour.xyz\r\n\r\n')
  await expect.poll(() => got, { timeout: 10_000 }).toContain('half.')
  client.write('no request\r\n\r\n')
  await once(client, 'close')
  finish()
  expect(got.match(/HTTP\/1\.1/g)).toHaveLength(1)
})
