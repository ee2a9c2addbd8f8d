import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { KubeObject } from '../../core/kube-object.js'
import type { KubeHttp } from './http-client.js'
import { backOff, sleep } from './retry.js'

/** What becomes of one collection, in the order in which the server told it. */
export interface CollectionHandlers {
  readonly onObject: (object: KubeObject) => void
  readonly onGone: (object: KubeObject) => void
  /** The collection was read whole; called after each list. */
  readonly onListed: () => void
  /** The server was reached, or could not be. Called for each attempt. */
  readonly onLink: (up: boolean, message: string) => void
  /** The server does not let us see this kind, or does not serve it. */
  readonly onRefused: (status: number, message: string) => void
}

/** Seconds that the server keeps a watch, before jitter: long enough to cost nothing, short enough for a load balancer. */
const WATCH_SECONDS = 300
/** Milliseconds without a byte after which a watch is dead: bookmarks come about each minute. */
const SILENCE = 150_000
/** Milliseconds before a refused kind is asked for again. */
const REFUSED_PAUSE = 60_000
const LONGEST_PAUSE = 5000
const FIRST_PAUSE = 100

/**
 * Lists a collection and watches it until aborted, through every end of a watch, lost connection and outdated version. What went while nobody
 * watched is reported as gone.
 */
export async function watchCollection(
  http: KubeHttp,
  path: string,
  handlers: CollectionHandlers,
  signal: AbortSignal,
): Promise<void> {
  const known = new Map<string, KubeObject>()
  let version: string | undefined
  let failures = 0
  const pause = async (): Promise<void> => {
    failures += 1
    await sleep(backOff(failures, FIRST_PAUSE, LONGEST_PAUSE), signal)
  }

  while (!signal.aborted) {
    if (version === undefined) {
      const listed = await list(http, path, signal)
      if (signal.aborted) return
      if (listed.kind === 'lost') {
        handlers.onLink(false, listed.message)
        await pause()
        continue
      }
      handlers.onLink(true, '')
      if (listed.kind === 'refused') {
        handlers.onRefused(listed.status, listed.message)
        handlers.onListed()
        await sleep(listed.status === 404 || listed.status === 403 ? REFUSED_PAUSE : FIRST_PAUSE, signal)
        continue
      }
      failures = 0
      version = listed.version
      takeList(known, listed.items, handlers)
      handlers.onListed()
    }
    const end = await watch(http, { path, version, known, handlers, signal })
    if (signal.aborted) return
    version = end.version
    if (end.kind === 'lost') {
      handlers.onLink(false, end.message)
      await pause()
    } else {
      failures = 0
    }
  }
}

function takeList(
  known: Map<string, KubeObject>,
  items: readonly KubeObject[],
  { onObject, onGone }: CollectionHandlers,
): void {
  const present = new Set(items.map(({ metadata }) => metadata.uid ?? ''))
  for (const [uid, object] of known) {
    if (present.has(uid)) continue
    known.delete(uid)
    onGone(object)
  }
  for (const object of items) {
    const before = known.get(object.metadata.uid ?? '')
    known.set(object.metadata.uid ?? '', cutDown(object))
    if (before?.metadata.resourceVersion !== object.metadata.resourceVersion) onObject(object)
  }
}

/** What is kept of an object, for the day it is gone. */
function cutDown({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion } = metadata
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  }
}

type Listed =
  | { readonly kind: 'listed'; readonly items: readonly KubeObject[]; readonly version: string }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  | { readonly kind: 'lost'; readonly message: string }

async function list(http: KubeHttp, path: string, signal: AbortSignal): Promise<Listed> {
  const response = await http.request({ method: 'GET', path, signal })
  if (!response.ok)
    return { kind: 'lost', message: response.error.kind === 'cancelled' ? '' : response.error.message }
  const { status, body } = response.value
  if (status !== 200) return { kind: 'refused', status, message: body.slice(0, 300) }
  const document = JSON.parse(body) as {
    apiVersion: string
    kind: string
    metadata?: { resourceVersion?: string }
    items?: readonly KubeObject[] | null
  }
  // Items of a list leave out what the list's own kind says.
  const own = { apiVersion: document.apiVersion, kind: document.kind.replace(/List$/, '') }
  return {
    kind: 'listed',
    items: (document.items ?? []).map(item => ({ ...item, ...own })),
    version: document.metadata?.resourceVersion ?? '',
  }
}

interface WatchInput {
  readonly path: string
  readonly version: string
  readonly known: Map<string, KubeObject>
  readonly handlers: CollectionHandlers
  readonly signal: AbortSignal
}

/** `version` undefined: what we have is too old, list again. */
type WatchEnd =
  | { readonly kind: 'ended'; readonly version: string | undefined }
  | { readonly kind: 'lost'; readonly version: string | undefined; readonly message: string }

async function watch(
  http: KubeHttp,
  { path, version, known, handlers, signal }: WatchInput,
): Promise<WatchEnd> {
  const seconds = Math.round(WATCH_SECONDS * (1 + Math.random() / 5))
  const query = new URLSearchParams({
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: version,
    timeoutSeconds: String(seconds),
  })
  const opened = await http.stream({ path: `${path}?${query}`, signal })
  if (!opened.ok) {
    return { kind: 'lost', version, message: opened.error.kind === 'cancelled' ? '' : opened.error.message }
  }
  const { status, body } = opened.value
  if (status !== 200) {
    body.destroy()
    return status === 410
      ? { kind: 'ended', version: undefined }
      : { kind: 'lost', version: undefined, message: `the watch was answered with ${status}` }
  }
  handlers.onLink(true, '')
  let latest: string | undefined = version
  const failure = await readLines(body, line => {
    const event = JSON.parse(line) as { type?: string; object?: KubeObject & { code?: number } }
    const { type, object } = event
    if (object === undefined) return true
    if (type === 'ERROR') {
      // Too old (410), or anything else that this watch cannot go on from.
      latest = undefined
      return false
    }
    latest = object.metadata.resourceVersion ?? latest
    const uid = object.metadata.uid ?? ''
    if (type === 'ADDED' || type === 'MODIFIED') {
      known.set(uid, cutDown(object))
      handlers.onObject(object)
    } else if (type === 'DELETED') {
      known.delete(uid)
      handlers.onGone(object)
    }
    return true
  })
  return failure === undefined
    ? { kind: 'ended', version: latest }
    : { kind: 'lost', version: latest, message: failure }
}

/** Reads until the end, or until `onLine` says no. Resolves with what cut the stream, if something did. */
function readLines(body: Readable, onLine: (line: string) => boolean): Promise<string | undefined> {
  return new Promise(resolve => {
    const decoder = new StringDecoder('utf8')
    let rest = ''
    const finish = (failure: string | undefined): void => {
      clearTimeout(timer)
      body.destroy()
      resolve(failure)
    }
    const timer = setTimeout(() => finish('the connection went silent'), SILENCE)
    body.on('data', (chunk: Buffer) => {
      timer.refresh()
      const lines = (rest + decoder.write(chunk)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line !== '' && !onLine(line)) return finish(undefined)
      }
    })
    body.once('end', () => finish(undefined))
    body.once('error', error => finish(error.message))
    body.once('close', () => finish('the connection was closed'))
  })
}
