import { specOf } from './desired.js'
import type { LinkedObject } from './manifest/link.js'
import { containersOf } from './manifest/pod-template.js'
import { workloadOfPod } from './pod-owner.js'
import type { ObservedPod } from './rollout-observation.js'
import type { State } from './state.js'

/**
 * The container of a pod that a person means by the service: where a shell opens, files go and logs are read first. Never an init container, nor a sidecar
 * that the manifest does not name (a mutating webhook may put one first). In this order:
 *
 * 1. one that runs the image of a service: of `service` where that is given and the pod runs it;
 * 2. without such a one, one that the workload's manifest names; in a pod that no manifest of ours makes, any.
 *
 * Of several, the one that the service's `container` in the config names, else the one of the pod's annotation
 * `kubectl.kubernetes.io/default-container`, else the first.
 *
 * Undefined where the pod has none of them.
 */
export function appContainerOf(state: State, pod: ObservedPod, service?: string): string | undefined {
  const running = pod.containers.filter(({ init }) => !init).map(({ name }) => name)
  const linked = linkedOf(state, pod)
  const named = linked === undefined ? running : namesIn(linked).filter(name => running.includes(name))
  const own = linked === undefined ? [] : ownContainers(linked, named, service)
  const candidates = own.length > 0 ? own : named
  const annotated = candidates.find(name => name === pod.defaultContainer)
  return configured(state, linked, own, service) ?? annotated ?? candidates[0]
}

function linkedOf(state: State, pod: ObservedPod): LinkedObject | undefined {
  const key = workloadOfPod(state, pod)
  return key === undefined ? undefined : state.objects[key]?.linked
}

function namesIn({ object }: LinkedObject): readonly string[] {
  return containersOf(object)
    .filter(({ type }) => type === 'container')
    .map(({ name }) => name)
}

/** Those that run an image of the service, or of any service where none is given or the pod runs nothing of that one. */
function ownContainers(
  { images }: LinkedObject,
  named: readonly string[],
  service: string | undefined,
): readonly string[] {
  const built = images.filter(
    image => image.service !== undefined && !image.init && named.includes(image.container),
  )
  const ofService = built.filter(image => image.service === service)
  return (ofService.length > 0 ? ofService : built).map(({ container }) => container)
}

/** The one of several that the config of their service names. */
function configured(
  state: State,
  linked: LinkedObject | undefined,
  own: readonly string[],
  service: string | undefined,
): string | undefined {
  const services = service === undefined ? (linked?.services ?? []) : [service]
  return services
    .map(name => specOf(state, name)?.container)
    .find(container => container !== undefined && own.includes(container))
}
