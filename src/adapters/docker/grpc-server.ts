import {
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Duplex } from 'node:stream'

/** One call of a method, from its first message to its status. */
export interface GrpcCall {
  /** Metadata, names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** What the caller sends, until it has no more to say. */
  readonly messages: AsyncIterable<Buffer>
  /** Sends messages in one piece; resolves when there is room for more. Rejects once the call is over. */
  readonly send: (messages: readonly Uint8Array[]) => Promise<void>
}

/** Answers a call, which is over when the promise settles: well, or with the failure that it rejects with. */
export type GrpcMethod = (call: GrpcCall) => Promise<void>

/** A failure with a code of gRPC: what is no such is UNKNOWN. */
export class GrpcFailure extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
  }
}

export const NOT_FOUND = 5
const UNKNOWN = 2
const UNIMPLEMENTED = 12

/** A flag, for compressed messages, and the length come before each message. */
const PREFIX = 5

/**
 * Serves methods, by path, on a connection whose other end is a client of gRPC that knows that HTTP/2 is spoken. Plain `node:http2` rather than a gRPC library, for a build context is
 * announced in a hundred thousand messages, and many have to go in one write.
 */
export function serveGrpc(
  socket: Duplex,
  methods: Readonly<Record<string, GrpcMethod>>,
): { readonly close: () => void } {
  const sessions = new Set<ServerHttp2Session>()
  const server = createServer()
  server.on('session', session => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    // The engine cuts the connection where a build fails; that build says why.
    session.on('error', () => {})
  })
  server.on('sessionError', () => {})
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    void answer(stream, headers, methods[String(headers[':path'])])
  })
  server.emit('connection', socket)
  return {
    close: () => {
      for (const session of sessions) session.destroy()
      socket.destroy()
    },
  }
}

async function answer(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  method: GrpcMethod | undefined,
): Promise<void> {
  let status = { code: 0, message: '' }
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.once('wantTrailers', () => {
    const { code, message } = status
    stream.sendTrailers({
      'grpc-status': String(code),
      ...(message === '' ? {} : { 'grpc-message': encodeURIComponent(message) }),
    })
  })
  try {
    if (method === undefined)
      throw new GrpcFailure(UNIMPLEMENTED, `there is no method ${String(headers[':path'])}`)
    await method({
      headers,
      messages: messagesOf(stream),
      send: messages => write(stream, framed(messages)),
    })
  } catch (error) {
    status = {
      code: error instanceof GrpcFailure ? error.code : UNKNOWN,
      message: error instanceof Error ? error.message : String(error),
    }
  }
  if (!stream.destroyed) stream.end()
}

function framed(messages: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = []
  for (const message of messages) {
    const prefix = Buffer.alloc(PREFIX)
    prefix.writeUInt32BE(message.length, 1)
    parts.push(prefix, message)
  }
  return Buffer.concat(parts)
}

function write(stream: ServerHttp2Stream, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stream.destroyed || stream.writableEnded) reject(new Error('the call is over'))
    else stream.write(bytes, error => (error ? reject(error) : resolve()))
  })
}

async function* messagesOf(stream: ServerHttp2Stream): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  // Whoever has read enough still has to answer.
  const chunks: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false })
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= PREFIX) {
      const end = PREFIX + rest.readUInt32BE(1)
      if (rest.length < end) break
      yield rest.subarray(PREFIX, end)
      rest = rest.subarray(end)
    }
  }
}
