import type { NetworkProbe } from '../core/network-probe.js'

/** Asks pods what a kubelet asks them. */
export interface PodProbe {
  /** Whether the pod passes all of its probes at this moment. A pod that cannot be reached, or not yet, does not. */
  passes(
    target: { readonly namespace: string; readonly pod: string; readonly probes: readonly NetworkProbe[] },
    signal: AbortSignal,
  ): Promise<boolean>
}
