import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createFreePorts } from './free-port.js'
import { createPodPorts } from './pod-ports.js'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise(resolve => server.close(resolve))
})

async function listenAt(port: number): Promise<void> {
  const server = createServer(socket => socket.end())
  servers.push(server)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
}

const createPorts = () =>
  createPodPorts({
    ports: [{ name: 'web', containerPort: 4711 }],
    freePort: createFreePorts(),
    platform: process.platform,
    ownerOf: async () => undefined,
    onFixed: () => {},
    onOpen: () => {},
  })

test('a port keeps its number from run to run; one that another program took meanwhile gets a new one', async () => {
  const ports = createPorts()
  await ports.prepare()
  const [first] = ports.assigned()
  await ports.prepare()
  expect(ports.assigned()).toEqual([first])
  await listenAt(first?.local ?? 0)
  await ports.prepare()
  const [second] = ports.assigned()
  expect(second).toEqual({ name: 'web', containerPort: 4711, local: expect.any(Number) })
  expect(second?.local).not.toBe(first?.local)
})

test('it is told when the program takes connections, and only of ports that are looked at', async () => {
  const ports = createPorts()
  await ports.prepare()
  const stop = new AbortController()
  ports.watch(process.pid, stop.signal)
  const opened = ports.opened(4711)
  expect(ports.opened(4712)).toBeUndefined()
  expect(ports.areOpen()).toBe(false)
  await listenAt(ports.assigned()[0]?.local ?? 0)
  await opened
  expect(ports.areOpen()).toBe(true)
  await ports.opened(4711)
  stop.abort()
})
