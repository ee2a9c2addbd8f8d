import { objectsOf } from '../../core/desired.js'
import { workloadOfPod } from '../../core/pod-owner.js'
import type { ObservedEvent } from '../../core/rollout-observation.js'
import type { State } from '../../core/state.js'
import { formatAge } from './age.js'
import { type Row, rowOf, span, textRow } from './row.js'
import { oneLine, wrapText } from './text.js'

/** The cluster's warnings about the objects of these keys, their ReplicaSets and pods; the newest first. */
export function eventsOf(state: State, keys: readonly string[]): readonly ObservedEvent[] {
  const { events, workloads, replicaSets, pods } = state.observed
  const uids = new Set<string>()
  for (const key of keys) {
    const apply = state.objects[key]?.apply
    if (apply?.kind === 'applied') uids.add(apply.uid)
    const workload = workloads[key]
    if (workload !== undefined) uids.add(workload.uid)
  }
  for (const set of Object.values(replicaSets)) if (uids.has(set.ownerUid)) uids.add(set.uid)
  for (const pod of Object.values(pods)) {
    const key = workloadOfPod(state, pod)
    if (key !== undefined && keys.includes(key)) uids.add(pod.uid)
  }
  return [...uids]
    .flatMap(uid => events[uid] ?? [])
    .toSorted((a, b) => Date.parse(b.lastSeen) - Date.parse(a.lastSeen))
}

/** The keys of what is selected: the objects of a service, or one object. */
export function keysOf(
  state: State,
  selected: { readonly service?: string; readonly id: string },
): readonly string[] {
  if (selected.service !== undefined) return objectsOf(state, selected.service)
  return state.objects[selected.id] === undefined ? Object.keys(state.objects) : [selected.id]
}

export function eventsRows(
  events: readonly ObservedEvent[],
  { columns, now }: { readonly columns: number; readonly now: number },
): readonly Row[] {
  if (events.length === 0) return [textRow('the cluster has no warnings about it', 'dim')]
  return events.flatMap(({ reason, message, count, lastSeen, involved }) => [
    rowOf(
      span(formatAge(Math.max(0, now - Date.parse(lastSeen))).padEnd(5), 'dim'),
      span(reason, 'warn'),
      span(count > 1 ? ` ×${count}` : '', 'warn'),
      span(`  ${involved.kind.toLowerCase()}/${involved.name}`, 'dim'),
    ),
    ...wrapText(oneLine(message), columns - 5).map(line => textRow(`     ${line}`)),
  ])
}
