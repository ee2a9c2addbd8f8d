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

/** Asks pods that replace others for what makes them Ready, so that requests go to them as soon as they pass. */
export interface EarlyReadiness {
  refresh(): void
  stop(): void
}

export function watchEarlyReadiness(
  store: Store,
  { probe, clock, guard }: { readonly probe: PodProbe; readonly clock: Clock; readonly guard: Guard },
): EarlyReadiness {
  const asked = new Map<string, AbortController>()
  /** Milliseconds from when the last pod of a workload was seen on a node until it passed. */
  const took = new Map<string, number>()

  const ask = async (early: EarlyPod, signal: AbortSignal): Promise<void> => {
    const { uid, workload, namespace, pod, probes } = early
    const since = clock.now()
    const known = took.get(workload)
    await sleep(clock, known === undefined ? FIRST : known * SHARE, signal)
    for (let pause = PAUSE; !signal.aborted; pause = Math.min(LONGEST, pause * GROWTH)) {
      if (await probe.passes({ namespace, pod, probes }, signal)) {
        took.set(workload, clock.now() - since)
        store.dispatch({ type: 'observed', observations: [{ type: 'pod-answers', uid }] })
        return
      }
      await sleep(clock, pause, signal)
    }
  }

  const end = (uid: string): void => {
    asked.get(uid)?.abort()
    asked.delete(uid)
  }

  return {
    refresh: () => {
      const state = store.getState()
      const wanted = new Map(
        isServing(state) ? earlyPods(state).map(pod => [pod.uid, pod] as const) : undefined,
      )
      for (const uid of asked.keys()) if (!wanted.has(uid)) end(uid)
      for (const [uid, pod] of wanted) {
        if (asked.size >= AT_ONCE) return
        if (asked.has(uid)) continue
        const controller = new AbortController()
        asked.set(uid, controller)
        guard('early readiness', () => ask(pod, controller.signal))
      }
    },
    stop: () => {
      for (const uid of asked.keys()) end(uid)
    },
  }
}

/** Whether anything on this machine leads to pods. */
function isServing({ gateway, forwards, cluster, stopping }: State): boolean {
  if (stopping || cluster.kind !== 'connected' || !cluster.link.up) return false
  return gateway?.kind === 'serving' || forwards.some(({ address }) => address !== undefined)
}
