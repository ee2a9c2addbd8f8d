import { displayRef, type KubeObject, refOf } from '../kube-object.js'

/** The API server's own way of deleting what an object owns, or leaves: see `propagation`. */
const OF_DELETION = ['foregroundDeletion', 'orphan']

/** How long, in milliseconds, an object may take to go before it is told what it waits for. */
export const SLOW_TO_GO = 5000

/** What keeps an object that is being deleted: its finalizers, and what a namespace says that it still has. */
export function heldBy({ apiVersion, kind, metadata, status }: KubeObject): readonly string[] {
  const finalizers = (metadata.finalizers ?? []).filter(one => !OF_DELETION.includes(one))
  const named = finalizers.map(one => `finalizer ${one}`)
  if (kind !== 'Namespace' || apiVersion !== 'v1') return named
  const { conditions = [] } = (status ?? {}) as {
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly message?: string
    }[]
  }
  const said = conditions.filter(one => one.type.startsWith('Namespace') && one.status === 'True')
  return [...named, ...said.flatMap(({ message }) => message ?? [])]
}

/** Says that an object is waited for, and why. */
export function waitingToGo(object: KubeObject): string {
  const what = heldBy(object)
  return `waiting for ${displayRef(refOf(object))} to go: it is being deleted${what.length === 0 ? '' : `, held by ${what.join('; ')}`}`
}
