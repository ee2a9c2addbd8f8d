/** Milliseconds between two tries of a pod that refuses connections. */
const PAUSE = 100

/**
 * Pods of which nobody knows whether they listen: those that were not asked yet and have no probe that says it, and those that refused their last connection.
 * One request at a time finds out, and all others wait for what it finds: each try costs the API server and the kubelet a handshake, and a crowd of them would
 * keep the pod from starting.
 */
export interface Doubts {
  /** Whether a request may go to the pod now. */
  allows(uid: string): boolean
  /** Whether a request is the first one to ask the pod. */
  isFirstAsked(uid: string): boolean
  /** A request goes to the pod. `listens`: that is known from elsewhere, of one that was not asked yet. */
  begin(uid: string, listens: boolean): void
  refused(uid: string): void
  /** Something listens; true where that was in doubt. */
  answered(uid: string): boolean
  /** The request ended before anything was found out. */
  abandoned(uid: string): void
  /** Milliseconds until one of the pods may be tried; infinite while each of them is being tried. */
  pause(uids: readonly string[]): number
  /** Forgets all other pods. */
  keep(uids: ReadonlySet<string>): void
}

type Doubt =
  | { readonly kind: 'listens' }
  | { readonly kind: 'tried'; readonly isFirst: boolean }
  | { readonly kind: 'refused'; readonly until: number }

export function createDoubts(now: () => number): Doubts {
  const doubts = new Map<string, Doubt>()
  return {
    allows: uid => {
      const doubt = doubts.get(uid)
      return doubt?.kind !== 'tried' && !(doubt?.kind === 'refused' && now() < doubt.until)
    },
    isFirstAsked: uid => {
      const doubt = doubts.get(uid)
      return doubt?.kind === 'tried' && doubt.isFirst
    },
    begin: (uid, listens) => {
      const doubt = doubts.get(uid)
      if (doubt === undefined && listens) doubts.set(uid, { kind: 'listens' })
      else if (doubt?.kind !== 'listens') doubts.set(uid, { kind: 'tried', isFirst: doubt === undefined })
    },
    refused: uid => void doubts.set(uid, { kind: 'refused', until: now() + PAUSE }),
    answered: uid => {
      const wasInDoubt = doubts.get(uid)?.kind !== 'listens'
      doubts.set(uid, { kind: 'listens' })
      return wasInDoubt
    },
    abandoned: uid => {
      if (doubts.get(uid)?.kind === 'tried') doubts.delete(uid)
    },
    pause: uids =>
      Math.min(
        ...uids.map(uid => {
          const doubt = doubts.get(uid)
          if (doubt?.kind === 'tried') return Number.POSITIVE_INFINITY
          return doubt?.kind === 'refused' ? Math.max(0, doubt.until - now()) : 0
        }),
      ),
    keep: uids => {
      for (const uid of doubts.keys()) if (!uids.has(uid)) doubts.delete(uid)
    },
  }
}
