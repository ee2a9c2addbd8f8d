import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, open, realpath } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Header, Pack } from 'tar-stream'
import type { ContextFile, ContextSnapshot } from '../../core/build-input.js'
import type { ServiceSpec } from '../../core/project.js'
import { ContextChangedError } from './context-changed-error.js'
import { isGone } from './file-calls.js'
import { relativeTo } from './service-rules.js'

/** A context on its way to the builder. */
export interface ContextTar {
  /** Uncompressed; read with back-pressure. Ends with a ContextChangedError where a file is no longer what the snapshot says. */
  readonly stream: Readable
  /** The Dockerfile's name within the tar. */
  readonly dockerfile: string
}

type EntryHeader = Partial<Header> & { readonly name: string }

/** Up to this size a file is checked before its first byte is sent. */
const wholeBytes = 1 << 20

/**
 * Packs what a snapshot names, in its order, owned by root as Docker does. Every file's content is checked against the snapshot, so that an image is never tagged
 * with the fingerprint of other content. Modification times are kept, in whole seconds: neither builder's cache looks at them, but web servers make ETags of
 * them. A Dockerfile that the build itself must not see goes in under a name of ours, and `.dockerignore` in the tar makes the classic builder take
 * it away before the first step, the way the docker CLI does it; BuildKit leaves both files in a `COPY . .`.
 */
export async function contextTar(options: {
  readonly service: ServiceSpec
  readonly snapshot: ContextSnapshot
}): Promise<ContextTar> {
  const { pack } = await import('./pack.js')
  const { service, snapshot } = options
  const context = await realpath(service.context)
  const inside = relativeTo(service.context, service.dockerfile)
  const visible = snapshot.files.some(file => file.path === inside && file.type === 'file')
  const plan: Plan =
    inside !== undefined && visible
      ? { name: inside, hidden: false }
      : { name: hiddenName(snapshot), hidden: true }
  const tar = pack()
  void fill(tar, { context, snapshot, plan }).catch((error: unknown) =>
    tar.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  return { stream: tar as unknown as Readable, dockerfile: plan.name }
}

interface Plan {
  readonly name: string
  readonly hidden: boolean
}

/** The same for the same Dockerfile, so that the context is too. */
const hiddenName = (snapshot: ContextSnapshot): string =>
  `.dockerfile.${createHash('sha256').update(snapshot.dockerfile).digest('hex').slice(0, 20)}`

async function fill(
  tar: Pack,
  {
    context,
    snapshot,
    plan,
  }: { readonly context: string; readonly snapshot: ContextSnapshot; readonly plan: Plan },
): Promise<void> {
  let ignoreText: string | undefined
  for (const file of snapshot.files) {
    if (plan.hidden && file.path === '.dockerignore' && file.type === 'file')
      ignoreText = (await readChecked(`${context}/${file.path}`, file)).toString('utf8')
    else if (!plan.hidden && file.path === plan.name)
      await write(tar, await header(context, file), Buffer.from(snapshot.dockerfile))
    else await sendEntry(tar, context, file)
  }
  if (plan.hidden) {
    await write(tar, { name: plan.name, mode: 0o600, mtime: new Date(0) }, Buffer.from(snapshot.dockerfile))
    // A project's own file that the build may see keeps its rules; otherwise the file takes itself away too.
    const rules = `${ignoreText ?? '.dockerignore'}\n${plan.name}\n`
    await write(tar, { name: '.dockerignore', mode: 0o644, mtime: new Date(0) }, Buffer.from(rules))
  }
  tar.finalize()
}

async function sendEntry(tar: Pack, context: string, file: ContextFile): Promise<void> {
  const path = `${context}/${file.path}`
  let head: EntryHeader
  try {
    head = await header(context, file)
  } catch (error) {
    if (!isGone(error)) throw error
    // What is not in the digest comes and goes.
    if (file.sha256 === undefined && file.type === 'file') return
    throw new ContextChangedError(file.path)
  }
  if (file.type !== 'file') return write(tar, head)
  if (file.size <= wholeBytes) return write(tar, head, await readChecked(path, file))
  return stream(tar, head, { path, file })
}

async function header(context: string, file: ContextFile): Promise<EntryHeader> {
  const stat = await lstat(`${context}/${file.path}`)
  const mtime = new Date(Math.floor(stat.mtimeMs / 1000) * 1000)
  const common = { name: file.path, mode: file.mode, mtime, uid: 0, gid: 0 }
  switch (file.type) {
    case 'directory':
      return { ...common, type: 'directory' }
    case 'symlink':
      return { ...common, type: 'symlink', linkname: file.linkTarget ?? '' }
    case 'file':
      return { ...common, type: 'file', size: file.sha256 === undefined ? stat.size : file.size }
  }
}

async function readChecked(path: string, file: ContextFile): Promise<Buffer> {
  try {
    const handle = await open(path)
    try {
      const content = await handle.readFile()
      const sha256 =
        file.sha256 === undefined ? undefined : createHash('sha256').update(content).digest('hex')
      if (sha256 !== file.sha256) throw new ContextChangedError(file.path)
      return content
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw isGone(error) ? new ContextChangedError(file.path) : error
  }
}

function write(tar: Pack, head: EntryHeader, content?: Buffer): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null): void => {
      if (error) reject(error)
      else resolve()
    }
    if (content === undefined) tar.entry(head, done)
    else tar.entry({ ...head, size: content.length }, content, done)
  }).then(() => drained(tar))
}

/** Waits until the reader has taken what was packed. */
async function drained(tar: Pack): Promise<void> {
  const readable = tar as unknown as Readable & { _writableState?: unknown; _drain?: () => void }
  while (!readable.destroyed && readable.readableLength > wholeBytes)
    await new Promise(resolve => setTimeout(resolve, 1))
}

async function stream(
  tar: Pack,
  head: EntryHeader,
  { path, file }: { readonly path: string; readonly file: ContextFile },
): Promise<void> {
  const size = head.size ?? 0
  const hash = createHash('sha256')
  let failed: (error: Error) => void = () => undefined
  const finished = new Promise<void>((resolve, reject) => {
    failed = reject
    const entry = tar.entry(head, error => (error ? reject(error) : resolve()))
    entry.on('error', reject)
    void (async () => {
      let sent = 0
      for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
        sent += chunk.length
        // tar-stream would write on past the size in the header; the tar must not be finished either way.
        if (sent > size) throw new ContextChangedError(file.path)
        hash.update(chunk)
        if (!entry.write(chunk)) await new Promise<void>(next => entry.once('drain', () => next()))
      }
      if (sent !== size || (file.sha256 !== undefined && hash.digest('hex') !== file.sha256))
        throw new ContextChangedError(file.path)
      entry.end(undefined)
    })().catch((error: unknown) =>
      failed(isGone(error) ? new ContextChangedError(file.path) : (error as Error)),
    )
  })
  await finished
}
