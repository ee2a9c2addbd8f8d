import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type Docker from 'dockerode'
import { extract } from 'tar-stream'
import { chainIds } from '../../core/load/chain-ids.js'
import { parseDiffIds, uncompressedManifest } from '../../core/load/oci-image.js'
import { openArchiveImport } from './archive-import.js'
import type { EngineFacts, EngineImage } from './engine-image.js'
import { lastWords, NodeImportError } from './node-process.js'
import { type Transfer, type Transferred, writeLayout } from './push-transfer.js'

/**
 * `docker save`, layers that every node has dropped on the way, imported as an OCI layout with plain tars. Classic store only. The layers
 * keep the archive's own file names: the importer finds a blob by its content, whatever its name.
 */
export async function transferByFilteredSave(docker: Docker, transfer: Transfer): Promise<Transferred> {
  const { image } = transfer
  const archive = await openArchiveImport(transfer.nodes, transfer.onSent)
  const needed = new Set(transfer.missing.map(index => image.diffIds[index]))
  try {
    const saved = await openSave(docker, image.reference, transfer.signal)
    let config: Buffer | undefined
    let layers = 0
    let diffId: string | undefined
    const configHex = image.id.replace('sha256:', '')
    for await (const entry of saved.pipe(extract())) {
      const { name, size = 0, type } = entry.header
      if (type !== 'file') entry.resume()
      else if (name === `${configHex}.json` || name === `blobs/sha256/${configHex}`) {
        config = await buffer(entry)
        await archive.add(`blobs/sha256/${configHex}`, config)
      } else if (name.endsWith('/json')) diffId = legacyLayer(name, await buffer(entry), image)
      else {
        const modern = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1]
        const layer = modern === undefined ? diffId : `sha256:${modern}`
        const isLayer =
          name.endsWith('/layer.tar') || (modern !== undefined && image.diffIds.includes(`sha256:${modern}`))
        if (isLayer && (layer === undefined || needed.has(layer))) {
          layers += 1
          await archive.addStream(name, size, Readable.from(entry, { objectMode: false }))
        } else entry.resume()
      }
    }
    transfer.signal.throwIfAborted()
    if (config === undefined || parseDiffIds(config) === undefined)
      throw new Error('the saved archive has no config of the image')
    const manifest = uncompressedManifest({
      configDigest: image.id,
      configSize: config.byteLength,
      layers: image.diffIds.map((id, index) => ({ diffId: id, size: image.sizes[index] ?? 0 })),
    })
    await writeLayout(archive, manifest, transfer.name)
    await archive.finish()
    return { configDigest: image.id, sentBytes: archive.sentBytes, sentLayers: layers }
  } catch (error) {
    await archive.abort()
    throw error
  }
}

/** `docker save` as it comes, imported on each node: depends on nothing but Docker and containerd. */
export async function transferBySave(
  docker: Docker,
  engine: EngineFacts,
  transfer: Transfer,
): Promise<Transferred> {
  const { image } = transfer
  // Beside the image the containerd store would save attestations whose blobs may be absent (kind#3795).
  const platform = engine.savesPlatform ? { os: image.os, architecture: image.architecture } : undefined
  const saved = await openSave(docker, image.reference, transfer.signal, platform)
  const importers = await Promise.all(
    transfer.nodes.map(async node => ({ node, process: await node.startImport() })),
  )
  let sentBytes = 0
  try {
    for (const { process } of importers) process.input.on('error', () => undefined)
    for await (const chunk of saved) {
      sentBytes += chunk.byteLength
      transfer.onSent(sentBytes)
      await Promise.all(
        importers
          .filter(({ process }) => process.input.writable && !process.input.write(chunk))
          .map(({ process }) =>
            Promise.race([once(process.input, 'drain'), process.exited.catch(() => undefined)]),
          ),
      )
    }
    transfer.signal.throwIfAborted()
  } finally {
    for (const { process } of importers) process.input.end()
  }
  for (const { node, process } of importers) {
    const exit = await process.exited
    if (exit.exitCode !== 0) throw new NodeImportError(node.name, lastWords(exit))
  }
  const configDigest = engine.store === 'classic' ? image.id : undefined
  return { configDigest, sentBytes, sentLayers: image.diffIds.length }
}

/** dockerode's `get` has no signal and no platform, so the request is made with its modem. */
function openSave(
  docker: Docker,
  reference: string,
  signal: AbortSignal,
  platform?: { readonly os: string; readonly architecture: string },
): Promise<Readable> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        // docker-modem makes the query from the options where the path ends in a question mark.
        path: `/images/${reference}/get?`,
        method: 'GET',
        options: platform === undefined ? {} : { platform: JSON.stringify(platform) },
        isStream: true,
        abortSignal: signal,
        statusCodes: { 200: true, 404: 'no such image', 500: 'server error' },
      },
      (error: unknown, stream: unknown) => {
        if (error !== null && error !== undefined) return reject(error)
        const readable = stream as Readable
        const stop = () => readable.destroy(new Error('aborted'))
        signal.addEventListener('abort', stop, { once: true })
        readable.once('close', () => signal.removeEventListener('abort', stop))
        resolve(readable)
      },
    )
  })
}

/**
 * Before Docker 25 an archive names a layer by an id that is a hash over its `json` file and chainID (moby, image/v1 CreateID). The file
 * comes before the layer, so trying each chainID tells which layer follows. Undefined where none fits: then the layer is sent, needed or not.
 */
function legacyLayer(name: string, content: Buffer, image: EngineImage): string | undefined {
  const directory = name.slice(0, -'/json'.length)
  const fields: Record<string, unknown> = JSON.parse(content.toString())
  const { id: _id, parent, ...rest } = fields
  // The operating system is written into the file of every layer but the last only after its id was made (moby, tarexport/save.go).
  const { os: _os, ...unnamed } = rest
  const index = chainIds(image.diffIds).findIndex(chain =>
    [unnamed, rest].some(own => {
      const value: Record<string, unknown> = {
        ...own,
        layer_id: chain,
        ...(typeof parent === 'string' ? { parent: `sha256:${parent}` } : {}),
      }
      const sorted = goJson(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))))
      return createHash('sha256').update(sorted).digest('hex') === directory
    }),
  )
  return image.diffIds[index]
}

/** JSON as Go writes it, which escapes what HTML gives a meaning. */
const goJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
