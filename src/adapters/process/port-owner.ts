import { readdir, readFile, readlink } from 'node:fs/promises'
import type { ProcessRunner } from '../../ports/process-runner.js'

export interface PortOwner {
  readonly pid: number
  readonly program: string
}

/** Who listens at a TCP port of this machine, as far as this user may know: /proc on Linux, `lsof` elsewhere. */
export async function portOwner(
  port: number,
  { platform, runner }: { readonly platform: NodeJS.Platform; readonly runner: ProcessRunner },
): Promise<PortOwner | undefined> {
  try {
    return platform === 'linux' ? await linuxOwner(port) : await lsofOwner(port, runner)
  } catch {
    return undefined
  }
}

/** https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt: state 0A is LISTEN. */
async function linuxOwner(port: number): Promise<PortOwner | undefined> {
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
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const files = await readdir(`/proc/${entry}/fd`).catch(() => [])
    for (const file of files) {
      const link = await readlink(`/proc/${entry}/fd/${file}`).catch(() => '')
      if (!sockets.has(link)) continue
      const line = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => ''))
        .replaceAll('\0', ' ')
        .trim()
      return { pid: Number(entry), program: line.slice(0, 80) || 'a program' }
    }
  }
  return undefined
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
