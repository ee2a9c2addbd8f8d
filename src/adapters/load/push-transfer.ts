import { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { chainIds, sha256Digest } from '../../core/load/chain-ids.js'
import { uploadBudget } from '../../core/load/choose-method.js'
import {
  ociLayoutFiles,
  parseDiffIds,
  parseImageManifest,
  parseIndex,
  pickManifest,
  type RawManifest,
} from '../../core/load/oci-image.js'
import { type ArchiveImport, openArchiveImport } from './archive-import.js'
import { type EngineFacts, type EngineImage, messageOf } from './engine-image.js'
import { readProgress } from './engine-progress.js'
import type { LoadMemory } from './load-memory.js'
import { isCut } from './load-problem.js'
import { NodeImportError } from './node-process.js'
import type { NodeRuntime } from './node-runtime.js'
import { RECORD_BYTES } from './node-script.js'
import type { PushSession, ReceivingRegistry } from './receiving-registry.js'
import { createWholeArchive } from './whole-archive.js'

/** One image on its way. */
export interface Transfer {
  readonly image: EngineImage
  /** The name that it gets on the nodes. */
  readonly name: string
  readonly nodes: readonly NodeRuntime[]
  /** Positions of the layers that at least one of the nodes has not. */
  readonly missing: readonly number[]
  readonly signal: AbortSignal
  readonly onSent: (bytes: number) => void
}

export interface Transferred {
  readonly configDigest: string | undefined
  readonly sentBytes: number
  readonly sentLayers: number
  /** Whether the runtime of each node has shown that it has the image under its name. */
  readonly shown?: true
  readonly learned?: Pick<LoadMemory, 'layers' | 'configs'>
}

/** The engine could not reach our registry at all. */
export class RegistryUnreachable extends Error {}

interface PushContext {
  readonly docker: Docker
  readonly engine: EngineFacts
  readonly registry: ReceivingRegistry
  readonly memory: LoadMemory
}

/** Takes the missing layers from a push of the engine and imports them under a manifest that names all of them. Rejects where that fails. */
export async function transferByPush(context: PushContext, transfer: Transfer): Promise<Transferred> {
  const { image, missing } = transfer
  const needed = new Set(missing.map(index => image.diffIds[index]))
  let importing: Promise<ArchiveImport> | undefined
  const open = () => {
    importing ??= openArchiveImport(transfer.nodes, transfer.onSent)
    return importing
  }
  const streamed = new Map<string, number>()
  let turn: Promise<void> = Promise.resolve()
  const session: PushSession = {
    known: digest => {
      // Layers that came by `docker load` lie uncompressed in the containerd store: there the digest is the diffID.
      const index = image.diffIds.indexOf(digest)
      if (index !== -1) return needed.has(digest) ? undefined : image.sizes[index]
      const layer = context.memory.layers[digest]
      return layer === undefined || needed.has(layer.diffId) ? undefined : layer.size
    },
    uploadBudget: uploadBudget(missing.map(index => image.sizes[index] ?? 0)),
    // One after another, for an archive is one stream.
    onLargeBlob: (digest, size, content) => {
      const next = turn.then(async () => (await open()).addStream(blobPath(digest), size, content))
      turn = next.then(() => {
        streamed.set(digest, size)
      })
      turn.catch(() => undefined)
      return turn
    },
    blobs: new Map(),
    cut: new Map(),
    manifests: new Map(),
    root: undefined,
    reached: false,
  }
  try {
    await push(context, transfer, session)
    const manifest = chooseManifest(session, image)
    const parsed = parseImageManifest(manifest.bytes)
    const config = parsed === undefined ? undefined : session.blobs.get(parsed.config.digest)
    const diffIds = config === undefined ? undefined : parseDiffIds(config)
    if (parsed === undefined || config === undefined || diffIds === undefined)
      throw new Error('the engine pushed no image that can be read')
    const layers = parsed.layers.map((layer, index) => ({ ...layer, diffId: diffIds[index] ?? '' }))
    const absent = layers.find(
      layer => needed.has(layer.diffId) && !session.blobs.has(layer.digest) && !streamed.has(layer.digest),
    )
    if (absent !== undefined) throw new Error('a layer was larger than the engine says')
    // The engine may also have pushed layers that every node has: those that are smaller than what it was told to stop at.
    const kept = layers.filter(layer => needed.has(layer.diffId) && session.blobs.has(layer.digest))
    const blobs = new Map<string, Buffer>()
    for (const digest of [parsed.config.digest, ...kept.map(layer => layer.digest)]) {
      const content = session.blobs.get(digest)
      if (content !== undefined) blobs.set(digest, content)
    }
    transfer.signal.throwIfAborted()
    const sent = await importBlobs(transfer, { manifest, blobs, streaming: await importing })
    return {
      configDigest: parsed.config.digest,
      ...sent,
      sentLayers: kept.length + layers.filter(layer => streamed.has(layer.digest)).length,
      learned: {
        layers: Object.fromEntries(layers.map(({ digest, diffId, size }) => [digest, { diffId, size }])),
        configs: { [image.id]: parsed.config.digest },
      },
    }
  } catch (error) {
    await importing?.then(archive => archive.abort()).catch(() => undefined)
    // An engine that went away says nothing of whether it could reach us.
    throw session.reached || isCut(error)
      ? error
      : new RegistryUnreachable(`the engine does not reach this machine: ${messageOf(error)}`)
  }
}

/** What was streamed as it came is completed; else all goes as one piece through the program that is open on each node. */
async function importBlobs(
  { image, name, nodes, signal, onSent }: Transfer,
  what: {
    readonly manifest: RawManifest
    readonly blobs: ReadonlyMap<string, Buffer>
    readonly streaming: ArchiveImport | undefined
  },
): Promise<Pick<Transferred, 'sentBytes' | 'shown'>> {
  const { manifest, blobs, streaming } = what
  const fill = async (archive: Pick<ArchiveImport, 'add'>) => {
    for (const [digest, content] of blobs) await archive.add(blobPath(digest), content)
    signal.throwIfAborted()
    await writeLayout(archive, manifest, name)
  }
  if (streaming !== undefined) {
    await fill(streaming)
    await streaming.finish()
    return { sentBytes: streaming.sentBytes }
  }
  const archive = createWholeArchive()
  await fill(archive)
  const content = await archive.finish(RECORD_BYTES)
  const digest = sha256Digest(manifest.bytes)
  const whole = { content, name, manifest: digest, chains: chainIds(image.diffIds) }
  const sent = nodes.map(() => 0)
  const imports = nodes.map(async (node, index) => {
    const { references } = await node.importWhole(whole, bytes => {
      sent[index] = bytes
      onSent(Math.min(...sent))
    })
    if (references.get(name) !== digest)
      throw new NodeImportError(node.name, 'the runtime does not list the image under its name', digest)
  })
  await Promise.race([Promise.all(imports), rejectOnAbort(signal)])
  return { sentBytes: content.byteLength, shown: true }
}

const blobPath = (digest: string): string => `blobs/${digest.replace(':', '/')}`

/** The layout's own files come last: an archive that breaks off before them is no image to containerd. */
export async function writeLayout(
  archive: Pick<ArchiveImport, 'add'>,
  manifest: RawManifest,
  name: string,
): Promise<void> {
  await archive.add(blobPath(sha256Digest(manifest.bytes)), manifest.bytes)
  for (const [file, content] of Object.entries(ociLayoutFiles(manifest, name)))
    await archive.add(file, Buffer.from(content))
}

async function push(
  { docker, engine, registry, memory }: PushContext,
  transfer: Transfer,
  session: PushSession,
) {
  const { image, signal } = transfer
  const repository = `127.0.0.1:${registry.port}/${memory.repository}`
  // One tag for each image, so that a late push of an earlier one cannot be taken for this.
  const tag = image.id.replace('sha256:', '').slice(0, 32)
  using _open = registry.open(session)
  await docker.getImage(image.id).tag({ repo: repository, tag, abortSignal: signal })
  try {
    const stream = await docker.getImage(repository).push({
      tag,
      // The engine insists on credentials; for our registry any will do.
      authconfig: { username: '', password: '', serveraddress: repository },
      abortSignal: signal,
      ...(engine.pushesPlatform
        ? { platform: JSON.stringify({ os: image.os, architecture: image.architecture }) }
        : {}),
    })
    await readProgress(Readable.from(stream), signal)
  } finally {
    await docker
      .getImage(`${repository}:${tag}`)
      .remove({ noprune: true })
      .catch(() => undefined)
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }),
  )
}

function chooseManifest(session: PushSession, image: EngineImage): RawManifest {
  const { root } = session
  if (root === undefined) throw new Error('the engine pushed no manifest')
  const entries = parseIndex(root.bytes)
  if (entries === undefined) return root
  const chosen = pickManifest(entries, image)
  const manifest = chosen === undefined ? undefined : session.manifests.get(chosen.digest)
  if (manifest === undefined) throw new Error(`the image has no ${image.os}/${image.architecture} variant`)
  return manifest
}
