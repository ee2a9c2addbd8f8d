/** A container as its pod's status tells of it, in the API's own words. */
export interface ContainerStatus {
  readonly name: string
  readonly image: string
  readonly imageID: string
  readonly containerID?: string
  readonly restartCount: number
  readonly ready: boolean
  readonly started: boolean
  readonly state: ContainerStateJson
  readonly lastState: { readonly terminated?: Terminated }
}

export type ContainerStateJson =
  | { readonly waiting: { readonly reason: string; readonly message?: string } }
  | { readonly running: { readonly startedAt: string } }
  | { readonly terminated: Terminated }

export interface Terminated {
  readonly exitCode: number
  readonly signal?: number
  readonly reason: string
  readonly message?: string
  readonly startedAt: string
  readonly finishedAt: string
  readonly containerID?: string
}

export interface PodStatusInput {
  readonly inits: readonly ContainerStatus[]
  readonly containers: readonly ContainerStatus[]
  /** Whether every init container is done. */
  readonly initialized: boolean
  /** Names of containers that will not run again. */
  readonly over: ReadonlySet<string>
  /** RFC 3339. */
  readonly startTime: string
  readonly now: string
  /** As it was last told: conditions keep their times while they stay the same. */
  readonly before: Readonly<Record<string, unknown>> | undefined
}

/** The status of a pod that is made of these containers. */
export function podStatus(input: PodStatusInput): Readonly<Record<string, unknown>> {
  const { inits, containers, initialized, startTime } = input
  const phase = phaseOf(input)
  const isReady = initialized && phase === 'Running' && containers.every(({ ready }) => ready)
  return {
    phase,
    hostIP: '127.0.0.1',
    podIP: '127.0.0.1',
    startTime,
    conditions: [
      condition(input, 'PodScheduled', true),
      condition(input, 'Initialized', initialized),
      condition(input, 'ContainersReady', isReady),
      condition(input, 'Ready', isReady),
    ],
    ...(inits.length === 0 ? {} : { initContainerStatuses: inits }),
    containerStatuses: containers,
  }
}

function phaseOf({ inits, containers, over }: PodStatusInput): string {
  const failedInit = inits.some(
    status => over.has(status.name) && 'terminated' in status.state && status.state.terminated.exitCode !== 0,
  )
  if (failedInit) return 'Failed'
  if (containers.length > 0 && containers.every(({ name }) => over.has(name)))
    return containers.every(({ state }) => 'terminated' in state && state.terminated.exitCode === 0)
      ? 'Succeeded'
      : 'Failed'
  const hasRun = containers.some(({ state, restartCount }) => !('waiting' in state) || restartCount > 0)
  return hasRun ? 'Running' : 'Pending'
}

function condition({ before, now }: PodStatusInput, type: string, holds: boolean) {
  const status = holds ? 'True' : 'False'
  const known = Array.isArray(before?.conditions)
    ? (before.conditions as readonly { readonly type?: string; readonly status?: string }[]).find(
        one => one.type === type && one.status === status,
      )
    : undefined
  return known ?? { type, status, lastTransitionTime: now }
}
