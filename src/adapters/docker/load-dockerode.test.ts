import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { loadDockerode } from './load-dockerode.js'

const require = createRequire(import.meta.url)
const loaded = (name: string): boolean =>
  Object.keys(require.cache).some(file => file.replaceAll('\\', '/').includes(`/node_modules/${name}/`))

it('loads no SSH client and no gRPC, until an engine at ssh:// is asked', async () => {
  const Docker = await loadDockerode()
  expect(loaded('docker-modem')).toBe(true)
  expect(loaded('ssh2')).toBe(false)
  expect(loaded('@grpc/grpc-js')).toBe(false)

  const greetings: string[] = []
  const server = createServer(socket => {
    socket.once('data', data => {
      greetings.push(data.toString('latin1'))
      socket.destroy()
    })
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await expect(
    new Docker({ protocol: 'ssh', host: '127.0.0.1', port, username: 'nobody' }).ping(),
  ).rejects.toThrow()
  server.close()
  // https://www.rfc-editor.org/rfc/rfc4253#section-4.2
  expect(greetings.join('')).toMatch(/^SSH-2\.0-ssh2js/)
  expect(loaded('ssh2')).toBe(true)
})
