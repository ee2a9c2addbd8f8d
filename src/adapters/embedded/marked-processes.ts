import { readdir, readFile } from 'node:fs/promises'

/** The variable by which a process and all that comes of it is known, whatever group or session it made for itself. */
export const MARK = 'DEVLOOP_CONTAINER'

/** Kills every process that carries the mark. On Linux, where other processes' variables can be read; elsewhere only their group is known. */
export async function endMarked(mark: string, platform: NodeJS.Platform): Promise<void> {
  if (platform !== 'linux') return
  // One that is killed may have started another just before.
  for (let round = 0; round < 5; round++) {
    const found = await markedProcesses(mark)
    if (found.length === 0) return
    for (const pid of found) kill(pid)
  }
}

/** The pids of the living processes that carry the mark; of other users' nothing is known. */
export async function markedProcesses(mark: string): Promise<readonly number[]> {
  const wanted = `${MARK}=${mark}`
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const carries = await Promise.all(
    pids.map(async pid => {
      const variables = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
      return variables.split('\0').includes(wanted)
    }),
  )
  return pids.filter((pid, at) => carries[at] === true && pid !== process.pid)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
