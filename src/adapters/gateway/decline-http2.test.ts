import { once } from 'node:events'
import net from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGatewayRig, echo, type GatewayRig, viewOf } from '../../testing/gateway-rig.js'

let rig: GatewayRig
beforeEach(async () => {
  rig = await createGatewayRig()
})
afterEach(() => rig.close())

const OFFER = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAA\r\n'

test('a client that would rather speak HTTP/2, as that of Java, is answered in HTTP/1.1, body and all, time after time', async () => {
  const gateway = await rig.open(viewOf({ ready: [await rig.pod('a', echo)] }))
  const client = net.connect(gateway.port, '127.0.0.1')
  rig.later(() => client.destroy())
  await once(client, 'connect')
  let got = ''
  client.on('data', chunk => {
    got += String(chunk)
  })
  const answers = () => got.match(/HTTP\/1\.1 200/g)?.length ?? 0
  const turns: readonly (readonly [head: string, body: string])[] = [
    ['Content-Length: 5\r\n', 'first'],
    ['Transfer-Encoding: chunked\r\n', '6\r\nsecond\r\n0\r\n\r\n'],
    ['Content-Length: 100000\r\n', 'third'.repeat(20_000)],
  ]
  for (const [at, [head, body]] of turns.entries()) {
    got = ''
    client.write(`POST /${at} HTTP/1.1\r\nHost: tour.xyz\r\n${OFFER}${head}\r\n${body}`)
    await expect.poll(answers, { timeout: 10_000 }).toBe(1)
    await expect.poll(() => got, { timeout: 10_000 }).toMatch(/"body":"(first|second|(third){20000})"\}$/)
    expect(got).not.toMatch(/h2c|http2-settings/i)
  }
})
