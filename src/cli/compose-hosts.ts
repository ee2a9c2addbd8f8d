import { createHostsFile } from '../adapters/hosts/hosts-file.js'
import { takeSharedLock } from '../adapters/state/shared-lock.js'
import { stateHome } from '../adapters/state/state-directory.js'
import { blockId } from '../core/hosts/block.js'
import type { HostsTools } from '../engine/gather-hosts.js'
import type { ProjectMeta } from '../ports/state-store.js'
import type { Adapters } from './compose.js'
import type { CommandIo } from './io.js'

/** The hosts file of this system, and the block in it of a project on its cluster. Without a cluster there is no block, and its id names none. */
export function composeHosts(
  { env, platform, home }: CommandIo,
  { runner }: Adapters,
  meta: Pick<ProjectMeta, 'name' | 'context'> | undefined,
): HostsTools {
  const folder = stateHome({ env: { HOME: home, ...env }, platform })
  const lock = () => takeSharedLock(folder, { name: 'hosts-lock', runner })
  return {
    file: createHostsFile({ env, platform, folder, lock }),
    id: meta === undefined ? '' : blockId(meta.name, meta.context),
  }
}
