import http, { type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { cookieOf } from '../../core/routes/match-ingress.js'
import { routeRows } from '../../core/routes/route-rows.js'
import { backendText, type ProxyDecision } from '../../core/routes/route-table.js'
import type { GatewayView, PodEndpoint } from '../../ports/gateway.js'
import { REFUSED } from '../../ports/pod-forward.js'
import { createDeparture } from './departure.js'
import type { Drains } from './drains.js'
import { sendPage } from './pages.js'
import type { PodConnection } from './pod-connections.js'
import { changed, flat, type HeaderList, pairsOf, requestHeaders, withoutHops } from './proxy-headers.js'
import { readRequest } from './read-request.js'
import { createReplayBody, type ReplayBody } from './replay-body.js'
import type { Upstreams } from './upstreams.js'

/** Milliseconds after which a connection that was not refused is taken to lead to a program. */
const PROVEN = 300
/** Pods that may end under a request until it is given up. */
const MOST_ENDS = 3
/** Methods that open no connection of their own: a kept one may be closed by the pod just then, and only these may be sent again. */
const POOLED = new Set(['GET', 'HEAD', 'OPTIONS'])

export interface ServerContext {
  readonly upstreams: Upstreams
  readonly drains: Drains
  readonly port: () => number
}

/** Answers one request, from a pod or with a page that says why not. */
export async function answerRequest(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { upstreams } = context
  const { authority, headers, decision } = readRequest(request, upstreams.view.table)
  const page = (status: number, title: string, lines: readonly string[] = []): void => {
    const routes = status === 404 ? routeRows(upstreams.view.table) : []
    sendPage(response, { status, title, lines, routes }, headers.accept)
  }
  switch (decision.type) {
    case 'bad-request':
      return page(400, decision.message)
    case 'none':
      return page(404, decision.reason === 'host' ? 'no route for this name' : 'no route for this path', [
        decision.message,
      ])
    case 'answer': {
      const { status, message } = decision
      if (message !== '')
        return page(status, message, [`Rule: ${decision.rule.object} ${decision.rule.place ?? ''}`])
      response.writeHead(status, [...flat(decision.headers), 'Content-Length', '0'])
      response.end()
      return
    }
    case 'proxy':
      break
  }
  const length = Number(headers['content-length'] ?? 0)
  if (decision.bodyLimit !== undefined && length > decision.bodyLimit) {
    response.setHeader('Connection', 'close')
    return page(413, `the body is longer than ${decision.bodyLimit} bytes`, [
      `${decision.rule.object} allows no more: annotation nginx.ingress.kubernetes.io/proxy-body-size (default 1m)`,
    ])
  }
  if (headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
  const forPod = requestHeaders(request, {
    authority,
    host: decision.host,
    changes: decision.requestHeaders,
    port: context.port(),
  })
  await proxy(context, { request, response, decision, headers: forPod, asked: headers, page })
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly decision: ProxyDecision
  /** For the pod. */
  readonly headers: HeaderList
  readonly asked: Readonly<Record<string, string>>
  readonly page: (status: number, title: string, lines?: readonly string[]) => void
}

async function proxy({ upstreams, drains }: ServerContext, exchange: Exchange): Promise<void> {
  const { request, response, decision, asked, page } = exchange
  const client = createDeparture()
  response.on('close', () => {
    // One that was answered has nothing left to be ended.
    if (!response.writableFinished) client.leave()
  })
  let current: ClientRequest | undefined
  let isTooLong = false
  const body = createReplayBody(request, decision.bodyLimit, () => {
    isTooLong = true
    current?.destroy()
    if (!response.headersSent) response.setHeader('Connection', 'close')
    page(413, `the body is longer than ${decision.bodyLimit} bytes`, [
      'annotation nginx.ingress.kubernetes.io/proxy-body-size',
    ])
  })
  const { total } = decision.timeouts
  let isLate = false
  const deadline =
    total === undefined
      ? undefined
      : setTimeout(() => {
          isLate = true
          current?.destroy()
          page(504, `no answer within ${total} ms`)
          client.leave()
        }, total)
  const begun = Date.now()
  let since = begun
  const isSafe = POOLED.has(request.method ?? '')
  let isFresh = !isSafe
  let ends = 0
  const { affinity, backend, hash } = decision
  const cookie = affinity === undefined ? undefined : cookieOf(asked.cookie, affinity.cookie)
  try {
    for (;;) {
      const picked = await upstreams.pick({
        backend,
        affinity,
        cookie,
        hash,
        begun,
        since,
        client,
      })
      if (picked === undefined) {
        if (!client.isGone && !isTooLong) page(503, 'no pod is ready', notReady(upstreams.view, decision))
        return
      }
      const { endpoint } = picked
      const pickedAt = Date.now()
      const taken = await upstreams.connection(endpoint, { secure: decision.tls, isOwn: isFresh, client })
      if (client.isGone || isTooLong) {
        if (taken.ok) taken.value.discard()
        upstreams.abandoned(endpoint)
        return
      }
      const outcome: Tried = taken.ok
        ? await tryOnce(exchange, {
            endpoint,
            body,
            connection: taken.value,
            cookie: picked.cookie,
            drains,
            onStart: sent => {
              current = sent
            },
            onListening: () => upstreams.answered(endpoint),
          })
        : { type: 'refused', message: taken.error.message }
      if (outcome.type === 'refused') upstreams.refused(endpoint)
      else if (client.isGone) upstreams.abandoned(endpoint)
      else upstreams.answered(endpoint)
      if (client.isGone || isTooLong || isLate) return
      body.stop()
      since += Date.now() - pickedAt
      switch (outcome.type) {
        case 'done':
          return
        case 'refused':
          if (!body.canReplay) return page(502, `${endpoint.pod} refused the connection`, [outcome.message])
          continue
        case 'reset': {
          const mayRepeat = isSafe && body.canReplay
          if (mayRepeat && outcome.reused && !isFresh) {
            isFresh = true
            continue
          }
          // What makes a program that goes on close its connection would only do so again.
          const hasEnded = await upstreams.hasEnded(endpoint, client)
          if (client.isGone || isTooLong || isLate) return
          if (hasEnded) upstreams.refused(endpoint)
          ends += 1
          if (mayRepeat && hasEnded && ends < MOST_ENDS) {
            isFresh = true
            continue
          }
          return page(
            502,
            `${endpoint.pod} ${hasEnded ? 'ended' : 'closed the connection'} before it answered`,
            [
              outcome.message,
              ...(isSafe
                ? []
                : [
                    `The ${request.method} had been sent, and may have been carried out: it is not repeated.`,
                  ]),
            ],
          )
        }
        case 'timeout':
          return page(504, `${endpoint.pod} did not answer in time`, [outcome.message])
      }
    }
  } finally {
    clearTimeout(deadline)
    if (!request.complete) request.resume()
  }
}

type Tried =
  | { readonly type: 'done' }
  | { readonly type: 'refused' | 'timeout'; readonly message: string }
  | { readonly type: 'reset'; readonly reused: boolean; readonly message: string }

function tryOnce(
  { request, response, decision, headers, asked }: Exchange,
  attempt: {
    readonly endpoint: PodEndpoint
    readonly body: ReplayBody
    readonly connection: PodConnection
    readonly cookie: string | undefined
    readonly drains: Drains
    readonly onStart: (sent: ClientRequest) => void
    /** The pod took the connection. */
    readonly onListening: () => void
  },
): Promise<Tried> {
  const { endpoint, body, connection, cookie, drains } = attempt
  return new Promise(resolve => {
    const framing = framingOf(request, asked)
    const upstream = http.request({
      ...connection.way,
      host: endpoint.pod,
      port: endpoint.port,
      method: request.method,
      path: decision.target,
      headers: flat([...headers, ...framing]),
      setHost: false,
    })
    attempt.onStart(upstream)
    let begun: IncomingMessage | undefined
    let isLate = false
    const abort = (): void => {
      begun?.unpipe(response)
      const isDrained = asked.accept?.includes('text/event-stream') !== true && drains.take(upstream, begun)
      if (!isDrained) upstream.destroy()
      if (isDrained || begun !== undefined) end({ type: 'done' })
    }
    response.once('close', abort)
    let hasEnded = false
    const end = (tried: Tried): void => {
      hasEnded = true
      response.off('close', abort)
      resolve(tried)
    }
    const proven = new Promise<void>(there => {
      if (connection.isKept) there()
      else setTimeout(there, PROVEN).unref()
    })
    void proven.then(() => {
      if (!hasEnded) attempt.onListening()
    })
    const { idle } = decision.timeouts
    if (idle !== undefined)
      upstream.setTimeout(idle, () => {
        isLate = true
        upstream.destroy(new Error(`nothing came for ${idle} ms`))
      })
    upstream.on('information', info => {
      if (info.statusCode === 103) response.writeEarlyHints({ link: info.headers.link ?? [] })
    })
    upstream.on('response', answer => {
      begun = answer
      attempt.onListening()
      // Its client left, and it is drained.
      if (hasEnded) return
      const own = withoutHops(pairsOf(answer.rawHeaders))
      const more: HeaderList = cookie === undefined ? [] : [['Set-Cookie', cookie]]
      const list = changed([...own, ...more], decision.responseHeaders)
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', flat(list))
      // With the first bytes of the body where these are there already: one write in place of two.
      let hasBody = false
      answer.once('data', () => {
        hasBody = true
      })
      setImmediate(() => {
        if (!hasBody && !response.writableEnded && !response.destroyed) response.flushHeaders()
      })
      // Ends both where one breaks: a client that left (above), a pod that was cut off. `pipeline` does the same at three times the cost.
      answer.once('close', () => {
        if (!answer.complete) response.destroy()
      })
      answer.on('error', () => response.destroy())
      response.once('finish', () => end({ type: 'done' }))
      answer.pipe(response)
    })
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      if (begun !== undefined) return
      const { message } = error
      if (isLate) return end({ type: 'timeout', message })
      if (error.code === REFUSED) return end({ type: 'refused', message })
      end({ type: 'reset', reused: connection.isKept, message })
    })
    body.send(upstream, proven)
  })
}

/** How the length of the body is told, which is a matter of each connection. */
function framingOf(request: IncomingMessage, asked: Readonly<Record<string, string>>): HeaderList {
  if (asked['transfer-encoding'] !== undefined) return [['Transfer-Encoding', 'chunked']]
  const isBodied = !['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'].includes(request.method ?? '')
  return asked['content-length'] === undefined && isBodied ? [['Content-Length', '0']] : []
}

/** Why there is no pod. */
export function notReady(view: GatewayView, { backend, rule }: ProxyDecision): readonly string[] {
  const { notes } = view.backend(backend)
  return [
    `${rule.host}${rule.path} leads to service ${backendText(backend)} (${rule.object}${rule.place === undefined ? '' : ` in ${rule.place}`}).`,
    ...notes,
  ]
}
