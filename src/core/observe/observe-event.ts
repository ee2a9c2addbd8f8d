import type { KubeObject } from '../kube-object.js'
import type { ObservedEvent } from '../rollout-observation.js'
import { numberAt, textAt } from './fields.js'

/**
 * Cuts an Event (v1) down. Old recorders count in `count` and `lastTimestamp`; those of events.k8s.io (the scheduler) leave both empty and
 * write `series`, or `eventTime` alone for an event that came once.
 */
export function observeEvent(object: KubeObject): ObservedEvent {
  return {
    type: textAt(object, 'type') ?? 'Normal',
    reason: textAt(object, 'reason') ?? '',
    message: textAt(object, 'message') ?? '',
    count: numberAt(object, 'series', 'count') ?? (numberAt(object, 'count') || 1),
    lastSeen:
      textAt(object, 'series', 'lastObservedTime') ??
      textAt(object, 'lastTimestamp') ??
      textAt(object, 'eventTime') ??
      textAt(object, 'firstTimestamp') ??
      object.metadata.creationTimestamp ??
      '',
    involved: {
      kind: textAt(object, 'involvedObject', 'kind') ?? '',
      namespace: textAt(object, 'involvedObject', 'namespace') ?? '',
      name: textAt(object, 'involvedObject', 'name') ?? '',
      uid: textAt(object, 'involvedObject', 'uid') ?? '',
    },
  }
}
