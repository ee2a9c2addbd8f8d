import { constants, copyFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Problem } from '../core/problem.js'
import type { CommandIo } from './io.js'

/** All of it or nothing: what was there stays until the new file is whole. A file that came while questions were asked stays, too, unless `force`. */
export async function writeConfigFile(
  { onInterrupt }: Pick<CommandIo, 'onInterrupt'>,
  target: string,
  { text, force }: { readonly text: string; readonly force: boolean },
): Promise<Problem | undefined> {
  const next = `${target}.${process.pid}.new`
  // A signal that comes now waits these few milliseconds, so that nothing half is left in the folder.
  const off = onInterrupt(() => {})
  try {
    await clearHalves(target)
    await writeFile(next, text)
    if (force) await rename(next, target)
    else await copyFile(next, target, constants.COPYFILE_EXCL)
    return undefined
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    return {
      kind: 'usage-invalid',
      message: `${target} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      hint: isThere
        ? 'Something else made that file meanwhile. --force writes over it; --print shows what would be written.'
        : 'Check the permissions of the folder; devloop init --print writes to standard output instead.',
    }
  } finally {
    await rm(next, { force: true })
    off()
  }
}

/** Removes what an init that was killed left beside the config. */
async function clearHalves(target: string): Promise<void> {
  const own = `${basename(target)}.`
  for (const name of await readdir(dirname(target)).catch(() => [])) {
    const pid = name.startsWith(own) ? /^(\d+)\.new$/.exec(name.slice(own.length))?.[1] : undefined
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(dirname(target), name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // There, but somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
