import { createHash } from 'node:crypto'
import type { KubeObject } from '../kube-object.js'
import { stringifyJson } from './json.js'

/** SHA-256, hex, of an object's content; the order of its keys does not matter. */
export function contentHash(object: KubeObject): string {
  return createHash('sha256')
    .update(stringifyJson(object, { sortKeys: true }))
    .digest('hex')
}
