import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** Ticks of a second in /proc, on every Linux of today. */
const TICKS = 100
const PAGE = 4096

/** What the processes of a group take while nothing happens, over so many milliseconds: MB resident at the end, and percent of a core. Linux alone. */
export async function idleOf(
  group: number | undefined,
  time: number,
): Promise<{ readonly mb: number; readonly cpu: number }> {
  const before = await usageOf(group)
  await delay(time)
  const after = await usageOf(group)
  const cpu = (100 * ((after.ticks - before.ticks) / TICKS)) / (time / 1000)
  return { mb: Math.round((after.pages * PAGE) / 1e6), cpu: Math.round(cpu * 100) / 100 }
}

async function usageOf(group: number | undefined) {
  let ticks = 0
  let pages = 0
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    // The name, in parentheses, may have anything in it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (Number(fields[2]) !== group) continue
    ticks += Number(fields[11]) + Number(fields[12])
    pages += Number(fields[21])
  }
  return { ticks, pages }
}
