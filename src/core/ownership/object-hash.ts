import { createHmac } from 'node:crypto'
import type { KubeObject } from '../kube-object.js'
import { canonicalJson, isMap } from './json.js'

/** Keyed hash of a manifest object, so that the hash of a short secret says nothing about it to who lacks the key. Hex. */
export function objectHash(object: KubeObject, key: string): string {
  return createHmac('sha256', key).update(canonicalJson(object)).digest('hex')
}

/** The object as the journal may hold it: the values of a Secret are replaced by their keyed hashes, which still tell whether one changed. */
export function withoutSecretValues(object: KubeObject, key: string): KubeObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return object
  const hidden = (values: unknown) =>
    isMap(values)
      ? Object.fromEntries(
          Object.entries(values).map(([name, value]) => [
            name,
            `hmac:${createHmac('sha256', key).update(canonicalJson(value)).digest('hex')}`,
          ]),
        )
      : values
  return {
    ...object,
    ...(object.data === undefined ? {} : { data: hidden(object.data) }),
    ...(object.stringData === undefined ? {} : { stringData: hidden(object.stringData) }),
  }
}
