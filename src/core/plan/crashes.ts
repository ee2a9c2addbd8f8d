import type { Effect } from '../effect.js'
import { objectEntries } from '../object-entries.js'
import type { State } from '../state.js'

type ReadLastLines = Omit<Extract<Effect, { type: 'read-last-lines' }>, 'run'>

/** Asks once for the last lines of each container that made a rollout fail. */
export function planCrashes(state: State): ReadLastLines[] {
  const wanted = new Map<string, ReadLastLines>()
  for (const [, { linked, rollout }] of objectEntries(state.objects)) {
    if (rollout?.status.kind !== 'failing' || linked.ref.namespace === undefined) continue
    const crash = crashOf(state, rollout.status.problem)
    if (crash !== undefined && state.crashes[crash.crash] === undefined) wanted.set(crash.crash, crash)
  }
  return [...wanted.values()]
}

/** The container instance whose end a failed rollout tells of; undefined where no container ran. */
function crashOf(
  state: State,
  problem: {
    readonly namespace: string
    readonly pod?: string
    readonly container?: string
    readonly exitCode?: number
  },
): ReadLastLines | undefined {
  if (problem.pod === undefined || problem.container === undefined) return undefined
  const pod = Object.values(state.observed.pods).find(
    p => p.name === problem.pod && p.namespace === problem.namespace,
  )
  const container = pod?.containers.find(c => c.name === problem.container)
  if (pod === undefined || container === undefined) return undefined
  if (container.state.kind !== 'terminated' && container.lastTermination === undefined) return undefined
  return {
    type: 'read-last-lines',
    crash: `${pod.uid}/${container.name}/${container.restarts}/${container.state.kind === 'terminated' ? 'ended' : 'previous'}`,
    namespace: pod.namespace,
    pod: pod.name,
    podUid: pod.uid,
    container: container.name,
    // In back-off the API server still calls the dead container the present one.
    previous: container.state.kind === 'running',
  }
}
