import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** How often a group that is being ended is looked at, in milliseconds: there is no event for the end of a grandchild. */
const pollInterval = 20
/** So many looks ask only whether the group can be signalled; then all processes of the machine are read, which takes longer than most programs need to end. */
const looksBetweenReads = 5
/** How long to wait after SIGKILL, in milliseconds: a process in an uninterruptible system call does not end before the call does. */
const killedWait = 1000

/**
 * Ends a detached process together with everything that it started: `signal` to its group, SIGKILL to what is still there after `grace`
 * milliseconds. Resolves when the group is gone. POSIX only; the process must be the leader of its group.
 */
export async function endProcessGroup(
  leader: number,
  grace: number,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  signalGroup(leader, signal)
  if (await groupGone(leader, grace)) return
  signalGroup(leader, 'SIGKILL')
  await groupGone(leader, killedWait)
}

/** Sends a signal to every process of the group; `0` only asks. False where no process is left that can be signalled. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal)
  } catch {
    // ESRCH: the group is gone. EPERM (macOS: only zombies are left; elsewhere: all of them changed their user): nothing to do either.
    return false
  }
}

async function groupGone(leader: number, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds
  for (let looks = 1; signalGroup(leader, 0); looks++) {
    const isLast = performance.now() >= deadline
    if ((isLast || looks % looksBetweenReads === 0) && (await onlyZombies(leader))) return true
    if (isLast) return false
    await delay(pollInterval)
  }
  return true
}

/**
 * Whether what is left of the group has ended and only waits to be reaped. Orphans are reaped by process 1, which in many containers
 * does so late or never. Linux only; elsewhere false.
 */
async function onlyZombies(leader: number): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const states = await Promise.all(
    pids.map(async pid => stateIn(leader, await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''))),
  )
  return states.every(state => state === undefined || state === 'Z' || state === 'X')
}

/** The process's state by proc(5) where it belongs to the group. The name before it, in parentheses, may hold anything. */
function stateIn(leader: number, stat: string): string | undefined {
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(group) === leader ? state : undefined
}
