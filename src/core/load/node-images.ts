import { chainIds } from './chain-ids.js'

/** What a node's containerd has, read from the tables of `ctr images ls` and `ctr snapshots ls`. */
export interface NodeImages {
  /** Reference → digest of the manifest that it names. */
  readonly references: ReadonlyMap<string, string>
  /** ChainIDs of unpacked layers. */
  readonly chains: ReadonlySet<string>
}

/** Parts the two tables in the output of one script. */
export const tableSeparator = '---'

/** Reads one or more tables of `ctr images ls`, a line with `---`, and `ctr snapshots ls`; a part that is not there counts as empty. */
export function parseNodeImages(output: string): NodeImages {
  const lines = output.split('\n').map(line => line.trim())
  const at = lines.indexOf(tableSeparator)
  const images = at === -1 ? lines : lines.slice(0, at)
  const snapshots = at === -1 ? [] : lines.slice(at + 1)
  const references = new Map<string, string>()
  for (const line of images) {
    const [reference, , digest] = line.split(/\s+/)
    if (reference !== undefined && digest?.startsWith('sha256:')) references.set(reference, digest)
  }
  const chains = new Set<string>()
  for (const line of snapshots) {
    const columns = line.split(/\s+/)
    const [key] = columns
    if (key?.startsWith('sha256:') && columns.at(-1) === 'Committed') chains.add(key)
  }
  return { references, chains }
}

/**
 * Whether the kubelet's runtime has this very image under this name. The runtime (CRI) itself adds a reference `sha256:<config>` to every
 * image that it has taken up; it and the name must lead to one manifest.
 */
export function nodeHasImage(node: NodeImages, reference: string, configDigest: string): boolean {
  const manifest = node.references.get(reference)
  return manifest !== undefined && node.references.get(configDigest) === manifest
}

/** Digest of the config of the image that the kubelet's runtime has under this name; undefined where it has none. */
export function configOnNode(node: NodeImages, reference: string): string | undefined {
  const manifest = node.references.get(reference)
  if (manifest === undefined) return undefined
  for (const [name, digest] of node.references)
    if (digest === manifest && name.startsWith('sha256:')) return name
  return undefined
}

/** Whether the kubelet's runtime has any image under this name. */
export const nodeHasName = (node: NodeImages, reference: string): boolean =>
  configOnNode(node, reference) !== undefined

/** Positions (base is 0) of the layers that at least one of these nodes has not unpacked. */
export function missingLayers(nodes: readonly NodeImages[], diffIds: readonly string[]): readonly number[] {
  return chainIds(diffIds).flatMap((chain, index) =>
    nodes.every(node => node.chains.has(chain)) ? [] : [index],
  )
}
