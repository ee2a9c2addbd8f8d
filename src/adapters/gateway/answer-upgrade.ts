import http, { type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { cookieOf } from '../../core/routes/match-ingress.js'
import { routeRows } from '../../core/routes/route-rows.js'
import { REFUSED } from '../../ports/pod-forward.js'
import { notReady, type ServerContext } from './answer-request.js'
import { createDeparture } from './departure.js'
import { renderPage } from './pages.js'
import { changed, type HeaderList, pairsOf, requestHeaders, withoutHops } from './proxy-headers.js'
import { readRequest } from './read-request.js'

/** Hands a WebSocket, or whatever a client wants to speak in place of HTTP, to a pod. */
export async function answerUpgrade(
  { upstreams, port }: ServerContext,
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
): Promise<void> {
  const departure = createDeparture()
  client.on('error', () => client.destroy())
  client.on('close', () => departure.leave())
  const { authority, headers, decision } = readRequest(request, upstreams.view.table)
  const refuse = (status: number, title: string, lines: readonly string[] = []): void => {
    const routes = status === 404 ? routeRows(upstreams.view.table) : []
    const { type, body } = renderPage({ status, title, lines, routes }, headers.accept ?? '')
    const list: HeaderList = [
      ['Content-Type', type],
      ['Content-Length', String(Buffer.byteLength(body))],
      ['Connection', 'close'],
    ]
    client.end(headText(status, http.STATUS_CODES[status] ?? '', list) + body)
  }
  if (decision.type === 'bad-request') return refuse(400, decision.message)
  if (decision.type === 'none') return refuse(404, 'no route', [decision.message])
  if (decision.type === 'answer') {
    const list: HeaderList = [...decision.headers, ['Content-Length', '0'], ['Connection', 'close']]
    client.end(headText(decision.status, http.STATUS_CODES[decision.status] ?? '', list))
    return
  }
  const forPod: HeaderList = [
    ...requestHeaders(request, {
      authority,
      host: decision.host,
      changes: decision.requestHeaders,
      port: port(),
    }),
    ['Connection', 'Upgrade'],
    ['Upgrade', headers.upgrade ?? ''],
  ]
  const { backend, affinity, hash } = decision
  const cookie = affinity === undefined ? undefined : cookieOf(headers.cookie, affinity.cookie)
  const begun = Date.now()
  let since = begun
  for (;;) {
    const picked = await upstreams.pick({ backend, affinity, cookie, hash, begun, since, client: departure })
    if (picked === undefined) {
      if (!departure.isGone) refuse(503, 'no pod is ready', notReady(upstreams.view, decision))
      return
    }
    const { endpoint } = picked
    const pickedAt = Date.now()
    const taken = await upstreams.connection(endpoint, {
      secure: decision.tls,
      isOwn: true,
      client: departure,
    })
    if (departure.isGone) {
      if (taken.ok) taken.value.discard()
      return upstreams.abandoned(endpoint)
    }
    if (!taken.ok) {
      upstreams.refused(endpoint)
      since += Date.now() - pickedAt
      continue
    }
    const outcome = await new Promise<'refused' | 'done'>(resolve => {
      const upstream = http.request({
        ...taken.value.way,
        host: endpoint.pod,
        port: endpoint.port,
        method: request.method,
        path: decision.target,
        headers: forPod.flat(),
        setHost: false,
      })
      const abort = (): void => void upstream.destroy()
      client.once('close', abort)
      const { idle } = decision.timeouts
      upstream.on('upgrade', (answer, pod, first) => {
        client.off('close', abort)
        const own = withoutHops(pairsOf(answer.rawHeaders))
        const cookies: HeaderList = picked.cookie === undefined ? [] : [['Set-Cookie', picked.cookie]]
        const list = changed(
          [...own, ...cookies, ['Connection', 'Upgrade'], ['Upgrade', answer.headers.upgrade ?? '']],
          decision.responseHeaders,
        )
        client.write(headText(101, answer.statusMessage ?? '', list))
        if (first.length > 0) client.write(first)
        if (head.length > 0) pod.write(head)
        join(client, pod, idle)
        resolve('done')
      })
      // No upgrade: its answer is handed on whole.
      upstream.on('response', answer => {
        const list: HeaderList = [...withoutHops(pairsOf(answer.rawHeaders)), ['Connection', 'close']]
        client.write(headText(answer.statusCode ?? 502, answer.statusMessage ?? '', list))
        answer.pipe(client)
        resolve('done')
      })
      upstream.on('error', (error: NodeJS.ErrnoException) => {
        client.off('close', abort)
        if (error.code === REFUSED) return resolve('refused')
        if (!client.destroyed)
          refuse(502, `${endpoint.pod} closed the connection before it answered`, [error.message])
        resolve('done')
      })
      upstream.end()
    })
    if (outcome === 'refused') {
      upstreams.refused(endpoint)
      since += Date.now() - pickedAt
      continue
    }
    if (departure.isGone) upstreams.abandoned(endpoint)
    else upstreams.answered(endpoint)
    return
  }
}

/** Both ways, until one side ends or nothing came for too long. */
function join(client: Duplex, pod: Duplex, idle: number | undefined): void {
  const end = (): void => {
    clearTimeout(timer)
    client.destroy()
    pod.destroy()
  }
  let timer: NodeJS.Timeout | undefined
  const touch = (): void => {
    if (idle === undefined) return
    if (timer === undefined) timer = setTimeout(end, idle)
    else timer.refresh()
  }
  touch()
  client.on('data', touch)
  pod.on('data', touch)
  pod.on('error', end)
  client.on('error', end)
  pod.on('close', () => {
    clearTimeout(timer)
    client.end()
  })
  client.on('close', () => {
    clearTimeout(timer)
    pod.destroy()
  })
  client.pipe(pod)
  pod.pipe(client)
}

const headText = (status: number, message: string, headers: HeaderList): string =>
  `HTTP/1.1 ${status} ${message}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
