import type { KubeObject } from '../../core/kube-object.js'
import type { DeleteOptions } from '../../ports/cluster.js'
import type { ObjectStore } from './object-store.js'

/** Deletes objects and what depends on them, as the API server and its garbage collector do. Pods go when their processes have ended. */
export interface Deletion {
  request(object: KubeObject, propagation: DeleteOptions['propagation']): void
  /** Resolves when the object is gone, or the signal is aborted. */
  gone(object: KubeObject, signal: AbortSignal | undefined): Promise<void>
  stop(): void
}

export function createDeletion(store: ObjectStore, now: () => number): Deletion {
  /** UIDs of what goes once nothing depends on it any more. */
  const foreground = new Set<string>()

  const dependents = ({ metadata }: KubeObject): readonly KubeObject[] =>
    store
      .all()
      .filter(object => object.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true)
  const within = ({ kind, apiVersion, metadata }: KubeObject): readonly KubeObject[] =>
    kind === 'Namespace' && apiVersion === 'v1'
      ? store.all().filter(object => object.metadata.namespace === metadata.name)
      : []

  const mark = (object: KubeObject): void =>
    store.update(object, present =>
      present.metadata.deletionTimestamp === undefined
        ? {
            ...present,
            metadata: { ...present.metadata, deletionTimestamp: new Date(now()).toISOString() },
          }
        : present,
    )

  const request: Deletion['request'] = (object, propagation) => {
    const { uid = '', deletionTimestamp } = object.metadata
    // What runs the pod takes it away when it has ended.
    if (object.kind === 'Pod' && object.apiVersion === 'v1') return mark(object)
    const below = [...(propagation === 'Orphan' ? [] : dependents(object)), ...within(object)]
    if (propagation === 'Orphan') for (const one of dependents(object)) release(one, uid)
    if (below.length === 0 || (propagation === 'Background' && object.kind !== 'Namespace'))
      return store.remove(object)
    foreground.add(uid)
    if (deletionTimestamp === undefined) mark(object)
    for (const one of below) if (one.metadata.deletionTimestamp === undefined) request(one, 'Foreground')
    settle(object)
  }

  const release = (object: KubeObject, uid: string): void =>
    store.update(object, present => ({
      ...present,
      metadata: {
        ...present.metadata,
        ownerReferences: (present.metadata.ownerReferences ?? []).filter(owner => owner.uid !== uid),
      },
    }))

  const settle = (object: KubeObject): void => {
    const { uid = '' } = object.metadata
    if (!foreground.has(uid) || dependents(object).length > 0 || within(object).length > 0) return
    foreground.delete(uid)
    store.remove(object)
  }

  const off = store.subscribe(({ type, object }) => {
    if (type !== 'gone') return
    for (const one of dependents(object)) {
      if (one.metadata.deletionTimestamp === undefined) request(one, 'Background')
    }
    if (foreground.size === 0) return
    for (const one of store.all()) if (foreground.has(one.metadata.uid ?? '')) settle(one)
  })

  return {
    request,
    gone: (object, signal) =>
      new Promise(resolve => {
        const isThere = () => store.all().some(({ metadata }) => metadata.uid === object.metadata.uid)
        if (!isThere() || signal?.aborted === true) return resolve()
        const done = (): void => {
          unsubscribe()
          signal?.removeEventListener('abort', done)
          resolve()
        }
        const unsubscribe = store.subscribe(change => {
          if (change.type === 'gone' && change.object.metadata.uid === object.metadata.uid) done()
        })
        signal?.addEventListener('abort', done, { once: true })
      }),
    stop: off,
  }
}
