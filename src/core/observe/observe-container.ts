import { isFields, valueAt } from '../manifest/fields.js'
import type { ContainerState, ContainerTermination, ObservedContainer } from '../rollout-observation.js'
import { countAt, numberAt, optional, textAt } from './fields.js'

/**
 * One container of a pod, from its part of the spec and of the status. The image is the spec's, for the runtime may write it otherwise in
 * the status. A container that the kubelet has not reported yet waits without a reason.
 */
export function observeContainer(spec: unknown, status: unknown, init: boolean): ObservedContainer {
  const last = valueAt(status, ['lastState', 'terminated'])
  return {
    name: textAt(spec, 'name') ?? '',
    image: textAt(spec, 'image') ?? '',
    init,
    sidecar: init && textAt(spec, 'restartPolicy') === 'Always',
    ready: valueAt(status, ['ready']) === true,
    started: valueAt(status, ['started']) === true,
    restarts: countAt(status, 'restartCount'),
    ...optional('containerId', containerId(textAt(status, 'containerID'))),
    state: stateOf(status),
    ...optional('lastTermination', isFields(last) ? terminationOf(last) : undefined),
  }
}

function stateOf(status: unknown): ContainerState {
  const terminated = valueAt(status, ['state', 'terminated'])
  if (isFields(terminated)) return { kind: 'terminated', ...terminationOf(terminated) }
  const running = valueAt(status, ['state', 'running'])
  if (isFields(running)) return { kind: 'running', startedAt: textAt(running, 'startedAt') ?? '' }
  const waiting = valueAt(status, ['state', 'waiting'])
  return {
    kind: 'waiting',
    reason: textAt(waiting, 'reason') ?? '',
    message: textAt(waiting, 'message') ?? '',
  }
}

function terminationOf(terminated: unknown): ContainerTermination {
  return {
    exitCode: countAt(terminated, 'exitCode'),
    ...optional('signal', numberAt(terminated, 'signal')),
    reason: textAt(terminated, 'reason') ?? '',
    message: textAt(terminated, 'message') ?? '',
    ...optional('startedAt', textAt(terminated, 'startedAt')),
    ...optional('finishedAt', textAt(terminated, 'finishedAt')),
    ...optional('containerId', containerId(textAt(terminated, 'containerID'))),
  }
}

/** `containerd://f00d` without the runtime's name. */
function containerId(id: string | undefined): string | undefined {
  return id?.replace(/^[^:/]+:\/\//, '') || undefined
}
