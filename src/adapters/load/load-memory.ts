import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

/** What is kept from one run to the next, so that the engine's own memory of its pushes stays useful. Losing it costs time only. */
export interface LoadMemory {
  /** The port that the engine knows as the registry; 0 before the first push. */
  readonly port: number
  /** The repository's name. Its random part keeps other programs on this machine from pushing into ours. */
  readonly repository: string
  /** Digest of a pushed layer → its size in the manifest. Also digests that stand for layers that came in part. */
  readonly layers: Readonly<Record<string, { readonly diffId: string; readonly size: number }>>
  /** The engine's image id → digest of the image's config. They differ in the containerd store. */
  readonly configs: Readonly<Record<string, string>>
}

const schema = z.object({
  port: z.number().int().min(0).max(65_535),
  repository: z.string().regex(/^devloop\/[0-9a-f]{16}$/),
  layers: z.record(z.string(), z.object({ diffId: z.string(), size: z.number() })),
  configs: z.record(z.string(), z.string()),
})

/** Entries kept of each kind, the newest: some hundred bytes each. */
const ENTRY_LIMIT = 3000
const FILE = 'image-loads.json'

/** Reads the memory of a state folder; an absent or damaged one starts anew. */
export async function readLoadMemory(folder: string): Promise<LoadMemory> {
  try {
    return schema.parse(JSON.parse(await readFile(join(folder, FILE), 'utf8')))
  } catch {
    return { port: 0, repository: `devloop/${randomBytes(8).toString('hex')}`, layers: {}, configs: {} }
  }
}

/** Writes the memory in one step. A failure is of no consequence but speed, so it is swallowed. */
export async function writeLoadMemory(folder: string, memory: LoadMemory): Promise<void> {
  const file = join(folder, FILE)
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  const kept = { ...memory, layers: newest(memory.layers), configs: newest(memory.configs) }
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(temporary, JSON.stringify(kept), { mode: 0o600 })
    await rename(temporary, file)
  } catch {}
}

const newest = <T>(entries: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).slice(-ENTRY_LIMIT))
