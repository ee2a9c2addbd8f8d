import { randomUUID } from 'node:crypto'
import { ok, type Result } from '../../core/result.js'
import type { EngineClient, EngineError } from './engine-client.js'
import { type GrpcCall, GrpcFailure, type GrpcMethod, NOT_FOUND, serveGrpc } from './grpc-server.js'
import { encode, readFields } from './protobuf-wire.js'
import { folderOfFile, type SentFolder, sendFolder } from './send-folder.js'

/** What BuildKit may ask this process for while it builds. */
export interface BuildSession {
  /** Given to `POST /build` as `session`. */
  readonly id: string
  /** Why the context could not be sent, if it could not. */
  readonly contextError: () => Error | undefined
  /** Ends the connection and the server on it. May be called more than once. */
  readonly close: () => void
}

/** A build context that BuildKit fetches, file by file. */
export interface FetchedContext extends SentFolder {
  /** The same for the same context: what BuildKit fetched of it is kept under this. */
  readonly key: string
  readonly dockerfile: { readonly name: string; readonly text: string }
  readonly onSent: (progress: { readonly bytes: number; readonly asked: number }) => void
}

export interface SessionOffer {
  readonly secrets: ReadonlyMap<string, Buffer>
  /** Absent where the context goes with the request. */
  readonly context?: FetchedContext
}

const getSecret = '/moby.buildkit.secrets.v1.Secrets/GetSecret'
const diffCopy = '/moby.filesync.v1.FileSync/DiffCopy'
const checkHealth = '/grpc.health.v1.Health/Check'
/** grpc.health.v1.HealthCheckResponse.SERVING */
const serving = 1

/** Opens a BuildKit session over the engine's `POST /session`, and serves secrets and the build context on it by gRPC. */
export async function openBuildSession(
  client: EngineClient,
  { secrets, context }: SessionOffer,
): Promise<Result<BuildSession, EngineError>> {
  const id = randomUUID()
  let contextError: Error | undefined
  const methods: Readonly<Record<string, GrpcMethod>> = {
    [getSecret]: call => answerSecret(call, secrets),
    [checkHealth]: call => call.send([encode([[1, serving]])]),
    ...(context === undefined
      ? {}
      : {
          [diffCopy]: call =>
            answerDiffCopy(call, context).catch((error: unknown) => {
              contextError ??= error instanceof Error ? error : new Error(String(error))
              throw error
            }),
        }),
  }
  const socket = await client.hijack({
    method: 'POST',
    path: '/session',
    headers: {
      Upgrade: 'h2c',
      'X-Docker-Expose-Session-Uuid': id,
      'X-Docker-Expose-Session-Name': 'devloop',
      'X-Docker-Expose-Session-Grpc-Method': Object.keys(methods),
      ...(context === undefined ? {} : { 'X-Docker-Expose-Session-Sharedkey': context.key }),
    },
  })
  if (!socket.ok) return socket
  socket.value.on('error', () => {})
  const { close } = serveGrpc(socket.value, methods)
  return ok({ id, contextError: () => contextError, close })
}

async function answerSecret(call: GrpcCall, secrets: ReadonlyMap<string, Buffer>): Promise<void> {
  for await (const request of call.messages) {
    const wanted = [...readFields(request)].find(field => field.number === 1)?.value
    const secret = secrets.get(String(wanted ?? ''))
    if (secret === undefined) throw new GrpcFailure(NOT_FOUND, `no build secret ${String(wanted)}`)
    return call.send([encode([[1, secret]])])
  }
}

const IGNORE_FILE = '.dockerignore'

/**
 * The frontend asks for the Dockerfile, for the ignore file alone, and for the context. Of the latter everything goes there that the snapshot names, for what the Dockerfile
 * does not read and what the ignore file leaves out is not in it.
 */
function answerDiffCopy(call: GrpcCall, context: FetchedContext): Promise<void> {
  const { headers } = call
  const { dockerfile, entries, read, onSent } = context
  if (headers['dir-name'] === 'dockerfile')
    return sendFolder(call, folderOfFile(dockerfile.name, dockerfile.text), () => {})
  const wanted = headers.followpaths
  const isIgnoreFile = (Array.isArray(wanted) ? wanted.join() : wanted) === IGNORE_FILE
  const shown = isIgnoreFile
    ? entries.filter(({ path, type }) => path === IGNORE_FILE && type === 'file')
    : entries
  return sendFolder(call, { entries: shown, read }, onSent)
}
