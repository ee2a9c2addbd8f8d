import { isScalable } from '../desired.js'
import { type KubeObject, refOf } from '../kube-object.js'
import { valueAt, withValueAt } from '../manifest/fields.js'
import type { Override } from './overrides.js'
import { ledTo } from './switch.js'

export interface OverriddenInput {
  readonly key: string
  /** As it was applied last. */
  readonly object: KubeObject
  /** Services whose images it runs. */
  readonly services: readonly string[]
  /** As the manifests have it now; undefined where they were not read, or have it no more: then its numbers stay. */
  readonly declared: KubeObject | undefined
}

/**
 * An object as it was applied last, with the replicas, or the selector, that overrides want of it, and those of its manifest where they want none. Every other
 * edit of the manifest is left to the next `up`.
 */
export function withOverrides(
  { key, object, services, declared }: OverriddenInput,
  overrides: readonly Override[],
): { readonly object: KubeObject; readonly scaledToZero: boolean } {
  const switches = overrides.flatMap(one => (one.type === 'switched' ? [one] : []))
  const written = (field: string): unknown => valueAt(declared, ['spec', field])
  const unscaled = (field: string, value: unknown) => ({
    object: withValueAt(object, ['spec', field], value),
    scaledToZero: false,
  })
  if (object.apiVersion === 'v1' && object.kind === 'Service') {
    const own = switches.find(({ service }) => service === key)
    const selector = own === undefined ? undefined : ledTo(own)
    return unscaled('selector', selector ?? written('selector') ?? valueAt(object, ['spec', 'selector']))
  }
  if (!isScalable(refOf(object))) return { object, scaledToZero: false }
  const isZero =
    switches.some(({ lowered }) => lowered.includes(key)) ||
    overrides.some(({ type, service }) => type === 'scaled-to-zero' && services.includes(service))
  if (isZero) return { object: withValueAt(object, ['spec', 'replicas'], 0), scaledToZero: true }
  if (declared === undefined) return { object, scaledToZero: false }
  const serves = switches.find(({ target }) => target === key)
  const replicas = written('replicas')
  return unscaled('replicas', serves !== undefined && replicas === 0 ? serves.replicas : replicas)
}
