import { join } from 'node:path'
import { createHookFiles } from '../adapters/source/hook-files.js'
import { openHookMemory } from '../adapters/state/hook-memory.js'
import type { HookTools } from '../engine/hooks/run-hooks.js'
import type { Adapters } from './compose.js'
import type { CommandIo } from './io.js'

/** What hooks run with; what they left is kept in the project's state folder. */
export async function composeHooks(
  { platform }: Pick<CommandIo, 'platform'>,
  { runner }: Pick<Adapters, 'runner'>,
  options: Pick<HookTools, 'exec' | 'registerChild' | 'context'> & { readonly stateFolder: string },
): Promise<HookTools> {
  const { stateFolder, ...others } = options
  return {
    runner,
    platform,
    files: createHookFiles(),
    memory: await openHookMemory(join(stateFolder, 'hooks.json')),
    ...others,
  }
}
