import type { KubeObject } from '../../core/kube-object.js'
import type { KubeHttp } from './http-client.js'
import { isRecord, textOf } from './kubeconfig.js'
import { backOff, sleep } from './retry.js'

export interface WatchOptions {
  readonly http: KubeHttp
  /** Of the collection, without a query: `/apis/apps/v1/namespaces/shop/deployments`. */
  readonly path: string
  readonly apiVersion: string
  readonly kind: string
  readonly signal: AbortSignal
  /** Names and versions suffice. Default: false. */
  readonly metadataOnly?: boolean
  readonly seen: (object: KubeObject) => void
  readonly gone: (object: KubeObject) => void
  /** The first list is complete, or refused: there is nothing more to wait for. */
  readonly listed: () => void
  readonly up: () => void
  readonly down: (message: string) => void
  readonly refused: (message: string) => void
  /** While it follows it adds what cuts its link here, and then begins anew where it was. */
  readonly cuts?: Set<() => void>
}

type Step =
  | { readonly kind: 'listed' }
  | { readonly kind: 'ended'; readonly lived: number }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unreachable'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'troubled' }

/** Bookmarks come about each minute: a link that is silent for this many milliseconds is dead. */
const silence = 150_000
const refusedPause = 60_000
const pageSize = 500
const metadataOf = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1`

/** Lists a collection and follows it until the signal aborts. Never rejects for what the network or the server does. */
export async function watchKind(options: WatchOptions): Promise<void> {
  const { http, path, apiVersion, kind, signal } = options
  const accept = (shape: string) => (options.metadataOnly === true ? { accept: metadataOf(shape) } : {})
  /** What was seen last, by UID: its names for the day it goes while nobody looks. */
  const known = new Map<string, KubeObject>()
  let version: string | undefined
  let failures = 0

  while (!signal.aborted) {
    const step = version === undefined ? await list() : await follow(version)
    if (signal.aborted) return
    switch (step.kind) {
      case 'listed':
        options.listed()
        continue
      case 'ended':
        if (step.lived >= 1000) {
          failures = 0
          continue
        }
        break
      case 'expired':
        version = undefined
        break
      case 'unreachable':
        // What answers next may be another cluster of the same name, whose versions count anew.
        version = undefined
        options.down(step.message)
        break
      case 'refused':
        options.refused(step.message)
        options.listed()
        version = undefined
        await sleep(refusedPause, signal)
        continue
      case 'troubled':
        version = undefined
        break
    }
    failures++
    await sleep(backOff(failures, 100, 5000), signal)
  }

  async function list(): Promise<Step> {
    const items: KubeObject[] = []
    let next = ''
    let resourceVersion: string | undefined
    do {
      const page = next === '' ? '' : `&continue=${encodeURIComponent(next)}`
      const answer = await http.request({
        method: 'GET',
        path: `${path}?limit=${pageSize}${page}`,
        signal,
        ...accept('PartialObjectMetadataList'),
      })
      if (!answer.ok) return failed(answer.error)
      options.up()
      if (answer.value.status !== 200) return refusal(answer.value.status, answer.value.body)
      const document = parse(answer.value.body)
      const meta = isRecord(document?.metadata) ? document.metadata : {}
      if (!Array.isArray(document?.items)) return { kind: 'troubled' }
      // Items of a list carry neither their apiVersion nor their kind.
      for (const item of document.items) items.push({ ...item, apiVersion, kind })
      next = textOf(meta.continue) ?? ''
      resourceVersion = textOf(meta.resourceVersion)
    } while (next !== '')
    if (signal.aborted || resourceVersion === undefined) return { kind: 'troubled' }
    const present = new Set(items.map(({ metadata }) => metadata.uid))
    for (const [uid, object] of known) if (!present.has(uid)) forget(uid, object)
    for (const item of items) remember(item)
    version = resourceVersion
    return { kind: 'listed' }
  }

  async function follow(from: string): Promise<Step> {
    // Watches of several kinds must not all end at once.
    const seconds = Math.round(270 + Math.random() * 60)
    const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${encodeURIComponent(from)}`
    const opened = await http.stream({ path: `${path}?${query}`, signal, ...accept('PartialObjectMetadata') })
    if (!opened.ok) return failed(opened.error)
    options.up()
    const { status, body } = opened.value
    const since = Date.now()
    const cut = (): void => void body.destroy()
    const watchdog = setTimeout(cut, silence)
    options.cuts?.add(cut)
    body.setEncoding('utf8')
    let rest = ''
    try {
      for await (const chunk of body) {
        watchdog.refresh()
        rest += String(chunk)
        if (status !== 200) continue
        const lines = rest.split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          const step = signal.aborted ? undefined : take(line)
          if (step !== undefined) return step
        }
      }
    } catch {
      // A cut is found out by the next attempt, which tells whether the server can be reached.
    } finally {
      clearTimeout(watchdog)
      options.cuts?.delete(cut)
      body.destroy()
    }
    return status === 200 ? { kind: 'ended', lived: Date.now() - since } : refusal(status, rest)
  }

  function take(line: string): Step | undefined {
    if (line.trim() === '') return undefined
    const change = parse(line)
    const object = change?.object
    if (!isRecord(object)) return { kind: 'troubled' }
    if (change?.type === 'ERROR') return { kind: object.code === 410 ? 'expired' : 'troubled' }
    const meta = isRecord(object.metadata) ? object.metadata : {}
    version = textOf(meta.resourceVersion) ?? version
    if (change?.type === 'BOOKMARK') return undefined
    const item = { ...object, apiVersion, kind } as unknown as KubeObject
    if (change?.type === 'DELETED') forget(item.metadata.uid ?? '', item)
    else remember(item)
    return undefined
  }

  function remember(object: KubeObject): void {
    const { uid = '', name, namespace, resourceVersion } = object.metadata
    if (known.get(uid)?.metadata.resourceVersion === resourceVersion) return
    const names = { name, uid, ...(namespace === undefined ? {} : { namespace }) }
    known.set(uid, {
      apiVersion,
      kind,
      metadata: { ...names, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    })
    options.seen(object)
  }

  function forget(uid: string, object: KubeObject): void {
    known.delete(uid)
    options.gone(object)
  }
}

function failed(error: { readonly kind: string; readonly message?: string }): Step {
  return error.kind === 'cancelled'
    ? { kind: 'troubled' }
    : { kind: 'unreachable', message: error.message ?? '' }
}

function refusal(status: number, body: string): Step {
  if (status === 410) return { kind: 'expired' }
  if (status !== 403 && status !== 404) return { kind: 'troubled' }
  return { kind: 'refused', message: textOf(parse(body)?.message) ?? body.trim().slice(0, 300) }
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}
