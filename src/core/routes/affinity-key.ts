import { createHash } from 'node:crypto'
import { type BackendRef, backendText } from './route-table.js'

/** What stands behind the bar in a cookie of affinity: which backend the rest is a place of. */
export function affinityKey(backend: BackendRef): string {
  const text = backendText(backend)
  return md5(`${md5(text)}${text}`)
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
