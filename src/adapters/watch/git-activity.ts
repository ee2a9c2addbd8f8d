import { readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** A lock older than this was left by a git that died: it holds nothing back. */
const staleMs = 10_000
/** A rebase that stopped for a person leaves its folder; one that runs writes there all the time. */
const rebaseMs = 1000

/** The git folder of the work tree that holds the path; undefined outside of one. */
export async function gitFolderOf(path: string): Promise<string | undefined> {
  for (let folder = path; ; folder = dirname(folder)) {
    const candidate = join(folder, '.git')
    const found = await stat(candidate).catch(() => undefined)
    if (found?.isDirectory() === true) return candidate
    if (found?.isFile() === true) {
      const link = /^gitdir: (.*)$/m.exec(await readFile(candidate, 'utf8').catch(() => ''))
      if (link?.[1] !== undefined) return resolve(folder, link[1])
    }
    if (dirname(folder) === folder) return undefined
  }
}

/** Whether git is changing the work tree right now: a checkout, merge, stash or rebase holds the index lock or writes its state. */
export async function gitIsBusy(gitFolder: string, now: number): Promise<boolean> {
  const age = async (name: string): Promise<number> => {
    const found = await stat(join(gitFolder, name)).catch(() => undefined)
    return found === undefined ? Number.POSITIVE_INFINITY : now - found.mtimeMs
  }
  const [lock, merge, apply] = await Promise.all(['index.lock', 'rebase-merge', 'rebase-apply'].map(age))
  return (lock ?? staleMs) < staleMs || (merge ?? rebaseMs) < rebaseMs || (apply ?? rebaseMs) < rebaseMs
}
