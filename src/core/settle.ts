import type { KubeObject } from './kube-object.js'
import type { State } from './state.js'

/**
 * Milliseconds that a container without a readiness probe must have gone on before a session that ends by itself calls it live: Kubernetes takes it for
 * ready the moment that it starts, and a program that fails at its start takes about this long to do so.
 */
export const SETTLE_TIME = 2000

/**
 * Until when a session that would end in success waits to see whether what it rolled out stays up, in milliseconds since the epoch; undefined where
 * every container that it started says by a probe of its own that it is ready.
 */
export function settlesAt(state: State): number | undefined {
  if (state.mode.wait === false) return undefined
  const times = Object.values(state.objects).flatMap(({ linked, apply, rollout }) => {
    if (apply.kind !== 'applied' || apply.outcome === 'unchanged' || linked.ref.kind === 'Job') return []
    if (rollout?.doneAt === undefined || rollout.status.kind !== 'done') return []
    return hasUnprobedContainer(linked.object) ? [rollout.doneAt + SETTLE_TIME] : []
  })
  return times.length === 0 ? undefined : Math.max(...times)
}

function hasUnprobedContainer({ spec }: KubeObject): boolean {
  const template = asRecord(asRecord(spec)?.template)
  const podSpec = asRecord(template?.spec) ?? asRecord(spec)
  const containers = podSpec?.containers
  return (
    Array.isArray(containers) && containers.some(container => asRecord(container)?.readinessProbe == null)
  )
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}
