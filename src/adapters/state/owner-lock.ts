import { randomUUID } from 'node:crypto'
import { appendFile, link, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { err, ok, type Result } from '../../core/result.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import type { Owner, OwnerLock } from '../../ports/state-store.js'
import { processStart } from './process-start.js'
import { guardFiles, isCode } from './state-failure.js'

/**
 * The lock is the file `owner.N` of the highest N. It is made whole under another name and linked, which fails where it is there. A dead
 * owner's N is never taken away to be made anew, which two takers could do to each other; the taker links N+1. Whoever then finds a higher
 * number than its own came too late. Lower numbers are cleared away by the owner.
 */
export async function takeLock(
  directory: string,
  owner: Pick<Owner, 'configFile' | 'command'>,
  runner: ProcessRunner,
): Promise<Result<OwnerLock>> {
  const taken = await guardFiles(directory, async () => {
    const self: Owner = {
      ...owner,
      pid: process.pid,
      started: (await processStart(process.pid, runner)) ?? '',
      startedAt: new Date().toISOString(),
    }
    const whole = join(directory, `taking.${randomUUID()}`)
    await writeFile(whole, JSON.stringify({ ...self, id: randomUUID() }), { mode: 0o600 })
    try {
      return await linkNext(directory, whole, runner)
    } finally {
      await rm(whole, { force: true })
    }
  })
  if (!taken.ok) return taken
  if (typeof taken.value !== 'string') {
    const { pid, startedAt, configFile } = taken.value
    return err({ kind: 'already-running', pid, startedAt, config: configFile })
  }
  const path = taken.value
  return ok({
    registerChild: (pid, mark) =>
      guardFiles(directory, async () => {
        const started = (await processStart(pid, runner)) ?? ''
        await appendFile(childrenFile(directory), `${JSON.stringify({ pid, started, mark })}\n`, {
          mode: 0o600,
        })
      }),
    release: async () => {
      await rm(childrenFile(directory), { force: true })
      await rm(path, { force: true })
    },
  })
}

export const childrenFile = (directory: string) => join(directory, 'children.ndjson')

/** The path of the lock that was taken, or who has it. */
async function linkNext(directory: string, whole: string, runner: ProcessRunner): Promise<string | Owner> {
  const content = await readFile(whole, 'utf8')
  for (;;) {
    const numbers = await lockNumbers(directory)
    const highest = numbers.at(-1) ?? 0
    const living = await readLiving(join(directory, `owner.${highest}`), runner)
    if (living !== undefined) return living
    const path = join(directory, `owner.${highest + 1}`)
    try {
      await link(whole, path)
    } catch (error) {
      if (isCode(error, 'EEXIST')) continue
      throw error
    }
    const now = await lockNumbers(directory)
    if (now.at(-1) !== highest + 1 || (await readText(path)) !== content) {
      if ((await readText(path)) === content) await rm(path, { force: true })
      continue
    }
    for (const number of now)
      if (number <= highest) await rm(join(directory, `owner.${number}`), { force: true })
    return path
  }
}

/** The owner that lives, if one does. */
export async function readLock(directory: string, runner: ProcessRunner): Promise<Owner | undefined> {
  const highest = (await lockNumbers(directory)).at(-1)
  return highest === undefined ? undefined : readLiving(join(directory, `owner.${highest}`), runner)
}

async function lockNumbers(directory: string): Promise<readonly number[]> {
  const names = await readdir(directory)
  return names
    .flatMap(name => /^owner\.(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((left, right) => left - right)
}

async function readLiving(path: string, runner: ProcessRunner): Promise<Owner | undefined> {
  const text = await readText(path)
  if (text === undefined) return undefined
  let owner: Owner
  try {
    owner = JSON.parse(text) as Owner
  } catch {
    return undefined
  }
  return (await processStart(owner.pid, runner)) === owner.started ? owner : undefined
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}
