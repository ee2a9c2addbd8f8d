import { readdir, readFile, readlink } from 'node:fs/promises'
import type { ProcessRunner } from '../../ports/process-runner.js'

export interface PortOwner {
  readonly pid: number
  readonly program: string
}

/**
 * Who listens at a TCP port of this machine, as far as this user may know: /proc on Linux, `lsof` elsewhere. `likely` is the process that is looked at first:
 * to look through all of a machine's takes a tenth of a second.
 */
export async function portOwner(
  port: number,
  options: {
    readonly platform: NodeJS.Platform
    readonly runner: ProcessRunner
    readonly likely?: number | undefined
  },
): Promise<PortOwner | undefined> {
  const { platform, runner, likely } = options
  try {
    return platform === 'linux' ? await linuxOwner(port, likely) : await lsofOwner(port, runner)
  } catch {
    return undefined
  }
}

/** https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt: state 0A is LISTEN. */
async function linuxOwner(port: number, likely: number | undefined): Promise<PortOwner | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map(file => readFile(file, 'utf8').catch(() => '')),
  )
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const sockets = new Set(
    tables
      .flatMap(table => table.split('\n').slice(1))
      .map(line => line.trim().split(/\s+/))
      .filter(fields => fields[1]?.endsWith(`:${hex}`) === true && fields[3] === '0A')
      .map(fields => `socket:[${fields[9] ?? ''}]`),
  )
  if (sockets.size === 0) return undefined
  if (likely !== undefined && (await holdsAny(likely, sockets))) return described(likely)
  for (const pid of await byLikelihood(likely)) if (await holdsAny(pid, sockets)) return described(pid)
  return undefined
}

/** What a process started has most often a higher number, and one that is near. */
async function byLikelihood(likely: number | undefined): Promise<readonly number[]> {
  const pids = (await readdir('/proc'))
    .filter(entry => /^\d+$/.test(entry))
    .map(Number)
    .filter(pid => pid !== likely)
  if (likely === undefined) return pids
  return [...pids.filter(pid => pid > likely), ...pids.filter(pid => pid < likely)]
}

async function holdsAny(pid: number, sockets: ReadonlySet<string>): Promise<boolean> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
  for (const file of files)
    if (sockets.has(await readlink(`/proc/${pid}/fd/${file}`).catch(() => ''))) return true
  return false
}

async function described(pid: number): Promise<PortOwner> {
  const line = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim()
  return { pid, program: line.slice(0, 80) || 'a program' }
}

async function lsofOwner(port: number, runner: ProcessRunner): Promise<PortOwner | undefined> {
  const lines: string[] = []
  await runner.run(['lsof', '-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
    onLine: line => lines.push(line),
  })
  const pid = lines.find(line => /^p\d+$/.test(line))
  const program = lines.find(line => line.startsWith('c'))
  return pid === undefined
    ? undefined
    : { pid: Number(pid.slice(1)), program: program?.slice(1) ?? 'a program' }
}
