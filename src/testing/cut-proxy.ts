import { connect, createServer, type Socket } from 'node:net'

export interface CutProxy {
  readonly port: number
  /** Bytes that the server sent since the start. */
  readonly received: () => number
  /** Cuts every connection that is open; new ones are taken. */
  cut(): void
  [Symbol.asyncDispose](): Promise<void>
}

/** A TCP proxy on 127.0.0.1 whose connections a test can cut. */
export async function startCutProxy(target: {
  readonly host: string
  readonly port: number
}): Promise<CutProxy> {
  const sockets = new Set<Socket>()
  let received = 0
  const server = createServer(client => {
    const upstream = connect(target)
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one)
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.on('error', () => other.destroy())
    }
    upstream.on('data', chunk => {
      received += chunk.length
    })
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    received: () => received,
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
