import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Whether an engine that is told to pull from a server of ours at 127.0.0.1 comes there: what the fastest way of loading images needs. The server has no
 * image, so that nothing is pulled. `pull` resolves when the engine has answered, whatever it says.
 */
export async function engineReachesUs(pull: (reference: string) => Promise<unknown>): Promise<boolean> {
  let reached = false
  const server = createServer((_, response) => response.writeHead(404).end())
  server.on('connection', () => {
    reached = true
  })
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.address() as AddressInfo
    await pull(`127.0.0.1:${port}/devloop/doctor:none`)
    return reached
  } finally {
    server.close()
    server.closeAllConnections()
  }
}
