import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { loadDockerode } from './load-dockerode.js'
import { withPatience } from './with-patience.js'

const LIMIT = 50

async function engineThat(answers: RequestListener) {
  const server = http.createServer(answers).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const Docker = await loadDockerode()
  const { port } = server.address() as AddressInfo
  return withPatience(new Docker({ protocol: 'http', host: '127.0.0.1', port }), 'tcp://engine', LIMIT)
}

const silence: RequestListener = () => {}

test.each<[what: string, answers: RequestListener]>([
  ['takes the request and does not answer', silence],
  [
    'cuts its answer half way',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"Id":')
      setImmediate(() => response.destroy())
    },
  ],
])('an engine that %s makes the request fail', async (_, answers) => {
  const docker = await engineThat(answers)
  await expect(docker.getImage('a').inspect()).rejects.toMatchObject({
    code: 'ETIMEDOUT',
    address: 'tcp://engine',
  })
})

test('a program in a container that is never started makes the request fail', async () => {
  const docker = await engineThat((request, response) => {
    if (request.url?.endsWith('/exec') === true) response.writeHead(201).end('{"Id":"e"}')
  })
  const exec = await docker.getContainer('node').exec({ Cmd: ['sh'] })
  await expect(exec.start({ hijack: true, stdin: true })).rejects.toMatchObject({ code: 'ETIMEDOUT' })
})

test('who waits for a container waits on', async () => {
  let asked = 0
  const docker = await engineThat((request, response) => {
    asked += 1
    if (request.url?.endsWith('/wait') === true) setTimeout(() => response.end('{"StatusCode":7}'), LIMIT * 3)
  })
  await expect(docker.getContainer('step').wait()).resolves.toMatchObject({ StatusCode: 7 })
  expect(asked).toBe(1)
})

test('the signal of a request still ends it', async () => {
  const docker = await engineThat(silence)
  const own = new AbortController()
  const asked = docker.getImage('a').tag({ repo: 'b', abortSignal: own.signal })
  own.abort()
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
})
