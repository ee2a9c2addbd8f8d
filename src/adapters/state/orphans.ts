import { rm } from 'node:fs/promises'
import type { ProcessRunner } from '../../ports/process-runner.js'
import { endProcessGroup, signalGroup } from '../process/process-group.js'
import { readNdjson } from './ndjson-file.js'
import { childrenFile } from './owner-lock.js'
import { bootId, processStart } from './process-start.js'

/** How long a group has after SIGTERM, in milliseconds, before it is killed. */
const grace = 2000

/**
 * Ends the process groups that a dead owner left behind. A group lives on as long as any process of it does, and the system gives its number to
 * nobody else meanwhile; a leader with another start time is a stranger. Call it only as the owner of the lock.
 */
export async function endOrphans(directory: string, runner: ProcessRunner): Promise<readonly number[]> {
  const ended: number[] = []
  for (const pid of await findOrphans(directory, runner)) if (await endGroup(pid)) ended.push(pid)
  await rm(childrenFile(directory), { force: true })
  return ended
}

/** The leaders of those groups. A leader that ended may have left its group behind. */
export async function findOrphans(directory: string, runner: ProcessRunner): Promise<readonly number[]> {
  const { values } = await readNdjson(childrenFile(directory))
  if (values.length === 0) return []
  const boot = await bootId()
  const found: number[] = []
  for (const { pid, started } of values as readonly { readonly pid: number; readonly started: string }[]) {
    // 0 and 1 would mean our own group and every process.
    if (!Number.isInteger(pid) || pid < 2) continue
    const now = await processStart(pid, runner)
    if (now === undefined ? !started.startsWith(boot) : now !== started) continue
    if (process.platform === 'win32' || signalGroup(pid, 0)) found.push(pid)
  }
  return found
}

/** False where there was nothing to end. */
async function endGroup(leader: number): Promise<boolean> {
  if (process.platform === 'win32') return process.kill(leader)
  if (!signalGroup(leader, 0)) return false
  await endProcessGroup(leader, grace)
  return true
}
