import { readFile } from 'node:fs/promises'
import { parseOverrides } from '../../core/overrides/overrides.js'
import { ok, type Result } from '../../core/result.js'
import type { OverrideFile } from '../../ports/state-store.js'
import { guardFiles, isCode } from './state-failure.js'
import { writeAtomically } from './write-atomically.js'

/** One JSON list. A file that cannot be read as one counts as empty: it only ever says what can be asked for again. */
export async function openOverrideFile(path: string): Promise<Result<OverrideFile>> {
  const read = await guardFiles(path, async () => {
    try {
      return parseOverrides(JSON.parse(await readFile(path, 'utf8')))
    } catch (error) {
      if (isCode(error, 'ENOENT') || error instanceof SyntaxError) return []
      throw error
    }
  })
  if (!read.ok) return read
  let overrides = read.value
  return ok({
    read: () => overrides,
    write: next => {
      overrides = next
      return guardFiles(path, () => writeAtomically(path, `${JSON.stringify(next)}\n`))
    },
  })
}
