import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sha256Digest } from '../../core/load/chain-ids.js'
import type { RawManifest } from '../../core/load/oci-image.js'

/** What one push may leave out, and what came of it. */
export interface PushSession {
  /** Size of a blob that the engine need not send; undefined where it must. */
  readonly known: (digest: string) => number | undefined
  /** Uploads that do not say their digest first are told "enough" after this many bytes. */
  readonly uploadBudget: number
  /** Takes a blob whose digest and size are known before its content, one at a time, without keeping it. Rejects to fail the push. */
  readonly onLargeBlob: (digest: string, size: number, content: IncomingMessage) => Promise<void>
  readonly blobs: Map<string, Buffer>
  /** Digests that stand for layers of which only the beginning came, with the bytes that came. */
  readonly cut: Map<string, number>
  readonly manifests: Map<string, RawManifest>
  /** The manifest or index under the pushed tag. */
  root: RawManifest | undefined
  /** Whether the engine came to us at all. */
  reached: boolean
}

export interface ReceivingRegistry {
  readonly port: number
  /** Opens the registry for one push to `127.0.0.1:PORT/REPOSITORY`; it refuses everything while none is open. */
  open(session: PushSession): Disposable
  close(): Promise<void>
}

interface Upload {
  content: Buffer
  cut: boolean
}

/** Blobs above this size are passed on as they come; the rest, mostly configs and small layers, is kept until the push has ended. */
const KEPT_BYTES = 1 << 20
/** An engine that does not hang up although it has the answer is cut off; in milliseconds. */
const EARLY_ANSWER_PATIENCE_MS = 5000
/** A manifest is at most 4 MiB by the distribution spec. */
const MANIFEST_LIMIT = 4 << 20

/**
 * The push half of the OCI distribution protocol on 127.0.0.1. Nothing can be pulled from it.
 *
 * The classic store compresses each layer while it uploads it, and learns the digest only by that. So that it need not compress a base that
 * every node has, an upload that exceeds what a missing layer can have is answered as complete after its beginning; the engine then closes
 * it with the digest of the part, which stands for that layer from then on.
 */
export async function openReceivingRegistry(options: {
  readonly preferredPort: number
  readonly repository: string
}): Promise<ReceivingRegistry> {
  const uploads = new Map<string, Upload>()
  let session: PushSession | undefined
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const current = session
    response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0')
    if (current === undefined) return reply(response, 503)
    current.reached = true
    handle({ request, response, session: current, uploads, repository: options.repository }).catch(() =>
      response.headersSent ? response.destroy() : reply(response, 500),
    )
  })
  // The engine tries TLS first. Only an answer in plain HTTP makes the containerd store go on in plain; a mere hang-up is an error to it.
  server.on('clientError', (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    else socket.destroy()
  })
  await listen(server, options.preferredPort).catch(() => listen(server, 0))
  const { port } = server.address() as AddressInfo
  return {
    port,
    open(opened) {
      session = opened
      return {
        [Symbol.dispose]: () => {
          session = undefined
          uploads.clear()
        },
      }
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly session: PushSession
  readonly uploads: Map<string, Upload>
  readonly repository: string
}

async function handle(exchange: Exchange): Promise<void> {
  const { request, response, repository } = exchange
  const url = new URL(request.url ?? '/', 'http://registry')
  if (url.pathname === '/v2/' || url.pathname === '/v2') return reply(response, 200)
  const base = `/v2/${repository}/`
  if (!url.pathname.startsWith(base)) return reply(response, 404)
  const path = url.pathname.slice(base.length)
  const upload = /^blobs\/uploads\/([\w-]*)$/.exec(path)?.[1]
  const blob = /^blobs\/(sha256:[0-9a-f]{64})$/.exec(path)?.[1]
  const manifest = /^manifests\/(.+)$/.exec(path)?.[1]
  if (upload === '' && request.method === 'POST') return startUpload(exchange)
  if (upload !== undefined && request.method === 'PATCH') return patchUpload(exchange, upload)
  if (upload !== undefined && request.method === 'PUT')
    return finishUpload(exchange, upload, url.searchParams.get('digest') ?? '')
  if (blob !== undefined && request.method === 'HEAD') return headBlob(exchange, blob)
  if (manifest !== undefined && request.method === 'PUT') return putManifest(exchange, manifest)
  return reply(response, 404)
}

async function headBlob({ response, session }: Exchange, digest: string): Promise<void> {
  const size = session.blobs.get(digest)?.byteLength ?? session.cut.get(digest) ?? session.known(digest)
  if (size === undefined) return reply(response, 404)
  reply(response, 200, { 'Content-Length': size, 'Docker-Content-Digest': digest })
}

async function startUpload({ request, response, uploads, repository }: Exchange): Promise<void> {
  request.resume()
  const id = randomUUID()
  uploads.set(id, { content: Buffer.alloc(0), cut: false })
  reply(response, 202, uploadHeaders(repository, id, 0))
}

async function patchUpload(
  { request, response, session, uploads, repository }: Exchange,
  id: string,
): Promise<void> {
  const upload = uploads.get(id)
  if (upload === undefined) return reply(response, 404)
  const { content, whole } = await readUpTo(request, session.uploadBudget)
  upload.content = content
  upload.cut = !whole
  const headers = uploadHeaders(repository, id, content.byteLength)
  if (whole) reply(response, 202, headers)
  else answerEarly(request, headers)
}

/**
 * Answers while the engine still sends. Node's server would hang up after such an answer, which the engine may notice before it has read
 * it, and then it waits five seconds and begins anew; so the answer goes to the socket by hand, and what still comes is read and dropped
 * until the engine hangs up, which it does at once.
 */
function answerEarly(request: IncomingMessage, headers: Readonly<Record<string, string>>): void {
  const { socket } = request
  const lines = Object.entries({ ...headers, 'Content-Length': '0' }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  socket.write(`HTTP/1.1 202 Accepted\r\n${lines.join('\r\n')}\r\n\r\n`)
  request.resume()
  const timer = setTimeout(() => socket.destroy(), EARLY_ANSWER_PATIENCE_MS)
  socket.once('close', () => clearTimeout(timer))
}

async function finishUpload(
  { request, response, session, uploads }: Exchange,
  id: string,
  digest: string,
): Promise<void> {
  const upload = uploads.get(id)
  if (upload === undefined) return reply(response, 404)
  uploads.delete(id)
  const size = Number(request.headers['content-length'] ?? 0)
  if (size > KEPT_BYTES && upload.content.byteLength === 0) {
    await session.onLargeBlob(digest, size, request)
  } else if (upload.cut) {
    request.resume()
    session.cut.set(digest, upload.content.byteLength)
  } else {
    const last = await readUpTo(request, Number.POSITIVE_INFINITY)
    const content = Buffer.concat([upload.content, last.content])
    if (sha256Digest(content) !== digest) return reply(response, 400)
    session.blobs.set(digest, content)
  }
  reply(response, 201, { 'Docker-Content-Digest': digest, Location: `/v2/blobs/${digest}` })
}

async function putManifest({ request, response, session }: Exchange, name: string): Promise<void> {
  const { content, whole } = await readUpTo(request, MANIFEST_LIMIT)
  if (!whole) return reply(response, 413)
  const manifest: RawManifest = {
    mediaType: request.headers['content-type'] ?? 'application/vnd.oci.image.manifest.v1+json',
    bytes: content,
  }
  const digest = sha256Digest(content)
  session.manifests.set(digest, manifest)
  if (!name.startsWith('sha256:')) session.root = manifest
  reply(response, 201, { 'Docker-Content-Digest': digest, Location: `/v2/manifests/${digest}` })
}

async function readUpTo(
  request: IncomingMessage,
  limit: number,
): Promise<{ readonly content: Buffer; readonly whole: boolean }> {
  const parts: Buffer[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    const done = (whole: boolean) => {
      request.off('data', take)
      resolve({ content: Buffer.concat(parts), whole })
    }
    const take = (part: Buffer) => {
      parts.push(part)
      size += part.byteLength
      if (size > limit) done(false)
    }
    request.on('data', take)
    request.once('end', () => done(true))
    request.once('error', reject)
    request.once('close', () => reject(new Error('the engine closed the upload')))
  })
}

function uploadHeaders(repository: string, id: string, received: number): Record<string, string> {
  return {
    Location: `/v2/${repository}/blobs/uploads/${id}`,
    'Docker-Upload-UUID': id,
    Range: `0-${Math.max(0, received - 1)}`,
  }
}

function reply(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number> = {},
): void {
  response.writeHead(status, { 'Content-Length': 0, ...headers }).end()
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      // A connection that this process has no descriptor for ends nothing but itself.
      server.on('error', () => {})
      resolve()
    })
  })
}
