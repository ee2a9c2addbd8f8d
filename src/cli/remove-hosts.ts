import { explain } from '../core/explain.js'
import { removeBlock } from '../engine/edit-hosts.js'
import type { HostsTools } from '../engine/gather-hosts.js'

/** The end of a project takes its block out of the hosts file without a question. What keeps the block there is told, and is no failure. */
export async function removeHosts(tools: HostsTools, say: (message: string) => void): Promise<void> {
  const removed = await removeBlock(tools)
  if (!removed.ok) {
    const { title, detail, hints } = explain(removed.error)
    say(`the names that devloop wrote stay in ${tools.file.path}: ${[title, ...detail, ...hints].join('; ')}`)
  } else if (removed.value !== undefined) say(`the names that devloop wrote are gone from ${tools.file.path}`)
}
