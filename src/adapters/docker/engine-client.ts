import type { IncomingMessage } from 'node:http'
import { Agent } from 'node:https'
import type { Duplex, Readable } from 'node:stream'
import type Dockerode from 'dockerode'
import type { EngineUnreachable } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import { type EndpointEnvironment, type EngineEndpoint, resolveEndpoint } from './engine-endpoint.js'
import { loadDockerode } from './load-dockerode.js'
import { EngineSilent, withPatience } from './with-patience.js'

/** A request to the engine's HTTP API, without a version in the path: the engine then speaks its newest. */
export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'HEAD'
  /** Without a query: `/images/json`. */
  readonly path: string
  /** Objects are sent as JSON. */
  readonly query?: Readonly<Record<string, unknown>>
  /** A body of type tar. */
  readonly body?: Readable
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly signal?: AbortSignal
}

/** The engine answered with a failure. */
export interface EngineRefusal {
  readonly kind: 'refused'
  readonly status: number
  readonly message: string
}

/** What `EngineClient` requests fail with besides an unreachable engine: a refusal, an abort, or a body that failed. */
export type EngineError = EngineUnreachable | EngineRefusal

export interface EngineClient {
  /** Where the engine is, as DOCKER_HOST writes it; undefined until it was looked up. */
  readonly endpoint: () => Promise<Result<string, EngineUnreachable>>
  /** dockerode on that engine, for what the requests below do not cover. */
  readonly docker: () => Promise<Result<Dockerode, EngineUnreachable>>
  /** The answer's JSON (or text, where it is none), once it is there whole. An engine that does not answer in time counts as unreachable. */
  readonly json: <T>(request: EngineRequest) => Promise<Result<T, EngineError>>
  /** The answer as it comes. */
  readonly stream: (request: EngineRequest) => Promise<Result<IncomingMessage, EngineError>>
  /** The connection itself, after an upgrade. */
  readonly hijack: (request: EngineRequest) => Promise<Result<Duplex, EngineError>>
}

/** A client of the engine that the environment names. Nothing is read or connected before the first request. */
export function createEngineClient(environment: EndpointEnvironment): EngineClient {
  let opened:
    | Promise<Result<{ readonly url: string; readonly docker: Dockerode }, EngineUnreachable>>
    | undefined
  const open = async () => {
    opened ??= connect(environment)
    const result = await opened
    // What could not be found may be there the next time.
    if (!result.ok) opened = undefined
    return result
  }
  const dial = async <T>(
    request: EngineRequest,
    how: { readonly isStream?: true; readonly hijack?: true },
  ) => {
    const client = await open()
    if (!client.ok) return client
    const { url, docker } = client.value
    return new Promise<Result<T, EngineError>>(resolve => {
      docker.modem.dial(
        {
          path: `${request.path}?`,
          method: request.method,
          options: { _query: request.query ?? {}, _body: {}, ...request.query },
          headers: { ...request.headers },
          ...(request.body === undefined ? {} : { file: request.body }),
          ...(request.signal === undefined ? {} : { abortSignal: request.signal }),
          ...how,
          statusCodes: { 101: true, 200: true, 201: true, 204: true },
        } as Parameters<typeof docker.modem.dial>[0],
        (error: unknown, data: unknown) => resolve(error ? err(engineError(error, url)) : ok(data as T)),
      )
    })
  }
  return {
    endpoint: async () => {
      const client = await open()
      return client.ok ? ok(client.value.url) : client
    },
    docker: async () => {
      const client = await open()
      return client.ok ? ok(client.value.docker) : client
    },
    json: request => dial(request, {}),
    stream: request => dial(request, { isStream: true }),
    hijack: request => dial(request, { hijack: true }),
  }
}

/** An error of dockerode or of the connection as a problem. An answer of the engine is a refusal; everything else means that none came. */
function engineError(error: unknown, endpoint: string): EngineError {
  const { statusCode, json, message, code } = error as {
    readonly statusCode?: number
    readonly json?: { readonly message?: string } | null
    readonly message: string
    readonly code?: string
  }
  if (statusCode !== undefined) {
    const said = json?.message ?? message.replace(/^\(HTTP code \d+\) .*? - /, '')
    return { kind: 'refused', status: statusCode, message: said.trim() }
  }
  return {
    kind: 'engine-unreachable',
    endpoint,
    message: connectionMessage(code, message),
    ...(error instanceof EngineSilent ? { hangs: true } : {}),
  }
}

function connectionMessage(code: string | undefined, message: string): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such socket: the Docker engine is not running, or listens elsewhere'
    case 'ECONNREFUSED':
      return 'nothing listens there: the Docker engine is not running'
    case 'EACCES':
    case 'EPERM':
      return 'this user may not open the socket of the Docker engine'
    default:
      return message
  }
}

async function connect(environment: EndpointEnvironment) {
  let endpoint: EngineEndpoint | undefined
  try {
    endpoint = await resolveEndpoint(environment)
    const Docker = await loadDockerode()
    const docker = new Docker(connectionOptions(endpoint, environment.env))
    return ok({ url: endpoint.url, docker: withPatience(docker, endpoint.url) })
  } catch (error) {
    const where = endpoint?.url ?? environment.env.DOCKER_HOST ?? 'the current Docker context'
    return err<EngineUnreachable>({
      kind: 'engine-unreachable',
      endpoint: where,
      message: error instanceof Error ? error.message : String(error),
    })
  }
}

/** Every key is given, for docker-modem fills those that are missing from DOCKER_HOST. */
function connectionOptions(
  { url, tls }: EngineEndpoint,
  env: EndpointEnvironment['env'],
): Dockerode.DockerOptions {
  const nowhere = {
    host: undefined,
    port: undefined,
    socketPath: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
  }
  const socket = /^(?:unix|npipe):\/\/(.+)$/.exec(url)?.[1]
  if (socket !== undefined)
    return { ...nowhere, protocol: 'http', socketPath: socket } as Dockerode.DockerOptions
  const { protocol, hostname, port, username, pathname } = new URL(url)
  switch (protocol) {
    case 'ssh:':
      return {
        ...nowhere,
        protocol: 'ssh',
        host: hostname,
        port: port || 22,
        username,
        sshOptions: { agent: env.SSH_AUTH_SOCK },
      } as Dockerode.DockerOptions
    case 'tcp:':
    case 'http:':
    case 'https:': {
      const secure = tls !== undefined || protocol === 'https:'
      return {
        ...nowhere,
        protocol: secure ? 'https' : 'http',
        host: hostname,
        port: port || (secure ? 2376 : 2375),
        pathPrefix: pathname || '/',
        ...(tls && { ca: tls.ca, cert: tls.cert, key: tls.key }),
        // docker-modem has no rejectUnauthorized of its own; its agent is handed to node:https as it is.
        ...(tls?.verify === false && { agent: new Agent({ ...tls, rejectUnauthorized: false }) }),
      } as Dockerode.DockerOptions
    }
    default:
      throw new Error(
        `"${url}" is no address of a Docker engine: unix://, npipe://, tcp:// or ssh:// is expected`,
      )
  }
}
