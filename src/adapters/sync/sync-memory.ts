import { open, readFile } from 'node:fs/promises'
import { err, ok } from '../../core/result.js'
import type { SyncMemory } from '../../ports/sync-memory.js'

/** Beyond these, the oldest are forgotten: their containers are gone for long. */
const REMEMBERED = 2000

/** One id a line; a session starts a file of its own with what the ones before it knew. */
export async function openSyncMemory(path: string): Promise<SyncMemory> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const earlier = [...new Set(text.split('\n').filter(line => /^[0-9a-f]{8,}$/.test(line)))].slice(
    -REMEMBERED,
  )
  const known = new Set(earlier)
  return {
    earlier,
    async add(containers) {
      const fresh = containers.filter(id => !known.has(id))
      if (fresh.length === 0) return ok(undefined)
      try {
        const file = await open(path, 'a', 0o600)
        try {
          await file.write(fresh.map(id => `${id}\n`).join(''))
          await file.datasync()
        } finally {
          await file.close()
        }
      } catch (error) {
        return err({
          kind: 'state-unusable',
          path,
          message: error instanceof Error ? error.message : String(error),
        })
      }
      for (const id of fresh) known.add(id)
      return ok(undefined)
    },
  }
}
