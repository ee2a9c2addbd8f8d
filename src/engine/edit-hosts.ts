import { type Edited, withBlock, withoutBlock } from '../core/hosts/block.js'
import { err, ok, type Result } from '../core/result.js'
import type { HostsTools } from './gather-hosts.js'

/** A change of the hosts file that nobody has made yet. */
export interface HostsChange {
  readonly before: string
  readonly after: string
}

/** The hosts file with these lines in the project's block. */
export async function planBlock(
  { file, id }: HostsTools,
  lines: readonly string[],
): Promise<Result<HostsChange>> {
  const read = await file.read()
  return read.ok ? changeOf(file.path, read.value, withBlock(read.value, id, lines)) : read
}

/** The hosts file without the project's block. */
export async function planRemoval({ file, id }: HostsTools): Promise<Result<HostsChange>> {
  const read = await file.read()
  return read.ok ? changeOf(file.path, read.value, withoutBlock(read.value, id)) : read
}

/** Takes the project's block away; resolves with the path of the backup, or undefined where there was no block. */
export async function removeBlock(tools: HostsTools): Promise<Result<string | undefined>> {
  const planned = await planRemoval(tools)
  if (!planned.ok) return planned
  return planned.value.before === planned.value.after ? ok(undefined) : tools.file.write(planned.value)
}

function changeOf(file: string, before: string, edited: Edited): Result<HostsChange> {
  if (edited.kind === 'edited') return ok({ before, after: edited.text })
  const message = `line ${edited.line}: ${edited.message}`
  return err({ kind: 'hosts-file-failed', file, reason: 'damaged', message })
}
