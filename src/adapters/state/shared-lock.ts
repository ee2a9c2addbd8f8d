import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Result } from '../../core/result.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import type { OwnerLock } from '../../ports/state-store.js'
import { takeLock } from './owner-lock.js'
import { guardFiles } from './state-failure.js'

/** A lock that all projects share, in a folder of its own under the state's home. `already-running` while another process has it. */
export async function takeSharedLock(
  home: string,
  { name, runner }: { readonly name: string; readonly runner: ProcessRunner },
): Promise<Result<OwnerLock>> {
  const directory = join(home, name)
  const made = await guardFiles(directory, () => mkdir(directory, { recursive: true, mode: 0o700 }))
  return made.ok ? takeLock(directory, { configFile: '', command: name }, runner) : made
}
