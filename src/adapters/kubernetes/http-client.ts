import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import tls from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import { type Cancelled, type ClusterUnreachable, cancelled } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import { type KubeConnection, resolveConnection } from './connection.js'
import { type CredentialSource, createCredentialSource } from './credentials.js'
import { isJson, readBody, retryAfter, warningsOf } from './http-answer.js'
import { codeOf, type Exchange, ExchangeError, exchange, STALE } from './http-exchange.js'
import { readKubeconfig } from './kubeconfig.js'
import { type OpenedSocket, openSocket } from './open-socket.js'
import { backOff, sleep } from './retry.js'

export interface KubeRequest {
  readonly method: Exchange['method']
  /** Path with its query, from `/`. */
  readonly path: string
  readonly accept?: string
  readonly body?: unknown
  /** Of the body, which is sent as JSON whatever this says. */
  readonly contentType?: string
  readonly signal?: AbortSignal
  /** False where the server must not see the request twice. Default: true. */
  readonly idempotent?: boolean
}

export interface KubeResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** The texts of the `Warning` headers, whole. */
  readonly warnings: readonly string[]
  readonly body: string
}

export interface KubeStream {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Read it to its end or destroy it. It fails where the connection is cut or the signal aborts. */
  readonly body: Readable
}

/** A WebSocket, paused so that nothing comes before it has listeners; or the answer of a server that opens none. */
export type KubeSocket =
  | ({ readonly type: 'open' } & OpenedSocket)
  | { readonly type: 'refused'; readonly status: number; readonly body: string }

export type KubeHttpError = ClusterUnreachable | Cancelled

/**
 * HTTP to the API server of one context. Any status is an answer; what fails is the way to it (`cluster-unreachable`, also a refused login)
 * or the signal (`cancelled`). The kubeconfig is read at the first request and again when the connection fails, for a cluster that was made
 * anew has another port and authority under the same context.
 */
export interface KubeHttp {
  readonly context: string
  /** Reads the whole answer. Retries 429, 503 and cut connections a few times. */
  request(request: KubeRequest): Promise<Result<KubeResponse, KubeHttpError>>
  /** A GET whose body is read as it comes. Resolves with the head; nothing is retried but a refused login or a changed kubeconfig. */
  stream(request: {
    readonly path: string
    readonly accept?: string
    readonly signal?: AbortSignal
  }): Promise<Result<KubeStream, KubeHttpError>>
  /** Opens a WebSocket that speaks one of the protocols. Nothing is retried but a refused login or a changed kubeconfig. */
  socket(request: {
    readonly path: string
    readonly protocols: readonly string[]
    readonly signal?: AbortSignal
  }): Promise<Result<KubeSocket, KubeHttpError>>
  /** The connection in use; the kubeconfig is read where there is none yet. */
  connection(): Promise<Result<KubeConnection, ClusterUnreachable>>
  /** Ends idle connections; the client stays usable. */
  close(): void
}

export interface KubeHttpOptions {
  readonly context: string
  /** Kubeconfig files, see `kubeconfigFiles`. */
  readonly files: readonly string[]
  readonly runner: ProcessRunner
  readonly now?: () => number
  /** Milliseconds. */
  readonly timeouts?: {
    readonly connect?: number
    readonly head?: number
    readonly idle?: number
    readonly stale?: number
  }
}

interface Link {
  readonly connection: KubeConnection
  readonly credentials: CredentialSource
  readonly agents: Map<string, http.Agent>
}

const maxAttempts = 4

export function createKubeHttp(options: KubeHttpOptions): KubeHttp {
  const { context, files, runner, now = Date.now } = options
  const connectTimeout = options.timeouts?.connect ?? 10_000
  // The API server ends its own non-streaming requests after 60 s; a webhook may take 30 of them.
  const headTimeout = options.timeouts?.head ?? 65_000
  const idleTimeout = options.timeouts?.idle ?? 30_000
  // A computer that slept or changed its network has connections that are dead and do not know it. Another is as good for what only reads, and costs little where it was not so.
  const staleTimeout = options.timeouts?.stale ?? 3_000
  let opening: Promise<Result<Link, ClusterUnreachable>> | undefined

  async function open(): Promise<Result<Link, ClusterUnreachable>> {
    const config = await readKubeconfig(files)
    if (!config.ok) return err({ ...config.error, context })
    const connection = await resolveConnection(config.value, context)
    if (!connection.ok) return connection
    return ok({
      connection: connection.value,
      credentials: createCredentialSource(connection.value, runner, now),
      agents: new Map(),
    })
  }

  async function link(): Promise<Result<Link, ClusterUnreachable>> {
    opening ??= open()
    const opened = await opening
    // A kubeconfig that lacks the context now may have it when the cluster is made anew.
    if (!opened.ok) opening = undefined
    return opened
  }

  /** Reads the kubeconfig again; true where the context now leads elsewhere. Concurrent callers share one reading. */
  async function reload(stale: Link): Promise<boolean> {
    const present = await link()
    if (present.ok && present.value !== stale) return true
    const fresh = await open()
    const again = await link()
    if (again.ok && again.value !== stale) return true
    if (fresh.ok && isDeepStrictEqual(fresh.value.connection, stale.connection)) return false
    closeLink(stale)
    opening = fresh.ok ? Promise.resolve(fresh) : undefined
    return true
  }

  async function send<T extends OpenedSocket = never>(
    request: KubeRequest,
    transport: (exchange: Exchange) => Promise<T | IncomingMessage> = exchange,
  ): Promise<Result<T | IncomingMessage, KubeHttpError | ExchangeError>> {
    let renewed = false
    let reloaded = false
    let wasStale = false
    for (;;) {
      const opened = await link()
      if (!opened.ok) return opened
      const { connection, credentials, agents } = opened.value
      const login = await credentials.current()
      if (!login.ok) return err(unreachable(connection, login.error))
      try {
        const response = await transport({
          method: request.method,
          url: new URL(connection.server + request.path),
          headers: {
            ...connection.headers,
            Accept: request.accept ?? 'application/json',
            'User-Agent': 'devloop',
            ...(login.value.authorization === undefined ? {} : { Authorization: login.value.authorization }),
            ...(request.body === undefined
              ? {}
              : { 'Content-Type': request.contentType ?? 'application/json' }),
          },
          body: request.body === undefined ? undefined : JSON.stringify(request.body),
          agent: agentFor(agents, connection, login.value.certificate),
          signal: request.signal,
          connectTimeout,
          headTimeout,
          ...(wasStale ? {} : { staleTimeout }),
        })
        if (!(response instanceof http.IncomingMessage) || response.statusCode !== 401) return ok(response)
        const text = await readBody(response, idleTimeout)
        if (!renewed && credentials.renew()) {
          renewed = true
          continue
        }
        if (!reloaded && (await reload(opened.value))) {
          reloaded = true
          continue
        }
        return err(
          unreachable(
            connection,
            `The API server does not accept the login of this context (401): ${messageIn(text)}`,
          ),
        )
      } catch (error) {
        if (request.signal?.aborted) return err(cancelled)
        if (!(error instanceof ExchangeError)) throw error
        if (error.code === STALE) {
          wasStale = true
          closeLink(opened.value)
          continue
        }
        const repeatable = request.idempotent !== false || !error.sent
        if (repeatable && !reloaded && (await reload(opened.value))) {
          reloaded = true
          continue
        }
        return err(error)
      }
    }
  }

  async function request(request: KubeRequest): Promise<Result<KubeResponse, KubeHttpError>> {
    const repeatable = request.idempotent !== false
    for (let attempt = 1; ; attempt++) {
      const last = attempt >= maxAttempts
      const answer = await attemptOnce(request)
      if (answer.ok) {
        const { status, headers } = answer.value
        if (last || !(status === 429 || (status === 503 && repeatable))) return answer
        await sleep(retryAfter(headers) ?? backOff(attempt, 250, 4_000), request.signal)
      } else if (answer.error instanceof ExchangeError) {
        const cut = ['ECONNRESET', 'EPIPE'].includes(answer.error.code) && (repeatable || !answer.error.sent)
        if (last || !cut) return err(await describe(answer.error))
        await sleep(backOff(attempt, 100, 2_000), request.signal)
      } else return err(answer.error)
      if (request.signal?.aborted) return err(cancelled)
    }
  }

  async function attemptOnce(
    request: KubeRequest,
  ): Promise<Result<KubeResponse, KubeHttpError | ExchangeError>> {
    const sent = await send(request)
    if (!sent.ok) return sent
    const { statusCode: status = 0, headers, rawHeaders } = sent.value
    try {
      const body = await readBody(sent.value, idleTimeout)
      if (status < 300 && headers['content-type']?.startsWith('text/html') === true)
        return err(
          new ExchangeError(
            'A web page came in place of an answer of the API server. Is a proxy or a login page in between?',
            '',
            true,
          ),
        )
      // A proxy may end an answer as if it were whole; what reads it takes for granted that it is.
      if (status < 300 && headers['content-type']?.startsWith('application/json') === true && !isJson(body))
        return err(new ExchangeError('The answer of the API server is not whole.', 'ECONNRESET', true))
      return ok({ status, headers, warnings: warningsOf(rawHeaders), body })
    } catch (error) {
      if (request.signal?.aborted) return err(cancelled)
      if (error instanceof ExchangeError) return err(error)
      return err(
        new ExchangeError(
          'The connection was cut while the answer was read.',
          codeOf(error) || 'ECONNRESET',
          true,
        ),
      )
    }
  }

  async function describe(error: ExchangeError): Promise<ClusterUnreachable> {
    const opened = await link()
    return opened.ok ? unreachable(opened.value.connection, error.message) : opened.error
  }

  return {
    context,
    request,
    async stream(wanted) {
      const sent = await send({ ...wanted, method: 'GET' })
      if (!sent.ok) return err(sent.error instanceof ExchangeError ? await describe(sent.error) : sent.error)
      const { statusCode: status = 0, headers } = sent.value
      return ok({ status, headers, body: sent.value })
    },
    async socket({ path, protocols, signal }) {
      // A container runtime that forwards ports answers an upgrade only to those who take anything.
      const any = { method: 'GET' as const, path, accept: '*/*' }
      const request = signal === undefined ? any : { ...any, signal }
      const sent = await send<OpenedSocket>(request, wanted => openSocket(wanted, protocols))
      if (!sent.ok) return err(sent.error instanceof ExchangeError ? await describe(sent.error) : sent.error)
      if (!(sent.value instanceof http.IncomingMessage)) return ok({ type: 'open', ...sent.value })
      const { statusCode: status = 0 } = sent.value
      const body = await readBody(sent.value, idleTimeout).catch(() => '')
      return ok({ type: 'refused', status, body })
    },
    async connection() {
      const opened = await link()
      return opened.ok ? ok(opened.value.connection) : opened
    },
    close() {
      const closing = opening
      opening = undefined
      void closing?.then(opened => opened.ok && closeLink(opened.value))
    },
  }
}

function unreachable({ context, server }: KubeConnection, message: string): ClusterUnreachable {
  return { kind: 'cluster-unreachable', context, server, message }
}

function agentFor(
  agents: Map<string, http.Agent>,
  connection: KubeConnection,
  certificate: { readonly cert: string; readonly key: string } | undefined,
): http.Agent {
  const id = certificate?.cert ?? ''
  const known = agents.get(id)
  if (known !== undefined) return known
  // A renewed certificate replaces the one before; its idle connections would only linger.
  for (const agent of agents.values()) agent.destroy()
  agents.clear()
  const { ca, cert = certificate?.cert, key = certificate?.key, insecure, tlsServerName } = connection
  const keep = { keepAlive: true, keepAliveMsecs: 30_000 }
  const agent = connection.server.startsWith('https:')
    ? new https.Agent({
        ...keep,
        ...trust({ ca, cert, key }),
        rejectUnauthorized: !insecure,
        ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
      })
    : new http.Agent(keep)
  agents.set(id, agent)
  return agent
}

/** Reads the certificates once: to do so for each connection takes longer than all else of it. Those that cannot be read fail with the connection, as ever. */
function trust(given: Pick<tls.SecureContextOptions, 'ca' | 'cert' | 'key'>): tls.ConnectionOptions {
  try {
    return { secureContext: tls.createSecureContext(given) }
  } catch {
    return given
  }
}

function closeLink(link: Link): void {
  for (const agent of link.agents.values()) {
    for (const sockets of Object.values(agent.freeSockets))
      for (const socket of sockets ?? []) socket.destroy()
  }
}

function messageIn(body: string): string {
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body.trim().slice(0, 200)
}
