import { rm } from 'node:fs/promises'
import type { ProcessRunner } from '../../ports/process-runner.js'
import { endMarked, markedProcesses } from '../process/marked-processes.js'
import { endProcessGroup, signalGroup } from '../process/process-group.js'
import { readNdjson } from './ndjson-file.js'
import { childrenFile } from './owner-lock.js'
import { bootId, processStart } from './process-start.js'

/** How long a group has after SIGTERM, in milliseconds, before it is killed. */
const grace = 2000

/**
 * Ends the process groups that a dead owner left behind. A group lives on as long as any process of it does, and the system gives its number to
 * nobody else meanwhile; a leader with another start time is a stranger. What left the group and carries its mark is killed. Call it only as the owner of the lock.
 */
export async function endOrphans(directory: string, runner: ProcessRunner): Promise<readonly number[]> {
  const { leaders, marks, marked } = await readChildren(directory, runner)
  const groups = await Promise.all(leaders.map(endGroup))
  await endMarked(marks, process.platform)
  await rm(childrenFile(directory), { force: true })
  return [...leaders.filter((_, at) => groups[at] === true), ...marked]
}

/** The leaders of those groups, and what left them. */
export async function findOrphans(directory: string, runner: ProcessRunner): Promise<readonly number[]> {
  const { leaders, marked } = await readChildren(directory, runner)
  return [...leaders, ...marked]
}

interface Child {
  readonly pid: number
  readonly started: string
  readonly mark?: string
}

interface Children {
  /** A leader that ended may have left its group behind. */
  readonly leaders: readonly number[]
  readonly marks: readonly string[]
  /** What carries one of the marks and leads no group of these. */
  readonly marked: readonly number[]
}

async function readChildren(directory: string, runner: ProcessRunner): Promise<Children> {
  const { values } = await readNdjson(childrenFile(directory))
  if (values.length === 0) return { leaders: [], marks: [], marked: [] }
  const boot = await bootId()
  const found: number[] = []
  for (const { pid, started } of values as readonly Child[]) {
    // 0 and 1 would mean our own group and every process.
    if (!Number.isInteger(pid) || pid < 2) continue
    const now = await processStart(pid, runner)
    if (now === undefined ? !started.startsWith(boot) : now !== started) continue
    if (process.platform === 'win32' || signalGroup(pid, 0)) found.push(pid)
  }
  const marks = (values as readonly Child[]).flatMap(({ mark }) => (typeof mark === 'string' ? [mark] : []))
  const marked = process.platform === 'linux' && marks.length > 0 ? await markedProcesses(marks) : []
  return { leaders: found, marks, marked: marked.filter(pid => !found.includes(pid)) }
}

/** False where there was nothing to end. */
async function endGroup(leader: number): Promise<boolean> {
  if (process.platform === 'win32') return process.kill(leader)
  if (!signalGroup(leader, 0)) return false
  await endProcessGroup(leader, grace)
  return true
}
