import { createHash } from 'node:crypto'

/**
 * The names under which a runtime keeps unpacked layers, base first: the first is the layer's own diffID, each further one the digest of
 * its parent's name and its diffID (OCI image spec, "Layer ChainID").
 */
export function chainIds(diffIds: readonly string[]): readonly string[] {
  const ids: string[] = []
  for (const diffId of diffIds) {
    const parent = ids.at(-1)
    ids.push(parent === undefined ? diffId : sha256Digest(`${parent} ${diffId}`))
  }
  return ids
}

/** `sha256:…` of these bytes. */
export function sha256Digest(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
