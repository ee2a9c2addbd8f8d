import type Docker from 'dockerode'
import { type NodeImages, parseNodeImages } from '../../core/load/node-images.js'
import { gather } from './gather.js'
import { lastWords, NodeImportError, type NodeProcess, startInNode } from './node-process.js'
import { RECORD_BYTES } from './node-script.js'
import { createNodeSession } from './node-session.js'

/** The containerd of one node container. Methods reject where the engine or the runtime fails. */
export interface NodeRuntime {
  readonly name: string
  /**
   * What there is under these names (and those of other calls at the time), with every other name of the same images, and all unpacked layers. Calls that
   * come together share one look.
   */
  images(names: readonly string[]): Promise<NodeImages>
  /**
   * What is remembered of unpacked layers, where a load need not look: for a name that was not seen on this connection, whose image is then brought whatever the
   * node has. It may have become untrue: an import that fails is to be tried again after a look. Undefined where nothing is remembered.
   */
  recall(name: string): NodeImages | undefined
  /** Opens the connection and remembers which layers there are, unless that is done. */
  prepare(): Promise<void>
  /** Imports an OCI archive of one image, all of it in memory, and resolves with that manifest's names once the kubelet's runtime has it. */
  importWhole(archive: WholeArchive, onSent: (bytes: number) => void): Promise<NodeImages>
  /** Starts an import of the OCI or Docker archive that is written to its input. */
  startImport(): Promise<NodeProcess>
  removeReference(reference: string): Promise<void>
  close(): void
}

export interface WholeArchive {
  readonly content: Uint8Array
  /** The name that it gives to the image. */
  readonly name: string
  readonly manifest: string
  /** ChainIDs of all layers of the image. */
  readonly chains: readonly string[]
}

interface Remembered {
  readonly connection: number
  readonly chains: Set<string>
  readonly names: Set<string>
}

/** The containerd of a node whose container has this name. */
export function createNodeRuntime(docker: Docker, name: string): NodeRuntime {
  const session = createNodeSession(docker, name)
  let remembered: Remembered | undefined
  const images = gather(async names => {
    const listed = await session.ask(['list', ...names].join(' '))
    if (listed.exitCode !== 0) throw new Error(`cannot list the images of node ${name}: ${lastWords(listed)}`)
    const found = parseNodeImages(listed.stdout)
    const earlier = remembered?.connection === session.connection ? remembered.names : []
    remembered = {
      connection: session.connection,
      chains: new Set(found.chains),
      names: new Set([...earlier, ...found.references.keys()]),
    }
    return found
  })
  return {
    name,
    images,
    recall(reference) {
      if (remembered?.connection !== session.connection || remembered.names.has(reference)) return undefined
      return { references: new Map(), chains: remembered.chains }
    },
    async prepare() {
      if (remembered?.connection !== session.connection) await images([])
    },
    async importWhole({ content, name: reference, manifest, chains }, onSent) {
      const line = `import ${content.byteLength / RECORD_BYTES} ${manifest}`
      const done = await session.ask(line, content, onSent)
      if (done.exitCode !== 0) {
        remembered = undefined
        throw new NodeImportError(name, lastWords(done), manifest)
      }
      if (remembered?.connection === session.connection) {
        for (const chain of chains) remembered.chains.add(chain)
        remembered.names.add(reference)
      }
      return parseNodeImages(done.stdout)
    },
    async startImport() {
      const { stdout } = await session.ask('snapshotter')
      const argv = ['ctr', '-n', 'k8s.io', 'images', 'import', `--snapshotter=${stdout.trim()}`, '-']
      return startInNode(docker, name, argv)
    },
    async removeReference(reference) {
      await session.ask(`remove ${reference}`)
    },
    close: session.close,
  }
}
