import { displayRef, type KubeObject, type ObjectRef, refOf } from '../kube-object.js'

/** The API server's own way of deleting what an object owns, or leaves: see `propagation`. */
const OF_DELETION = ['foregroundDeletion', 'orphan']

const finalizersOf = ({ metadata }: Pick<KubeObject, 'metadata'>): readonly string[] =>
  (metadata.finalizers ?? []).filter(one => !OF_DELETION.includes(one))

/** How long, in milliseconds, an object may take to go before it is told what it waits for. */
export const SLOW_TO_GO = 5000

/** What keeps an object that is being deleted: its finalizers, and what a namespace says that it still has. */
export function heldBy({ apiVersion, kind, metadata, status }: KubeObject): readonly string[] {
  const named = finalizersOf({ metadata }).map(one => `finalizer ${one}`)
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

/** Whether an object goes only after all that belongs to it. */
export function isForeground({ metadata }: KubeObject): boolean {
  return metadata.finalizers?.includes('foregroundDeletion') === true
}

/** How many objects are named; of more, how many there are says more than their names. */
const NAMED = 3

/** What is left of what goes first: the pods before all, for they have time to end, and what has finalizers. */
export function remains(left: readonly KubeObject[]): readonly string[] {
  const telling = left.filter(object => object.kind === 'Pod' || finalizersOf(object).length > 0)
  const named = telling.slice(0, NAMED).map(object => {
    const grace = object.metadata.deletionGracePeriodSeconds
    const finalizers = finalizersOf(object)
    const time =
      object.kind === 'Pod' && typeof grace === 'number' && grace > 0 ? `, which has ${grace} s to end` : ''
    const held =
      finalizers.length === 0 ? '' : ` with ${finalizers.map(one => `finalizer ${one}`).join(' and ')}`
    return `${displayRef(refOf(object))}${held}${time}`
  })
  return telling.length > NAMED ? [...named, `and ${telling.length - NAMED} more`] : named
}

/** Says that an object is waited for, and why. */
export function waitingToGo(ref: ObjectRef, held: readonly string[]): string {
  const why =
    held.length === 0
      ? 'and nothing is left that holds it but the cluster itself'
      : `held by ${held.join('; ')}`
  return `waiting for ${displayRef(ref)} to go: it is being deleted, ${why}`
}
