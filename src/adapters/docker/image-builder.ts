import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import {
  isBeyondFrontend,
  isFrontendMissing,
  stableFrontend,
  withOwnFrontend,
} from '../../core/context/own-frontend.js'
import {
  type Cancelled,
  cancelled,
  type EngineUnreachable,
  type ImageBuildFailed,
  type Problem,
} from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type {
  BuildOptions,
  BuildRequest,
  EngineInfo,
  ImageBuilder,
  LocalImage,
} from '../../ports/image-builder.js'
import { watchPulse } from '../engine-pulse/watch-pulse.js'
import { type ContextSource, openContext } from './build-context.js'
import { createBuildOutput } from './build-output.js'
import { readSecrets, redactor } from './build-secrets.js'
import type { EngineClient, EngineError, EngineRefusal } from './engine-client.js'
import { failingRange } from './failing-line.js'
import { cancelBuildKit, cancelClassic } from './running-build.js'

export interface ImageBuilderOptions extends ContextSource {
  readonly client: EngineClient
  /** Where build secrets of the form `{ id, env }` are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Without it, BuildKit wherever the engine has it. */
  readonly builder?: 'buildkit' | 'classic'
  /** The network of RUN steps, where the engine's default is not meant. */
  readonly networkMode?: string
}

/** BuildKit is in every Linux engine since 18.09. */
const firstBuildKitApi = [1, 39] as const

/** The engine behind `client` as a builder of images. */
export function createImageBuilder(options: ImageBuilderOptions): ImageBuilder {
  const { client } = options
  const info = () => engineInfo(client)
  const inspect = (reference: string, signal?: AbortSignal) => inspectImage(client, reference, signal)
  /** What builds need of the engine, which no build changes. Asked again after a build that did not reach it, for another may answer then. */
  let known: EngineInfo | undefined
  const missing = new Set<string>()
  return {
    info,
    inspect,
    async tag(id, reference, signal) {
      const { repo, tag } = splitTag(reference)
      const path = `/images/${encodeURIComponent(id)}/tag`
      const result = await client.json({
        method: 'POST',
        path,
        query: { repo, tag },
        ...(signal === undefined ? {} : { signal }),
      })
      if (result.ok) return ok(undefined)
      return err(signal?.aborted === true ? cancelled : unexpected(result.error, 'tag an image'))
    },
    async build(request, buildOptions) {
      if (buildOptions.signal.aborted) return err(cancelled)
      const engine = known === undefined ? await info() : ok(known)
      if (!engine.ok) return engine
      known = engine.value
      const buildKit = options.builder === undefined ? engine.value.buildKit : options.builder === 'buildkit'
      const refusal = unbuildable(request, buildKit)
      if (refusal !== undefined) return err(failure(request, refusal))
      const secrets = await readSecrets(request.service.secrets, options.env)
      if (!secrets.ok) return err(failure(request, secrets.error))
      const redact = redactor(secrets.value.values())
      const run = (tried: BuildRequest) =>
        runBuild({
          ...options,
          request: tried,
          buildOptions: { ...buildOptions, onOutput: line => buildOptions.onOutput(redact(line)) },
          buildKit,
          endpoint: engine.value.endpoint,
          secrets: secrets.value,
        }).then(result => redactFailure(result, redact))
      const built = await withFrontend(request, { run, missing, onOutput: buildOptions.onOutput })
      if (!built.ok) {
        if (built.error.kind === 'engine-unreachable') known = undefined
        return built
      }
      const image = await inspect(built.value, buildOptions.signal)
      if (!image.ok) return image
      return image.value === undefined
        ? err(failure(request, `the engine has no image ${built.value} though it has just built it`))
        : ok(image.value)
    },
  }
}

/**
 * Builds by the frontend that the Dockerfile asks for, or where the engine cannot fetch a stable one, by the one that it has built in. `missing`: those that could not
 * be fetched before; what the network has said once is not waited for with every save.
 */
async function withFrontend(
  request: BuildRequest,
  of: {
    readonly run: (request: BuildRequest) => Promise<Result<string>>
    readonly missing: Set<string>
    readonly onOutput: (line: string) => void
  },
): Promise<Result<string>> {
  const { snapshot } = request
  const frontend = stableFrontend(snapshot.dockerfile)
  if (frontend === undefined) return of.run(request)
  if (!of.missing.has(frontend)) {
    const built = await of.run(request)
    if (built.ok || built.error.kind !== 'image-build-failed' || !isFrontendMissing(built.error)) return built
    of.missing.add(frontend)
  }
  of.onOutput(`${frontend} cannot be fetched: the engine builds with the frontend that it has built in`)
  const built = await of.run({
    ...request,
    snapshot: { ...snapshot, dockerfile: withOwnFrontend(snapshot.dockerfile) },
  })
  if (built.ok || built.error.kind !== 'image-build-failed' || !isBeyondFrontend(built.error)) return built
  const message = `${frontend} cannot be fetched, and the frontend that the engine has built in does not know all of this Dockerfile: ${built.error.message}`
  return err({ ...built.error, message })
}

interface Build extends ImageBuilderOptions {
  readonly request: BuildRequest
  readonly buildOptions: BuildOptions
  readonly buildKit: boolean
  readonly endpoint: string
  readonly secrets: ReadonlyMap<string, Buffer>
}

/**
 *   request ──► streaming ──► ended ──► the image's id, or the failure that the stream told
 *      │            │
 *      └── abort ───┴──► stopped in the engine ──► cancelled
 */
async function runBuild(build: Build): Promise<Result<string>> {
  const { client, request, buildKit, buildOptions } = build
  const { signal, onOutput, onProgress } = buildOptions
  const buildId = randomUUID()
  const connection = new AbortController()
  const cut = () => connection.abort()
  let lost: Problem | undefined
  const opened = await openContext({ ...build, source: build })
  if (!opened.ok) return err(unexpected(opened.error, 'open a build session'))
  const context = opened.value
  const output = createBuildOutput({ onLine: onOutput, onStep: step => onProgress?.({ step }) })

  let streaming: Promise<StreamEnd> | undefined
  let stopping: Promise<void> | undefined
  const stop = () => {
    // Before the engine has answered, no step runs: BuildKit and the classic builder both answer with their first message.
    if (streaming === undefined) return cut()
    stopping = buildKit
      ? cancelBuildKit({ client, buildId, ended: streaming, cut })
      : cancelClassic({ client, container: output.runningContainer(), cut })
  }
  signal.addEventListener('abort', stop, { once: true })
  using _pulse = watchPulse(
    () => pulseOf(client),
    problem => {
      lost = problem
      cut()
    },
  )
  try {
    const response = await client.stream({
      method: 'POST',
      path: '/build',
      query: { ...buildQuery(build, buildId), ...context.query },
      headers: { 'Content-Type': 'application/x-tar' },
      ...(context.body === undefined ? {} : { body: context.body }),
      signal: connection.signal,
    })
    if (!response.ok) {
      if (signal.aborted) return err(cancelled)
      if (lost !== undefined) return err(lost)
      const broken = context.error()
      if (broken !== undefined) return err(unreadable(request, broken))
      return response.error.kind === 'refused'
        ? err(failure(request, response.error.message))
        : err(response.error)
    }
    streaming = readStream(response.value, line => output.message(line))
    if (signal.aborted) stop()
    const ended = await streaming
    if (signal.aborted) {
      await stopping
      return err(cancelled)
    }
    if (lost !== undefined) return err(lost)
    const unread = context.error()
    if (unread !== undefined) return err(unreadable(request, unread))
    const { imageId, error, step, output: tail } = output.end()
    if (error !== undefined) return err(failure(request, error, step, tail))
    if (ended.broken !== undefined) {
      const message = `the connection broke during a build: ${ended.broken.message}`
      return err({ kind: 'engine-unreachable', endpoint: build.endpoint, message })
    }
    if (imageId === undefined)
      return err(failure(request, 'the engine ended the build without a result', step, tail))
    return ok(imageId)
  } finally {
    signal.removeEventListener('abort', stop)
    context.close()
  }
}

/** A file that changed while it was sent makes the build void, and no failure: the newer content gets a build of its own. */
function unreadable(request: BuildRequest, error: Error): Cancelled | ImageBuildFailed {
  if ((error as NodeJS.ErrnoException).code === 'CONTEXT_CHANGED') return cancelled
  return failure(request, `the build context cannot be read: ${error.message}`)
}

function buildQuery(
  { request, buildKit, networkMode }: Build,
  buildId: string,
): Readonly<Record<string, unknown>> {
  const { target, platform } = request.service
  return {
    version: buildKit ? '2' : '1',
    buildid: buildId,
    buildargs: JSON.stringify(request.buildArgs),
    // Without these the classic builder leaves the container of a failed step behind.
    rm: 1,
    forcerm: 1,
    ...(target === undefined ? {} : { target }),
    ...(platform === undefined ? {} : { platform }),
    ...(networkMode === undefined ? {} : { networkmode: networkMode }),
  }
}

function unbuildable({ service, snapshot }: BuildRequest, buildKit: boolean): string | undefined {
  if (service.secrets.length > 0 && !buildKit) {
    return 'the service has build secrets, and this engine has only the classic builder, which knows none'
  }
  if (snapshot.needsBuildKit && !buildKit)
    return 'the Dockerfile needs BuildKit, which this engine does not have'
  return undefined
}

function redactFailure<T>(result: Result<T>, redact: (text: string) => string): Result<T> {
  if (result.ok || result.error.kind !== 'image-build-failed') return result
  const { message, step, output } = result.error
  return err({
    ...result.error,
    message: redact(message),
    ...(step === undefined ? {} : { step: redact(step) }),
    output: output.map(redact),
  })
}

interface StreamEnd {
  readonly broken?: Error
}

/** Never rejects: resolves when the stream has ended or its connection broke. */
function readStream(response: IncomingMessage, onMessage: (line: string) => void): Promise<StreamEnd> {
  return new Promise(resolve => {
    let rest = ''
    response.setEncoding('utf8')
    response.on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.trim() !== '') onMessage(line)
    })
    response.once('end', () => {
      if (rest.trim() !== '') onMessage(rest)
      resolve({})
    })
    response.once('error', broken => resolve({ broken }))
    response.once('close', () =>
      resolve(response.complete ? {} : { broken: new Error('the stream was cut') }),
    )
  })
}

function failure(
  { service, snapshot }: BuildRequest,
  message: string,
  step?: string,
  output: readonly string[] = [],
): ImageBuildFailed {
  const range = failingRange({
    file: service.dockerfile,
    dockerfile: snapshot.dockerfile,
    error: message,
    ...(step === undefined ? {} : { step }),
  })
  return {
    kind: 'image-build-failed',
    service: service.name,
    message,
    ...(step === undefined ? {} : { step }),
    ...(range === undefined ? {} : { range }),
    output,
  }
}

async function engineInfo(client: EngineClient): Promise<Result<EngineInfo>> {
  const [endpoint, version, info] = await Promise.all([
    client.endpoint(),
    client.json<{ readonly Version: string; readonly ApiVersion: string; readonly Os: string }>({
      method: 'GET',
      path: '/version',
    }),
    client.json<{ readonly DriverStatus?: readonly (readonly [string, string])[] | null }>({
      method: 'GET',
      path: '/info',
    }),
  ])
  if (!endpoint.ok) return endpoint
  if (!version.ok) return err(unexpected(version.error, 'ask the engine for its version'))
  if (!info.ok) return err(unexpected(info.error, 'ask the engine for its settings'))
  const { Version, ApiVersion, Os } = version.value
  const containerd =
    info.value.DriverStatus?.some(([, value]) => value === 'io.containerd.snapshotter.v1') ?? false
  return ok({
    endpoint: endpoint.value,
    version: Version,
    apiVersion: ApiVersion,
    store: containerd ? 'containerd' : 'classic',
    buildKit: Os === 'linux' && atLeast(ApiVersion, firstBuildKitApi),
  })
}

async function inspectImage(
  client: EngineClient,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<Result<LocalImage | undefined>> {
  const path = `/images/${encodeURIComponent(reference)}/json`
  const result = await client.json<{
    readonly Id: string
    readonly RootFS: { readonly Layers?: readonly string[] | null }
    readonly Size: number
    readonly Architecture: string
    readonly Os: string
  }>({ method: 'GET', path, ...(signal === undefined ? {} : { signal }) })
  if (!result.ok) {
    if (signal?.aborted === true) return err(cancelled)
    if (result.error.kind === 'refused' && result.error.status === 404) return ok(undefined)
    return err(unexpected(result.error, `look up the image ${reference}`))
  }
  const { Id, RootFS, Size, Architecture, Os } = result.value
  return ok({ id: Id, diffIds: RootFS.Layers ?? [], bytes: Size, architecture: Architecture, os: Os })
}

/** Why the engine gives no sign of life; undefined where it does. */
async function pulseOf(client: EngineClient): Promise<Problem | undefined> {
  const answer = await client.json({ method: 'GET', path: '/_ping' })
  return answer.ok || answer.error.kind === 'refused' ? undefined : answer.error
}

/** A refusal where the API foresees none that a person could cause: the engine is not usable. */
function unexpected(error: EngineError, what: string): Problem {
  return error.kind === 'refused' ? refused(error, what) : error
}

function refused({ status, message }: EngineRefusal, what: string): EngineUnreachable {
  return {
    kind: 'engine-unreachable',
    endpoint: 'the Docker engine',
    message: `cannot ${what}: ${message} (HTTP ${status})`,
  }
}

function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number)
  return a > major || (a === major && b >= minor)
}

function splitTag(reference: string): { readonly repo: string; readonly tag: string } {
  const colon = reference.lastIndexOf(':')
  if (colon <= reference.lastIndexOf('/')) return { repo: reference, tag: 'latest' }
  return { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) }
}
