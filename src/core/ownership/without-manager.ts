import type { KubeObject } from '../kube-object.js'
import { removeAtPath } from './field-path.js'
import { ownedPaths, ownersOf, pathKey, toFieldPath } from './managed-fields.js'

/** The object without the fields that nobody but `manager` owns, deepest first, and without its claims. */
export function withoutManager(object: KubeObject, manager: string): KubeObject {
  const owners = ownersOf(object)
  const entries = object.metadata.managedFields ?? []
  const paths = entries
    .filter(entry => entry.manager === manager)
    .flatMap(entry => ownedPaths(entry.fieldsV1).map(raw => toFieldPath(raw)))
    .filter(path => path !== undefined)
    .filter(path => owners.get(pathKey(path))?.every(entry => entry.manager === manager) ?? false)
    .sort((left, right) => right.length - left.length)
  const bare = paths.reduce((next, path) => removeAtPath(next, path), object)
  return {
    ...bare,
    metadata: { ...bare.metadata, managedFields: entries.filter(entry => entry.manager !== manager) },
  }
}
