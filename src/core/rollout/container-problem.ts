import type { RolloutFailed, RolloutFailureReason } from '../problem.js'
import type { ContainerTermination, ObservedContainer, ObservedPod } from '../rollout-observation.js'
import { signalName } from '../signal-name.js'

/** Why a pod is not ready, without the workload that it belongs to. */
export type Cause = Omit<RolloutFailed, 'kind' | 'workload' | 'namespace' | 'lastLines'>

/** Reasons of a waiting container that its spec or its image explain. Those that are not here are neutral: the container is being made. */
const WAITING: Readonly<Record<string, RolloutFailureReason>> = {
  ErrImagePull: 'image-pull',
  ImagePullBackOff: 'image-pull',
  ErrImageNeverPull: 'image-pull',
  InvalidImageName: 'image-pull',
  ImageInspectError: 'image-pull',
  RegistryUnavailable: 'image-pull',
  SignatureValidationFailed: 'image-pull',
  CreateContainerConfigError: 'config-error',
  // Of processes in place of a cluster: nobody here builds the image, and no command stands in for it.
  NeedsCluster: 'needs-cluster',
  CreateContainerError: 'start-error',
  RunContainerError: 'start-error',
  PreStartHookError: 'start-error',
  PostStartHookError: 'start-error',
}

/** What is wrong with one container, by its state alone; undefined where nothing is known to be. */
export function containerProblem(pod: ObservedPod, container: ObservedContainer): Cause | undefined {
  const { state, lastTermination: last, restarts } = container
  const at = { pod: pod.name, container: container.name, restarts }
  switch (state.kind) {
    case 'waiting': {
      if (state.reason === 'CrashLoopBackOff') return ended(at, last, restarts, state.message)
      const reason = WAITING[state.reason]
      if (reason !== undefined) return { ...at, reason, message: waitingMessage(container, reason, state) }
      return last !== undefined && last.exitCode !== 0 ? ended(at, last, restarts, state.message) : undefined
    }
    case 'terminated':
      if (
        state.exitCode === 0 &&
        (state.reason !== 'OOMKilled' || !container.init) &&
        endsWell(pod, container)
      )
        return undefined
      return ended(at, state, restarts, state.message)
    case 'running':
      // Until it is Ready its last end stays the best that is known of it.
      return container.ready ||
        last === undefined ||
        (container.init && !container.sidecar && last.exitCode === 0)
        ? undefined
        : ended(at, last, restarts, '')
  }
}

/** Whether exit code 0 is what is wanted of a container. */
function endsWell(pod: ObservedPod, container: ObservedContainer): boolean {
  if (container.init) return !container.sidecar
  if (pod.restartPolicy !== undefined) return pod.restartPolicy !== 'Always'
  return pod.owner?.kind === 'Job' || pod.phase === 'Succeeded'
}

function waitingMessage(
  container: ObservedContainer,
  reason: RolloutFailureReason,
  { reason: word, message }: { readonly reason: string; readonly message: string },
): string {
  if (reason !== 'image-pull') return message === '' ? word : message
  // ErrImagePull and ImagePullBackOff alternate; the back-off repeats the error behind its own words.
  const bare = message.replace(/^Back-off pulling image "[^"]*"(: (ErrImagePull|RegistryUnavailable): )?/, '')
  return bare === '' ? `The image ${container.image} cannot be pulled.` : bare
}

function ended(
  at: { readonly pod: string; readonly container: string; readonly restarts: number },
  end: ContainerTermination | undefined,
  restarts: number,
  fallback: string,
): Cause {
  if (end === undefined) return { ...at, reason: 'crash-loop', message: fallback }
  const times = restarts === 0 ? '' : `, after ${restarts} restart${restarts === 1 ? '' : 's'}`
  const own = end.message.trim() === '' ? '' : `: ${end.message.trim()}`
  const message = `${howItEnded(end)}${times}${own}`
  return {
    ...at,
    exitCode: end.exitCode,
    ...(isSignal(end.signal) ? { signal: end.signal } : {}),
    reason: endReason(end, restarts),
    message,
  }
}

/** The API has 0 for none. */
function isSignal(signal: number | undefined): signal is number {
  return signal !== undefined && signal > 0
}

function endReason({ reason }: ContainerTermination, restarts: number): RolloutFailureReason {
  if (reason === 'OOMKilled') return 'out-of-memory'
  if (reason === 'StartError' || reason === 'ContainerCannotRun') return 'start-error'
  return restarts > 0 ? 'crash-loop' : 'container-exited'
}

const EXIT_CODES: Readonly<Record<number, string>> = {
  126: 'the command is not executable',
  127: 'the command was not found',
  137: 'killed: it did not stop in time, or a process in it ran out of memory',
  139: 'segmentation fault',
  143: 'ended by SIGTERM',
}

function howItEnded({ exitCode, signal, reason }: ContainerTermination): string {
  if (reason === 'OOMKilled') return 'killed for using more memory than its limit'
  if (reason === 'StartError' || reason === 'ContainerCannotRun') return 'could not be started'
  if (isSignal(signal)) return `was ended by ${signalName(signal)}`
  const meaning = EXIT_CODES[exitCode]
  return `exited with code ${exitCode}${meaning === undefined ? '' : ` (${meaning})`}`
}
