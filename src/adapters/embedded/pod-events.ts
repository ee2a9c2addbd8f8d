import type { KubeObject } from '../../core/kube-object.js'
import type { Clock } from '../../ports/clock.js'
import type { ObjectStore } from './object-store.js'

export type RecordEvent = (
  object: KubeObject,
  event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string },
) => void

/** Keeps Events as a cluster does: one for each thing that is said of an object, counted. They go with their object. */
export function recordEvents(store: ObjectStore, clock: Clock): RecordEvent {
  const known = new Map<string, KubeObject>()
  store.subscribe(({ type, object }) => {
    const { uid } = object.metadata
    if (type !== 'gone' || object.kind === 'Event') return
    for (const [key, event] of known) {
      if (!key.startsWith(`${uid} `)) continue
      known.delete(key)
      store.remove(event)
    }
  })
  return (object, { type, reason, message }) => {
    const { name, namespace = 'default', uid = '' } = object.metadata
    const key = `${uid} ${reason} ${message}`
    const at = new Date(clock.now()).toISOString()
    const before = known.get(key)
    if (before !== undefined) {
      store.update(before, present => ({
        ...present,
        count: (typeof present.count === 'number' ? present.count : 1) + 1,
        lastTimestamp: at,
      }))
      return
    }
    const { apiVersion, kind } = object
    const event = store.create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}-`, namespace },
      involvedObject: { apiVersion, kind, name, namespace, uid },
      type,
      reason,
      message,
      count: 1,
      firstTimestamp: at,
      lastTimestamp: at,
    })
    known.set(key, event)
  }
}
