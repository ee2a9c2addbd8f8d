import { readdirSync, readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'

/** The variable by which a process and all that comes of it is known, whatever group or session it made for itself. */
export const MARK = 'DEVLOOP_CONTAINER'

/** Kills every process that carries one of the marks, or one that begins with it and a slash: what is run beside a program has a mark of its own below that of the program. On Linux, where other processes' variables can be read; elsewhere only their group is known. */
export async function endMarked(marks: readonly string[], platform: NodeJS.Platform): Promise<void> {
  if (platform !== 'linux' || marks.length === 0) return
  // One that is killed may have started another just before.
  for (let round = 0; round < 5; round++) {
    const found = await markedProcesses(marks)
    if (found.length === 0) return
    for (const pid of found) kill(pid)
  }
}

/** `endMarked` in one go, for the end of this process, which waits for nothing. */
export function killMarked(marks: readonly string[], platform: NodeJS.Platform): void {
  if (platform !== 'linux' || marks.length === 0) return
  for (const pid of pidsIn(readdirSync('/proc'))) if (carries(variablesNow(pid), marks)) kill(pid)
}

/** The pids of the living processes that carry one of the marks; of other users' nothing is known. */
export async function markedProcesses(marks: readonly string[]): Promise<readonly number[]> {
  const pids = pidsIn(await readdir('/proc'))
  const isMarked = await Promise.all(
    pids.map(async pid => carries(await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => ''), marks)),
  )
  return pids.filter((_, at) => isMarked[at] === true)
}

function pidsIn(names: readonly string[]): readonly number[] {
  return names
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => pid !== process.pid)
}

function variablesNow(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return ''
  }
}

/** Of an environment as the system keeps it: each variable ends with a NUL. */
function carries(variables: string, marks: readonly string[]): boolean {
  if (!variables.includes(`${MARK}=`)) return false
  return variables.split('\0').some(variable => {
    const [name, value = ''] = variable.split(/=(.*)/s)
    return name === MARK && marks.some(mark => value === mark || value.startsWith(`${mark}/`))
  })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
