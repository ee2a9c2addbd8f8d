import type { KubeObject } from '../kube-object.js'

/** When a chart's object runs, among the others of its release. */
export interface ReleaseHook {
  readonly phase: 'pre' | 'post'
  /** Lower runs first; 0 where the chart says nothing. */
  readonly weight: number
}

export type HookVerdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'hook'; readonly hook: ReleaseHook }
  /** A hook for an occasion that `up` has none of. */
  | { readonly kind: 'left-out'; readonly reason: string }

const HOOK = 'helm.sh/hook'
const WEIGHT = 'helm.sh/hook-weight'
const PRE = ['pre-install', 'pre-upgrade']
const POST = ['post-install', 'post-upgrade']

/**
 * What the `helm.sh/hook` annotation makes of an object. `up` does not tell an install from an upgrade: a hook of either runs when it was
 * never run, or has another spec than when it ran. `crd-install` of Helm 2 makes no hook, for CRDs come first anyway.
 */
export function hookOf(object: KubeObject): HookVerdict {
  const annotation = object.metadata.annotations?.[HOOK]
  const events = typeof annotation === 'string' ? annotation.split(',').map(event => event.trim()) : []
  if (events.every(event => event === '' || event === 'crd-install')) return { kind: 'none' }
  const weight = Number.parseInt(String(object.metadata.annotations?.[WEIGHT] ?? '0'), 10) || 0
  if (events.some(event => PRE.includes(event))) return { kind: 'hook', hook: { phase: 'pre', weight } }
  if (events.some(event => POST.includes(event))) return { kind: 'hook', hook: { phase: 'post', weight } }
  const isTest = events.every(event => event.startsWith('test'))
  return {
    kind: 'left-out',
    reason: isTest
      ? 'is a test hook of its chart'
      : `is a hook for ${events.join(', ')}, which up does not do`,
  }
}
