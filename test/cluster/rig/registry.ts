import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** An image registry in memory: what pushes and pulls need of the OCI distribution protocol, over plain HTTP. */
export interface TestRegistry {
  readonly port: number
  /** The digest under `REPOSITORY:TAG`; undefined where nothing was pushed under it. */
  digest(repository: string, tag: string): string | undefined
  /** Bytes of all blobs that were uploaded so far. */
  readonly uploadedBytes: number
  close(): Promise<void>
}

export interface TestRegistryOptions {
  /** Where it listens, the same port on each. */
  readonly addresses: readonly string[]
  /** Who may push; anybody may pull. */
  readonly user: string
  readonly password: string
}

interface Store {
  readonly authorization: string
  readonly blobs: Map<string, Buffer>
  readonly uploads: Map<string, Buffer>
  /** By `REPOSITORY@REFERENCE`, of a tag and of the digest. */
  readonly manifests: Map<string, { readonly type: string; readonly content: Buffer }>
  uploaded: number
}

const sha256 = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`

export async function openRegistry({
  addresses,
  user,
  password,
}: TestRegistryOptions): Promise<TestRegistry> {
  const store: Store = {
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
    blobs: new Map(),
    uploads: new Map(),
    manifests: new Map(),
    uploaded: 0,
  }
  const servers: Server[] = []
  let port = 0
  for (const address of addresses) {
    const server = createServer((request, response) => {
      handle(store, request, response).catch(() => response.destroy())
    })
    servers.push(server)
    server.listen(port, address)
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  return {
    port,
    digest: (repository, tag) => {
      const manifest = store.manifests.get(`${repository}@${tag}`)
      return manifest === undefined ? undefined : sha256(manifest.content)
    },
    get uploadedBytes() {
      return store.uploaded
    },
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

async function handle(store: Store, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request)
  const url = new URL(request.url ?? '/', 'http://registry')
  const method = request.method ?? 'GET'
  const reads = method === 'GET' || method === 'HEAD'
  const send = (status: number, headers: Record<string, string> = {}, content: Buffer = Buffer.alloc(0)) =>
    response
      .writeHead(status, { 'Content-Length': content.byteLength, ...headers })
      .end(method === 'HEAD' ? undefined : content)
  // Docker asks here first whether it has to show credentials.
  const asks = url.pathname === '/v2/'
  if ((asks || !reads) && request.headers.authorization !== store.authorization)
    return void send(401, { 'WWW-Authenticate': 'Basic realm="test"' })
  if (asks) return void send(200)
  const [, repository = '', part = '', name = ''] =
    /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests)\/([^/]*)$/.exec(url.pathname) ?? []
  if (part === 'blobs/uploads') {
    const id = name === '' ? randomUUID() : name
    const content = Buffer.concat([store.uploads.get(id) ?? Buffer.alloc(0), body])
    store.uploads.set(id, content)
    if (method !== 'PUT') {
      const Range = `0-${Math.max(0, content.byteLength - 1)}`
      return void send(202, { Location: `/v2/${repository}/blobs/uploads/${id}`, Range })
    }
    store.uploads.delete(id)
    const digest = sha256(content)
    if (digest !== url.searchParams.get('digest')) return void send(400)
    store.blobs.set(digest, content)
    store.uploaded += content.byteLength
    return void send(201, { 'Docker-Content-Digest': digest, Location: `/v2/${repository}/blobs/${digest}` })
  }
  if (part === 'manifests' && method === 'PUT') {
    const manifest = { type: request.headers['content-type'] ?? '', content: body }
    const digest = sha256(body)
    for (const reference of [name, digest]) store.manifests.set(`${repository}@${reference}`, manifest)
    return void send(201, { 'Docker-Content-Digest': digest })
  }
  const manifest = store.manifests.get(`${repository}@${name}`)
  if (part === 'manifests' && manifest !== undefined) {
    const { type, content } = manifest
    return void send(200, { 'Content-Type': type, 'Docker-Content-Digest': sha256(content) }, content)
  }
  const blob = store.blobs.get(name)
  if (part === 'blobs' && blob !== undefined)
    return void send(200, { 'Docker-Content-Digest': name, 'Content-Type': 'application/octet-stream' }, blob)
  send(404)
}
