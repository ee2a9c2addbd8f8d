import { createInterface } from 'node:readline'
import { displayRef, type KubeObject, type ObjectRef } from '../../core/kube-object.js'
import { cancelled } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ApiResource } from '../../ports/cluster.js'
import { readRefusal } from './api-status.js'
import type { KubeHttp } from './http-client.js'
import { collectionPath } from './resource-path.js'
import { sleep } from './retry.js'

interface AwaitGone {
  readonly ref: ObjectRef
  readonly uid: string
  readonly signal?: AbortSignal
}

/** Seconds after which the server ends a watch that saw nothing; the object is then read again. */
const WATCH_SECONDS = 60

/** Waits, by watching, until an object of this UID is no more. */
export async function awaitGone(
  http: KubeHttp,
  resource: ApiResource,
  { ref, uid, signal }: AwaitGone,
): Promise<Result<void>> {
  const only = `fieldSelector=${encodeURIComponent(`metadata.name=${ref.name}`)}`
  const path = `${collectionPath(resource, ref.namespace)}?${only}`
  const abort = signal === undefined ? {} : { signal }
  for (;;) {
    if (signal?.aborted === true) return err(cancelled)
    const listed = await http.request({ method: 'GET', path, ...abort })
    if (!listed.ok) return listed
    const { status, body } = listed.value
    if (status === 404) return ok(undefined)
    // An answer that lists nothing because it is a refusal says nothing of the object.
    if (status !== 200) return err(readRefusal(http.context, displayRef(ref), status, body))
    const list = JSON.parse(body) as {
      metadata?: { resourceVersion?: string }
      items?: readonly KubeObject[] | null
    }
    if (!(list.items ?? []).some(({ metadata }) => metadata.uid === uid)) return ok(undefined)
    const query = `watch=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${list.metadata?.resourceVersion ?? ''}`
    const watch = await http.stream({ path: `${path}&${query}`, ...abort })
    if (!watch.ok) return watch
    if (watch.value.status === 200 && (await sawDeletion(watch.value.body, uid))) return ok(undefined)
    watch.value.body.destroy()
    // A server that refuses the watch is asked again, but not at once.
    if (watch.value.status !== 200) await sleep(500, signal)
  }
}

async function sawDeletion(body: NodeJS.ReadableStream & { destroy(): void }, uid: string): Promise<boolean> {
  try {
    for await (const line of createInterface({ input: body, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line === '') continue
      const event = JSON.parse(line) as { type?: string; object?: KubeObject }
      if (event.type === 'DELETED' && event.object?.metadata.uid === uid) return true
      if (event.type === 'ERROR') return false
    }
  } catch {
    // The link was cut: what became of the object is read anew.
  } finally {
    body.destroy()
  }
  return false
}
