import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../../src/core/kube-object.js'

/** The objects of YAML documents as YAML 1.1 reads them, which is what kubectl and helm write. */
export function documents(text: string): readonly KubeObject[] {
  const parsed = parseAllDocuments(text, { version: '1.1' })
  return (Array.isArray(parsed) ? parsed : []).flatMap(document => {
    const value = document.toJS() as KubeObject | null
    return value === null ? [] : [value]
  })
}

/** Objects in an order of their own, without the one annotation that devloop adds to pods. */
export function comparable(objects: readonly KubeObject[]): readonly unknown[] {
  return objects
    .map(object => [`${object.kind}/${object.metadata.name}`, withoutHash(object)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}

function withoutHash(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHash)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .filter(([key]) => key !== 'devloop.dev/config-hash')
    .map(([key, child]) => [key, withoutHash(child)] as const)
    // An annotation map that was made for the hash alone.
    .filter(([key, child]) => key !== 'annotations' || Object.keys(child as object).length > 0)
  return Object.fromEntries(entries)
}
