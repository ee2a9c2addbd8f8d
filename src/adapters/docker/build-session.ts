import { randomUUID } from 'node:crypto'
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js'
import { ok, type Result } from '../../core/result.js'
import type { EngineClient, EngineError } from './engine-client.js'
import { bytesField, readFields, varintField } from './protobuf-wire.js'

/** What BuildKit may ask this process for while it builds. */
export interface BuildSession {
  /** Given to `POST /build` as `session`. */
  readonly id: string
  /** Ends the connection and the server on it. May be called more than once. */
  readonly close: () => void
}

const getSecret = '/moby.buildkit.secrets.v1.Secrets/GetSecret'
const checkHealth = '/grpc.health.v1.Health/Check'
/** grpc.health.v1.HealthCheckResponse.SERVING */
const serving = 1

/** Opens a BuildKit session over the engine's `POST /session`, and serves these secrets on it by gRPC. */
export async function openBuildSession(
  client: EngineClient,
  secrets: ReadonlyMap<string, Buffer>,
): Promise<Result<BuildSession, EngineError>> {
  const { Server, ServerCredentials, status } = await import('@grpc/grpc-js')
  const id = randomUUID()
  const socket = await client.hijack({
    method: 'POST',
    path: '/session',
    headers: {
      Upgrade: 'h2c',
      'X-Docker-Expose-Session-Uuid': id,
      'X-Docker-Expose-Session-Name': 'devloop',
      'X-Docker-Expose-Session-Grpc-Method': [getSecret, checkHealth],
    },
  })
  if (!socket.ok) return socket
  const server = new Server()
  const unary = {
    requestStream: false as const,
    responseStream: false as const,
    requestSerialize: Buffer.from,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: Buffer.from,
  }
  server.addService(
    { getSecret: { path: getSecret, ...unary }, check: { path: checkHealth, ...unary } },
    {
      getSecret({ request }: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) {
        const wanted = [...readFields(request)].find(field => field.number === 1)?.value
        const secret = secrets.get(String(wanted ?? ''))
        if (secret === undefined)
          answer({ code: status.NOT_FOUND, details: `no build secret ${String(wanted)}` })
        else answer(null, bytesField(1, secret))
      },
      check: (_: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) =>
        answer(null, varintField(1, serving)),
    },
  )
  // The engine cuts the connection where a build fails; that build says why.
  socket.value.on('error', () => {})
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket.value)
  return ok({
    id,
    close() {
      server.forceShutdown()
      socket.value.destroy()
    },
  })
}
