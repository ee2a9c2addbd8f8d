import type { Readable } from 'node:stream'
import { buildMounts } from '../../core/context/build-mounts.js'
import { ok, type Result } from '../../core/result.js'
import type { BuildOptions, BuildRequest } from '../../ports/image-builder.js'
import { openBuildSession } from './build-session.js'
import type { EngineClient, EngineError } from './engine-client.js'
import type { SentFolder } from './send-folder.js'

/** A build context as one piece: an uncompressed tar stream that also holds the Dockerfile under `dockerfileName`. */
export interface ContextStream {
  readonly stream: Readable
  readonly dockerfileName: string
}

/** A build context that BuildKit fetches from this process, and of which it keeps what it fetched under `key`. */
export interface ContextFolder extends SentFolder {
  readonly key: string
}

/** The ways in which a build context can be had. */
export interface ContextSource {
  readonly context: (request: BuildRequest) => Promise<ContextStream>
  /** Absent where every build sends the whole. */
  readonly folder?: (request: BuildRequest) => Promise<ContextFolder>
}

/** A context on its way to the engine, and what the build request says of it. */
export interface OpenContext {
  readonly query: Readonly<Record<string, unknown>>
  readonly body: Readable | undefined
  /** With what reading the context ended, if it failed. */
  readonly error: () => Error | undefined
  /** Ends everything that sends. May be called more than once. */
  readonly close: () => void
}

/** From so much on, a session and the questions that go to and fro on it cost less than sending the whole once more. */
const FETCHED_FILES = 50
const FETCHED_BYTES = 1_000_000

const DOCKERFILE = 'Dockerfile'

/**
 * Opens the way of a context: BuildKit fetches what it lacks of a large one; a small one, and every one of the classic builder, goes whole with the request. Where the engine opens no session
 * for a context alone, that is said in the build's output, and the context goes whole.
 */
export async function openContext({
  client,
  source,
  request,
  secrets,
  buildKit,
  buildOptions,
}: {
  readonly client: EngineClient
  readonly source: ContextSource
  readonly request: BuildRequest
  readonly secrets: ReadonlyMap<string, Buffer>
  readonly buildKit: boolean
  readonly buildOptions: BuildOptions
}): Promise<Result<OpenContext, EngineError>> {
  const { snapshot } = request
  const isLarge = snapshot.files.length >= FETCHED_FILES || snapshot.bytes >= FETCHED_BYTES
  if (buildKit && isLarge && source.folder !== undefined) {
    const folder = await source.folder(request)
    const session = await openBuildSession(client, {
      secrets,
      context: {
        ...folder,
        dockerfile: { name: DOCKERFILE, text: snapshot.dockerfile },
        onSent: ({ bytes, asked }) => buildOptions.onProgress?.({ sentBytes: bytes, totalBytes: asked }),
      },
    })
    if (session.ok) {
      const { id, contextError, close } = session.value
      const query = { dockerfile: DOCKERFILE, remote: 'client-session', session: id }
      return ok({ query, body: undefined, error: contextError, close })
    }
    if (secrets.size > 0 || session.error.kind !== 'refused') return session
    buildOptions.onOutput(`the engine opens no session (${session.error.message}): the whole context is sent`)
  }
  // A step that mounts a secret asks the session for it, also where nobody gives it and the step goes on without: no session is an error.
  const { secrets: wanted, ssh } = buildMounts(snapshot.dockerfile)
  const asks = secrets.size > 0 || (buildKit && (wanted.length > 0 || ssh))
  const session = asks ? await openBuildSession(client, { secrets }) : undefined
  if (session?.ok === false) return session
  const { stream, dockerfileName } = await source.context(request)
  return ok({
    query: {
      dockerfile: dockerfileName,
      ...(session === undefined ? {} : { session: session.value.id }),
    },
    body: stream,
    error: countBytes(stream, snapshot.bytes, buildOptions),
    close: () => {
      stream.destroy()
      session?.value.close()
    },
  })
}

/** Reports how much of the context was sent. The returned function has the error with which reading the context ended, if any. */
function countBytes(
  stream: Readable,
  totalBytes: number,
  { onProgress }: BuildOptions,
): () => Error | undefined {
  let failed: Error | undefined
  let sentBytes = 0
  stream.once('error', error => {
    failed = error
  })
  stream.on('data', (chunk: Buffer) => {
    sentBytes += chunk.length
    onProgress?.({ sentBytes, totalBytes })
  })
  stream.pause()
  return () => failed
}
