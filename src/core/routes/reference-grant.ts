import { listIn, namespaceOf, textIn } from './route-fields.js'
import type { RouteSource } from './route-table.js'

interface Party {
  readonly group: string
  readonly kind: string
  readonly namespace: string
}

/** Whether a ReferenceGrant in the target's namespace lets one kind of object of a namespace refer to the target. */
export function isGranted(
  sources: readonly RouteSource[],
  from: Party,
  to: Party & { readonly name: string },
): boolean {
  return sources.some(grant => {
    const isGrant =
      grant.object.kind === 'ReferenceGrant' &&
      grant.object.apiVersion.startsWith('gateway.networking.k8s.io/')
    if (!isGrant || namespaceOf(grant) !== to.namespace) return false
    const fits = (entry: unknown, party: Party) =>
      (textIn(entry, 'group') ?? '') === party.group && textIn(entry, 'kind') === party.kind
    return (
      listIn(grant.object, 'spec', 'from').some(
        entry => fits(entry, from) && textIn(entry, 'namespace') === from.namespace,
      ) &&
      listIn(grant.object, 'spec', 'to').some(entry => {
        const name = textIn(entry, 'name')
        return fits(entry, to) && (name === undefined || name === to.name)
      })
    )
  })
}
