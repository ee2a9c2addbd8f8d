import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { type Pack, pack } from 'tar-stream'
import { lastWords, NodeImportError, type NodeProcess } from './node-process.js'
import type { NodeRuntime } from './node-runtime.js'

/** One archive that is written to the importers of several nodes at once, each as fast as the slowest. */
export interface ArchiveImport {
  /** Bytes written so far, once for each node. */
  readonly sentBytes: number
  add(name: string, content: Uint8Array): Promise<void>
  /** Adds a file of known size from a stream. */
  addStream(name: string, size: number, content: Readable): Promise<void>
  /** Ends the archive and waits until every node has taken it up; rejects with what a node said where one has not. */
  finish(): Promise<void>
  /** Ends the importers before the archive is complete, which makes them fail, and waits for them. */
  abort(): Promise<void>
}

/** How long an importer may take to end after an abort, in milliseconds: it may be unpacking a layer. */
const ABORT_PATIENCE_MS = 2000

/** Opens an importer on each node. */
export async function openArchiveImport(
  nodes: readonly NodeRuntime[],
  onSent: (bytes: number) => void,
): Promise<ArchiveImport> {
  const archive = pack()
  const importers = await startAll(nodes)
  let sentBytes = 0
  const flow = pump(
    archive,
    importers.map(({ process }) => process),
    bytes => {
      sentBytes += bytes
      onSent(sentBytes)
    },
  )
  flow.catch(() => undefined)
  return {
    get sentBytes() {
      return sentBytes
    },
    add: (name, content) =>
      new Promise((resolve, reject) => {
        archive.entry({ name, size: content.byteLength, mode: 0o644 }, Buffer.from(content), error =>
          error ? reject(error) : resolve(),
        )
      }),
    addStream: (name, size, content) => addStream(archive, { name, size, content }),
    async finish() {
      archive.finalize()
      const exits = await Promise.all([
        ...importers.map(async ({ node, process }) => ({ node, exit: await process.exited })),
      ])
      for (const { node, exit } of exits)
        if (exit.exitCode !== 0) throw new NodeImportError(node.name, lastWords(exit))
      await flow
    },
    async abort() {
      archive.destroy()
      for (const { process } of importers) process.input.end()
      const timer = new AbortController()
      await Promise.race([
        Promise.allSettled(importers.map(({ process }) => process.exited)),
        new Promise(resolve => {
          const handle = setTimeout(resolve, ABORT_PATIENCE_MS)
          timer.signal.addEventListener('abort', () => clearTimeout(handle))
        }),
      ])
      timer.abort()
      for (const { process } of importers) process.input.destroy()
    },
  }
}

async function startAll(nodes: readonly NodeRuntime[]) {
  const started = await Promise.allSettled(
    nodes.map(async node => ({ node, process: await node.startImport() })),
  )
  const importers = started.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = started.find(result => result.status === 'rejected')
  if (failed !== undefined) {
    for (const { process } of importers) process.input.destroy()
    throw failed.reason
  }
  return importers
}

/** Copies the archive to every importer. One that ended early is left out; its exit code tells why. */
async function pump(archive: Pack, targets: readonly NodeProcess[], onBytes: (bytes: number) => void) {
  for (const { input } of targets) input.on('error', () => undefined)
  for await (const chunk of archive as AsyncIterable<Uint8Array>) {
    const waiting = targets
      .filter(({ input }) => input.writable && !input.write(chunk))
      .map(target => Promise.race([once(target.input, 'drain'), target.exited.catch(() => undefined)]))
    onBytes(chunk.byteLength)
    await Promise.all(waiting)
  }
  for (const { input } of targets) input.end()
}

function addStream(
  archive: Pack,
  file: { readonly name: string; readonly size: number; readonly content: Readable },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const entry = archive.entry({ name: file.name, size: file.size, mode: 0o644 }, error =>
      error ? reject(error) : resolve(),
    )
    archive.once('close', () => reject(new Error('the import has ended')))
    file.content.once('error', reject)
    let ended = false
    file.content.once('end', () => {
      ended = true
    })
    file.content.once('close', () => {
      if (!ended) reject(new Error('the layer ended early'))
    })
    file.content.pipe(entry)
  })
}
