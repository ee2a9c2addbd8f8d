import type { Announcement } from '../core/announcement.js'
import { compileIgnore, isIgnored } from '../core/logs/ignore.js'
import { memo } from '../core/memo.js'
import { workloadOfPod } from '../core/pod-owner.js'
import type { State } from '../core/state.js'
import type { PodLogs } from '../ports/pod-logs.js'
import { createLogFacts } from './log-feed-facts.js'
import { createLogStreams } from './log-streams.js'
import type { Store } from './store.js'

/** Follows the containers of every workload that this session deploys. */
export interface LogFeed {
  refresh(): void
  /** Resolves when no log is being read: each was read to its end. */
  idle(): Promise<void>
  stop(): Promise<void>
}

export function createLogFeed(
  store: Store,
  logs: PodLogs,
  tell: (announcement: Announcement) => void,
): LogFeed {
  let seen: State['observed'] | undefined
  let objects: State['objects'] | undefined
  const facts = createLogFacts()
  const ignoreOf = memo(compileIgnore)
  const streams = createLogStreams({
    logs,
    sink: ({ source, event }) => {
      const origin = facts.originOf(source)
      if (event.type === 'gap') return tell({ type: 'log-gap', ...origin, message: event.message })
      const mark = facts.mark(source)
      if (mark !== undefined) tell({ type: 'log-mark', ...origin, message: mark })
      const { time, text } = event
      const ignored = isIgnored(ignoreOf(store.getState().project.logs.ignore), text)
      tell({ type: 'log', ...origin, time, text, ...(ignored ? { ignored } : {}) })
    },
  })
  return {
    refresh: () => {
      const state = store.getState()
      const { observed } = state
      // Whose a pod is may be known only after the pod itself: workloads and ReplicaSets are watched apart.
      if (
        observed.pods === seen?.pods &&
        observed.workloads === seen.workloads &&
        observed.replicaSets === seen.replicaSets &&
        state.objects === objects
      )
        return
      seen = observed
      objects = state.objects
      const wanted = Object.values(observed.pods).filter(pod => workloadOfPod(state, pod) !== undefined)
      facts.see(state, wanted)
      streams.update(wanted, observed.pods)
    },
    idle: () => streams.idle(),
    stop: () => streams.close(),
  }
}
