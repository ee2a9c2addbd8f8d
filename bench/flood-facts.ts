import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Resident bytes and hundredths of a second of processor time of a process. */
export async function usage(pid: number): Promise<{ readonly resident: number; readonly ticks: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const stat = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ')
  return {
    resident: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024,
    ticks: Number(stat[13]) + Number(stat[14]),
  }
}

/** What the log view holds on disk of the flood: each line with its pod, in the order of their numbers. */
export async function keptLines(state: string): Promise<{ readonly count: number; readonly wrong: number }> {
  const files = (await readdir(state, { recursive: true })).filter(path => /(^|\/)logs\//.test(path))
  const rows: { readonly seq: number; readonly origin: number; readonly line: number }[] = []
  for (const file of files) {
    const text = await readFile(join(state, file), 'utf8').catch(() => '')
    for (const match of text.matchAll(/^\[(\d+),(\d+),"line","[^"]*","flood (\d+) of/gm))
      rows.push({ seq: Number(match[1]), origin: Number(match[2]), line: Number(match[3]) })
  }
  rows.sort((a, b) => a.seq - b.seq)
  const next = new Map<number, number>()
  let wrong = 0
  for (const { origin, line } of rows) {
    if (line !== (next.get(origin) ?? 0)) wrong += 1
    next.set(origin, line + 1)
  }
  return { count: rows.length, wrong }
}
