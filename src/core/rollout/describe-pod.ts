import type { ContainerTermination, ObservedContainer, ObservedPod } from '../rollout-observation.js'

/** A pod's state in the words of kubectl's STATUS column: `Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating`. */
export function describePod(pod: ObservedPod): string {
  if (pod.deleting) return pod.reason === 'NodeLost' ? 'Unknown' : 'Terminating'
  const inits = pod.containers.filter(container => container.init)
  return (
    describeInit(inits) ?? describeMain(pod.containers.filter(container => !container.init)) ?? phaseOf(pod)
  )
}

function phaseOf(pod: ObservedPod): string {
  return pod.reason !== undefined && pod.reason !== '' ? pod.reason : pod.phase
}

/** What holds the pod in its init containers; undefined once these are done. */
function describeInit(inits: readonly ObservedContainer[]): string | undefined {
  const at = inits.findIndex(container => !initDone(container))
  const container = inits[at]
  if (container === undefined) return undefined
  const { state } = container
  if (state.kind === 'terminated') return `Init:${endOf(state)}`
  if (state.kind === 'waiting' && state.reason !== '' && state.reason !== 'PodInitializing')
    return `Init:${state.reason}`
  return `Init:${at}/${inits.length}`
}

function initDone({ state, sidecar, started }: ObservedContainer): boolean {
  if (state.kind === 'terminated') return state.exitCode === 0
  return sidecar && started
}

function describeMain(containers: readonly ObservedContainer[]): string | undefined {
  let completed: string | undefined
  for (const { state } of containers) {
    if (state.kind === 'waiting' && state.reason !== '') return state.reason
    if (state.kind !== 'terminated') continue
    const end = endOf(state)
    if (state.exitCode !== 0) return end
    completed ??= end
  }
  const running = containers.filter(({ state }) => state.kind === 'running')
  if (running.length === 0 || completed === undefined) return completed
  return running.some(container => container.ready) ? 'Running' : 'NotReady'
}

function endOf({ reason, signal, exitCode }: ContainerTermination): string {
  if (reason !== '') return reason
  return signal !== undefined && signal !== 0 ? `Signal:${signal}` : `ExitCode:${exitCode}`
}
