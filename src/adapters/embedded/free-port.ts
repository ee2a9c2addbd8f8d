import { connect, createServer } from 'node:net'

/** Below what Linux and macOS take for outgoing connections, so that none of these takes it before the program does. */
const LOWEST = 20_000
const HIGHEST = 32_000
const TRIES = 40

/** Gives each asker a TCP port of this machine that nobody listens at, and that was not given before. */
export function createFreePorts(random: () => number = Math.random): () => Promise<number> {
  const given = new Set<number>()
  return async () => {
    for (let tries = 0; tries < TRIES; tries++) {
      const port = LOWEST + Math.floor(random() * (HIGHEST - LOWEST))
      if (given.has(port)) continue
      given.add(port)
      if (await isFree(port)) return port
    }
    return systemPort()
  }
}

/** Whether a program could listen at the port, at any address. */
export function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

function systemPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port: 0, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

export interface LocalAddress {
  readonly host: '127.0.0.1' | '::1'
  readonly port: number
}

/** Milliseconds for a connection within this machine. */
const PATIENCE = 1000

/** Where on this machine something takes connections at a port: a program that listens at `localhost` may mean IPv6 alone. */
export async function listenerAt(port: number): Promise<LocalAddress | undefined> {
  for (const host of ['127.0.0.1', '::1'] as const) if (await opens({ host, port })) return { host, port }
  return undefined
}

function opens({ host, port }: LocalAddress): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port })
    const done = (is: boolean): void => {
      socket.destroy()
      resolve(is)
    }
    socket.setTimeout(PATIENCE, () => done(false))
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
  })
}
