import { configOnNode, missingLayers, type NodeImages } from '../../core/load/node-images.js'
import { NodeImportError } from './node-process.js'
import type { NodeRuntime } from './node-runtime.js'

/** A node, and what it had when it was asked. */
export interface NodeState {
  readonly node: NodeRuntime
  readonly images: NodeImages
  /** Whether it was not asked now: what it has of names is not known then. */
  readonly recalled: boolean
}

/** How often the runtime is asked for an image that was just imported, and the pause in milliseconds: it takes images up by an event. */
const VERIFY_TRIES = 20
const VERIFY_PAUSE_MS = 50

/**
 * Waits until each node's runtime has the image under its name, with this config where it is known. Gives the config's digest; undefined
 * where the nodes have different images. Rejects where a runtime does not have it after about a second.
 */
export async function awaitImage(wanted: {
  readonly nodes: readonly NodeRuntime[]
  readonly name: string
  readonly config: string | undefined
  readonly signal: AbortSignal
}): Promise<string | undefined> {
  const configs = await Promise.all(
    wanted.nodes.map(async node => {
      for (let tries = 0; tries < VERIFY_TRIES; tries += 1) {
        const config = configOnNode(await node.images([wanted.name]), wanted.name)
        if (config !== undefined && (wanted.config === undefined || config === wanted.config)) return config
        wanted.signal.throwIfAborted()
        await new Promise(resolve => setTimeout(resolve, VERIFY_PAUSE_MS))
      }
      throw new NodeImportError(node.name, 'the runtime does not list the image after its import')
    }),
  )
  return configs.every(config => config === configs[0]) ? configs[0] : undefined
}

/**
 * After an import failed that nobody looked before: looks, and removes the name where it leads to the image of this manifest and layers of it are missing.
 * Says whether the import had been made of what is true: that layers which were left out are there.
 */
export async function removeOwnBadName(
  { node, images: assumed }: NodeState,
  { name, diffIds, manifest }: BadImport,
): Promise<boolean> {
  try {
    const images = await node.images([name])
    if (manifest !== undefined && images.references.get(name) === manifest)
      if (missingLayers([images], diffIds).length > 0) await node.removeReference(name)
    return missingLayers([images], diffIds).join() === missingLayers([assumed], diffIds).join()
  } catch {
    // The node cannot be asked; the failure that led here is the one to report.
    return true
  }
}

interface BadImport {
  readonly name: string
  readonly diffIds: readonly string[]
  readonly manifest: string | undefined
}

/**
 * After a failed import: removes the name from the node where it may lead to an image that cannot start. A name that leads to what it led to
 * before stays, unless that is this image and layers of it are missing. True: what was left out of the import had been looked up.
 */
export async function removeBadName(
  { node, images: before }: NodeState,
  { name, diffIds, config }: BadImport & { readonly config: string | undefined },
): Promise<true> {
  try {
    const images = await node.images([name])
    const manifest = images.references.get(name)
    if (manifest === undefined) return true
    const ours = config !== undefined && configOnNode(images, name) === config
    if (ours ? missingLayers([images], diffIds).length === 0 : manifest === before.references.get(name))
      return true
    await node.removeReference(name)
  } catch {
    // The node cannot be asked; the failure that led here is the one to report.
  }
  return true
}
