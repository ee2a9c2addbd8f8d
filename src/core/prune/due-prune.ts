import { objectStatus } from '../service-status.js'
import type { State } from '../state.js'
import type { DroppedObject } from './prune-state.js'

export type PrunePolicy = 'ask' | 'auto' | 'off' | 'asked' | 'all'

/** What becomes of dropped objects in this session: `all` takes also what is guarded. */
export const prunePolicy = ({ mode, project }: State): PrunePolicy => mode.prune ?? project.prune

/** Whether an object goes by itself, without anybody who says so. */
export function goesByItself(state: State, { isGuarded, key }: DroppedObject): boolean {
  if (state.prune.stayed.includes(key)) return false
  switch (prunePolicy(state)) {
    case 'all':
      return true
    case 'asked':
      return !isGuarded
    case 'auto':
      // Manifests that have nothing at all are a mistake more often than a wish.
      return !isGuarded && Object.keys(state.objects).length > 0
    case 'ask':
    case 'off':
      return false
  }
}

/** Whether the last reading of the manifests succeeded, is the newest, and was held against the journal. */
function isRead({ render, prune }: State): boolean {
  return (
    !render.due &&
    render.run === undefined &&
    render.problem === undefined &&
    render.manifests !== undefined &&
    !prune.due &&
    prune.looking === undefined
  )
}

const isReachable = ({ mode, cluster }: State): boolean =>
  mode.deploy && cluster.kind === 'connected' && cluster.link.up

/** Whether the manifests are to be held against the journal now. */
export function isLookDue(state: State): boolean {
  const { prune } = state
  return (
    isReachable(state) &&
    prune.due &&
    prune.looking === undefined &&
    prune.running === undefined &&
    isRead({ ...state, prune: { ...prune, due: false } })
  )
}

/** What is to be taken away now. `volumes`: also claims, and namespaces that hold some, which were asked for expressly. */
export function duePrune(
  state: State,
): { readonly keys: readonly string[]; readonly volumes: boolean } | undefined {
  const { prune, objects } = state
  if (prune.dropped.length === 0 || prune.running !== undefined || !isReachable(state) || !isRead(state))
    return undefined
  // What is being written may be what an object goes by under another name.
  if (Object.values(objects).some(({ apply }) => apply.kind === 'applying')) return undefined
  const asked = prune.dropped.filter(({ key }) => prune.confirmed.includes(key))
  const own = isCalm(state) ? prune.dropped.filter(object => goesByItself(state, object)) : []
  const due = [...new Set([...asked, ...own])]
  return due.length === 0
    ? undefined
    : { keys: due.map(({ key }) => key), volumes: due.some(({ isGuarded }) => isGuarded) }
}

/**
 * Whether all that is applied is well, or was refused: the pods before this save may need what was dropped until those after it are ready, and what was
 * dropped may stand in the way of what was refused.
 */
function isCalm(state: State): boolean {
  return Object.entries(state.objects).every(([key, { apply }]) => {
    if (apply.kind === 'pending') return false
    const status = objectStatus(state, key)
    if (status.phase === 'failed') return status.problem.kind === 'apply-rejected'
    if (status.phase === 'rolling' && state.mode.wait === false) return true
    return status.phase === 'live' || status.phase === 'scaled-to-zero'
  })
}

/** The time of the latest look that is to be repeated, in milliseconds since the epoch; undefined where none is. */
export function unsettledSince(state: State): number | undefined {
  const { prune } = state
  const known = new Set(prune.dropped.map(({ key }) => key))
  const open = prune.missing.filter(({ key }) => !known.has(key))
  return open.length === 0 || !isReachable(state) || !isRead(state)
    ? undefined
    : Math.max(...open.map(({ since }) => since))
}

/** Whether a session that ends by itself has still to find out what was dropped, or to take it away. */
export function isPrunePending(state: State): boolean {
  const { prune } = state
  return (
    prune.due ||
    prune.looking !== undefined ||
    prune.running !== undefined ||
    unsettledSince(state) !== undefined ||
    duePrune(state) !== undefined
  )
}
