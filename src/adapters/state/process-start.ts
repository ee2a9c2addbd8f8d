import { readFile } from 'node:fs/promises'
import type { ProcessRunner } from '../../ports/process-runner.js'

/**
 * When a process started, as text that is equal for the same process only; undefined where there is no such process. Linux: the boot and field
 * 22 of /proc/PID/stat (proc(5)), in clock ticks since that boot. Elsewhere what `ps` or PowerShell says.
 */
export async function processStart(pid: number, runner: ProcessRunner): Promise<string | undefined> {
  if (process.platform === 'linux') return linuxStart(pid)
  const argv: readonly [string, ...string[]] =
    process.platform === 'win32'
      ? ['powershell', '-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`]
      : ['ps', '-o', 'lstart=', '-p', String(pid)]
  const answer = await runner.run(argv, { env: { LC_ALL: 'C' } })
  const text = answer.ok ? answer.value.stdout.trim() : ''
  return text === '' ? undefined : text
}

async function linuxStart(pid: number): Promise<string | undefined> {
  try {
    const [stat, boot] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), bootId()])
    // The name, field 2, is in brackets and may hold anything; what follows its last bracket starts with field 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended: only its parent has not asked yet.
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    return `${boot}:${fields[19]}`
  } catch {
    return undefined
  }
}

/** Names the time since this machine started; empty where the system does not say. */
export async function bootId(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  } catch {
    return ''
  }
}
