import { memo } from './memo.js'
import { objectEntries } from './object-entries.js'
import { isRolledOut } from './rolled-out.js'
import type { ObjectState, State } from './state.js'

/** The objects of one chart release, by when they run. */
export interface Release {
  /** Keys of the hooks that run first, in their order, one after the other. */
  readonly pre: readonly string[]
  readonly rest: readonly string[]
  readonly post: readonly string[]
}

export type Releases = ReadonlyMap<string, Release>

/** Namespaces and CRDs are there before any hook, as with `helm install --create-namespace` and a chart's `crds/`. */
const FIRST_TIMED_TIER = 2
const WORKLOAD_TIER = 7

/** The releases that have hooks; the others need no order of their own. */
export const releasesOf: (objects: State['objects']) => Releases = memo(computeReleases)

function computeReleases(objects: State['objects']): Releases {
  const releases = new Map<string, { pre: ObjectState[]; rest: ObjectState[]; post: ObjectState[] }>()
  for (const [, object] of objectEntries(objects)) {
    const { release, hook } = object.linked
    if (release === undefined) continue
    const known = releases.get(release) ?? { pre: [], rest: [], post: [] }
    releases.set(release, known)
    known[hook?.phase ?? 'rest'].push(object)
  }
  const keys = (list: readonly ObjectState[]): readonly string[] => list.map(({ linked }) => linked.key)
  return new Map(
    [...releases]
      .filter(([, { pre, post }]) => pre.length + post.length > 0)
      .map(([name, { pre, rest, post }]) => [
        name,
        { pre: keys(pre.toSorted(byWeight)), rest: keys(rest), post: keys(post.toSorted(byWeight)) },
      ]),
  )
}

/** By weight, then as they are applied at all (a Job's account before the Job), then by name: as helm orders them. */
function byWeight({ linked: a }: ObjectState, { linked: b }: ObjectState): number {
  return (
    (a.hook?.weight ?? 0) - (b.hook?.weight ?? 0) || a.tier - b.tier || (a.ref.name < b.ref.name ? -1 : 1)
  )
}

/** Whether an object's turn is decided by the hooks of its release. */
export function isTimed({ linked }: ObjectState, releases: Releases): boolean {
  if (linked.release === undefined || !releases.has(linked.release)) return false
  return linked.hook !== undefined || linked.tier >= FIRST_TIMED_TIER
}

/** The key of what has its turn before an object in its release: an earlier hook, or an object that hooks run after. */
export function earlierInRelease(
  state: State,
  key: string,
  { releases, settled }: { readonly releases: Releases; readonly settled: (key: string) => boolean },
): string | undefined {
  const { objects } = state
  const object = objects[key]
  const release = releases.get(object?.linked.release ?? '')
  if (object === undefined || release === undefined || !isTimed(object, releases)) return undefined
  const isDone = (hook: string): boolean => settled(hook) && isComplete(objects[hook], state)
  const { hook, tier } = object.linked
  if (hook?.phase === 'pre')
    return release.pre.slice(0, release.pre.indexOf(key)).find(other => !isDone(other))
  const first = release.pre.find(other => !isDone(other))
  if (first !== undefined) return first
  if (hook?.phase === 'post')
    return (
      release.rest.find(other => !settled(other)) ??
      release.post.slice(0, release.post.indexOf(key)).find(other => !isDone(other))
    )
  return release.rest.find(other => {
    const before = objects[other]?.linked.tier ?? 0
    return before < tier && before !== WORKLOAD_TIER && !settled(other)
  })
}

/** A hook's Job or Pod has done its work; anything else has none. */
function isComplete(hook: ObjectState | undefined, { observed }: State): boolean {
  if (hook?.apply.kind !== 'applied' || !isRolledOut(hook.linked.ref)) return hook?.apply.kind === 'applied'
  switch (hook.linked.ref.kind) {
    case 'Job':
      return hook.rollout?.doneAt !== undefined && hook.rollout.status.kind === 'done'
    case 'Pod':
      return (
        observed.pods[hook.apply.uid]?.phase === 'Succeeded' ||
        (hook.rollout?.status.kind === 'done' && observed.pods[hook.apply.uid] === undefined)
      )
    default:
      return true
  }
}
