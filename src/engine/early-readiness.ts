import { type EarlyPod, earlyPods } from '../core/rollout/early-pods.js'
import type { State } from '../core/state.js'
import type { Clock } from '../ports/clock.js'
import type { PodProbe } from '../ports/pod-probe.js'
import { sleep } from '../ports/sleep.js'
import type { Guard } from './guard.js'
import type { Store } from './store.js'

/**
 * Milliseconds before a pod is asked for the first time, where none of its workload was asked before. Each time costs the API server and the kubelet
 * handshakes while they start the pod: asked every 70 ms from 250 ms on, a pod took twice as long to start on two cores.
 */
const FIRST = 500
/** Of the time that the last pod of its workload took, what is let pass. */
const SHARE = 0.9
/** Milliseconds between two times at the beginning; they grow up to the longest. */
const PAUSE = 80
const GROWTH = 1.2
const LONGEST = 1000
/** Pods that are asked at a time. */
const AT_ONCE = 3
/** Milliseconds after which a pod that has not passed gives way to others that wait to be asked: some never pass. */
const TURN = 10_000

/** Asks pods that replace others for what makes them Ready, so that requests go to them as soon as they pass. */
export interface EarlyReadiness {
  refresh(): void
  stop(): void
}

export function watchEarlyReadiness(
  store: Store,
  { probe, clock, guard }: { readonly probe: PodProbe; readonly clock: Clock; readonly guard: Guard },
): EarlyReadiness {
  const known = new Map<string, Known>()
  const asked = new Map<string, AbortController>()
  /** Milliseconds from when the last pod of a workload was seen on a node until it passed. */
  const took = new Map<string, number>()
  let turn = 0

  const meet = ({ uid, workload }: EarlyPod): void => {
    if (known.has(uid)) return
    const since = clock.now()
    const last = took.get(workload)
    const due = since + (last === undefined ? FIRST : last * SHARE)
    known.set(uid, { since, due, turn: 0, cancel: clock.after(due - since, refresh) })
  }

  const end = (uid: string): void => {
    asked.get(uid)?.abort()
    asked.delete(uid)
  }

  const forget = (uid: string): void => {
    end(uid)
    known.get(uid)?.cancel()
    known.delete(uid)
  }

  const wanted = (): readonly EarlyPod[] => {
    const state = store.getState()
    return isServing(state) ? earlyPods(state) : []
  }

  /** Pods whose time has come and that are not asked, the one whose turn is the longest ago first. */
  const waiting = (): readonly EarlyPod[] => {
    const now = clock.now()
    const turnOf = ({ uid }: EarlyPod) => known.get(uid)?.turn ?? 0
    return wanted()
      .filter(({ uid }) => !asked.has(uid) && (known.get(uid)?.due ?? now + 1) <= now)
      .toSorted((one, other) => turnOf(one) - turnOf(other))
  }

  const ask = async ({ uid, workload, namespace, pod, probes }: EarlyPod, me: Known): Promise<void> => {
    const controller = new AbortController()
    const { signal } = controller
    asked.set(uid, controller)
    turn += 1
    known.set(uid, { ...me, turn })
    const began = clock.now()
    const first = me.turn === 0 ? PAUSE : LONGEST
    for (let pause = first; !signal.aborted; pause = Math.min(LONGEST, pause * GROWTH)) {
      if (await probe.passes({ namespace, pod, probes }, signal)) {
        took.set(workload, clock.now() - me.since)
        store.dispatch({ type: 'observed', observations: [{ type: 'pod-answers', uid }] })
        return
      }
      if (clock.now() - began >= TURN && waiting().length > 0) {
        end(uid)
        refresh()
        return
      }
      await sleep(clock, pause, signal)
    }
  }

  const refresh = (): void => {
    const pods = wanted()
    const uids = new Set(pods.map(({ uid }) => uid))
    for (const uid of known.keys()) if (!uids.has(uid)) forget(uid)
    for (const pod of pods) meet(pod)
    if (pods.length === 0) return
    for (const pod of waiting().slice(0, Math.max(0, AT_ONCE - asked.size))) {
      const me = known.get(pod.uid)
      if (me !== undefined) guard('early readiness', () => ask(pod, me))
    }
  }

  return {
    refresh,
    stop: () => {
      for (const uid of known.keys()) forget(uid)
    },
  }
}

/** A pod that is to be asked. Times are milliseconds since the epoch. */
interface Known {
  readonly since: number
  /** When it may be asked. */
  readonly due: number
  /** Of its last turn; 0 where it had none. */
  readonly turn: number
  readonly cancel: () => void
}

/** Whether anything on this machine leads to pods. */
function isServing({ gateway, forwards, cluster, stopping }: State): boolean {
  if (stopping || cluster.kind !== 'connected' || !cluster.link.up) return false
  return gateway?.kind === 'serving' || forwards.some(({ address }) => address !== undefined)
}
