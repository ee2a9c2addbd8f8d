import { createServer } from 'node:http'
import { numberSetting } from './settings.js'

const MAX_BODY_BYTES = 64 * 1024
// Kubernetes kills a pod 30 s after SIGTERM; what still hangs by then is ended before that.
const STOP_LIMIT_MS = 20_000

/** An answer other than 2xx that a handler asks for. */
export class HttpError extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

/**
 * Serves `routes`, besides `/livez` (the process answers) and `/healthz` (it can do its work), until SIGTERM or SIGINT: then `/healthz` says no,
 * requests are still answered for DRAIN_MS, because Services go on sending some, and the process ends after the last of them and `onStop`.
 *
 * A route is `{ method, path, handle }` with a regular expression as `path`; `handle({ params, query, headers, body })` returns
 * `{ status, headers, json | text }` or throws an HttpError.
 */
export function serveHttp({ env, log, routes, isReady = () => true, onStop = async () => {} }) {
  const port = numberSetting(env, 'PORT', 3000)
  const drainMs = numberSetting(env, 'DRAIN_MS', 0)
  let stopping = false

  const probes = [
    { method: 'GET', path: /^\/livez$/, handle: () => ({ json: { status: 'ok' } }) },
    {
      method: 'GET',
      path: /^\/healthz$/,
      handle: () => {
        if (stopping || !isReady()) throw new HttpError(503, stopping ? 'stopping' : 'not ready yet')
        return { json: { status: 'ok' } }
      },
    },
  ]

  const server = createServer(async (request, response) => {
    const answer = await answerTo(request, [...probes, ...routes], log)
    if (stopping) response.setHeader('connection', 'close')
    send(response, answer)
  })
  server.on('error', error => {
    log.error('cannot serve', { port, error: error.message })
    process.exit(1)
  })
  server.listen(port, () => log.info('listening', { port }))

  const stop = async signal => {
    if (stopping) return
    stopping = true
    log.info('stopping', { signal, drainMs })
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref()
    await new Promise(resolve => setTimeout(resolve, drainMs))
    const closed = new Promise(resolve => server.close(resolve))
    server.closeIdleConnections()
    await closed
    try {
      await onStop()
    } catch (error) {
      log.warn('stopped uncleanly', { error: error.message })
    }
    log.info('stopped')
    // Connections to peers that were never established would keep the process alive.
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

async function answerTo(request, routes, log) {
  const url = new URL(request.url ?? '/', 'http://localhost')
  try {
    const { route, params } = findRoute(routes, request.method, url.pathname)
    const body = request.method === 'POST' ? await readBody(request) : undefined
    return await route.handle({ params, query: url.searchParams, headers: request.headers, body })
  } catch (error) {
    if (error instanceof HttpError) return { status: error.status, json: { error: error.message } }
    log.error('request failed', { method: request.method, path: url.pathname, error: error.stack })
    return { status: 500, json: { error: 'internal error' } }
  }
}

function findRoute(routes, method, pathname) {
  const path = pathname.length > 1 ? pathname.replace(/\/$/, '') : pathname
  const here = routes.filter(route => route.path.test(path))
  if (here.length === 0) throw new HttpError(404, `there is nothing at ${pathname}`)
  const wanted = method === 'HEAD' ? 'GET' : method
  const route = here.find(candidate => candidate.method === wanted)
  if (route === undefined) throw new HttpError(405, `${method} is not possible at ${pathname}`)
  return { route, params: route.path.exec(path)?.groups ?? {} }
}

/** The fields of a JSON object or of an HTML form. */
async function readBody(request) {
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new HttpError(413, `the body is larger than ${MAX_BODY_BYTES} bytes`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(text))
  try {
    const value = JSON.parse(text === '' ? '{}' : text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw new HttpError(400, 'the body must be a JSON object')
}

function send(response, { status = 200, headers = {}, json, text }) {
  const body = json === undefined ? (text ?? '') : `${JSON.stringify(json)}\n`
  response.writeHead(status, {
    'content-type': json === undefined ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers,
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
