import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Milliseconds: whoever writes a file whole under another name is done long before that. */
const STALE = 60_000

/** Removes what a process that was killed left while it wrote a file under another name. `now` in milliseconds since the epoch. */
export async function clearHalves(directory: string, now: number): Promise<void> {
  const names = (await readdir(directory)).filter(name => /\.tmp$|^taking\./.test(name))
  for (const name of names) {
    const path = join(directory, name)
    const found = await stat(path).catch(() => undefined)
    if (found !== undefined && now - found.mtimeMs > STALE) await rm(path, { force: true })
  }
}
