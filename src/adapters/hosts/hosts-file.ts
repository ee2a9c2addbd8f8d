import { lookup } from 'node:dns/promises'
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HostsFileFailed } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { HostsFile } from '../../ports/hosts-file.js'
import { copyCommand, hostsNotes, hostsPath, type System } from './hosts-place.js'
import {
  ChangedMeanwhile,
  codeOf,
  readLatin1,
  replaceFile,
  systemSteps,
  type WriteSteps,
} from './replace-file.js'
import { watchFile } from './watch-file.js'

export interface HostsFileOptions extends System {
  /** Takes backups, and the text for a person who has the rights. */
  readonly folder: string
  /** One devloop at a time; `already-running` while another writes. */
  readonly lock: () => Promise<Result<{ release(): Promise<void> }>>
  /** In place of the path that the system has. */
  readonly path?: string
  /** In place of the system's own, for tests of what it may refuse. */
  readonly steps?: Partial<WriteSteps>
  /** Milliseconds that a write waits for another devloop's, which takes a few; 2000 unless given. */
  readonly lockPatience?: number
}

const BACKUPS_KEPT = 10
const LOCK_PATIENCE = 2000
const LOCK_PAUSE = 20
const EMPTY_PAUSE = 50

/** The hosts file on disk. */
export function createHostsFile(options: HostsFileOptions): HostsFile {
  const { folder, platform } = options
  const path = options.path ?? hostsPath(options)
  const failed = (reason: HostsFileFailed['reason'], message: string, hint?: string) =>
    err({
      kind: 'hosts-file-failed',
      file: path,
      reason,
      message,
      ...(hint === undefined ? {} : { hint }),
    } as const)

  const guard = async <T>(work: () => Promise<Result<T>>): Promise<Result<T>> => {
    try {
      return await work()
    } catch (error) {
      if (error instanceof ChangedMeanwhile) return failed('changed', '')
      return failed('other', error instanceof Error ? error.message : String(error))
    }
  }

  const read = () =>
    guard(async () => {
      const text = await readLatin1(path)
      // Whoever writes in place has the file empty for a moment; one that stays empty is empty.
      if (text !== '') return ok(text)
      await sleep(EMPTY_PAUSE)
      return ok(await readLatin1(path))
    })

  async function keepBackup(text: string): Promise<string> {
    const backups = join(folder, 'hosts-backups')
    await mkdir(backups, { recursive: true, mode: 0o700 })
    // Two in one millisecond are told apart, in their order.
    const stamp = `${new Date().toISOString().replaceAll(':', '-')}.${String(process.hrtime.bigint()).padStart(20, '0')}`
    const backup = join(backups, `hosts.${stamp}`)
    await writeFile(backup, text, { encoding: 'latin1', mode: 0o600 })
    const old = (await readdir(backups)).sort().slice(0, -BACKUPS_KEPT)
    for (const name of old) await rm(join(backups, name), { force: true })
    return backup
  }

  /** The text is laid beside the state, and the person told how to put it in its place. */
  async function withoutRights(after: string, message: string) {
    const staged = join(folder, 'hosts.new')
    await rm(staged, { force: true })
    await writeFile(staged, after, { encoding: 'latin1', mode: 0o600 })
    await chmod(staged, 0o600)
    const command = copyCommand(staged, path, platform)
    const who = platform === 'win32' ? 'In a PowerShell that runs as administrator, run' : 'Run'
    return failed('rights', message, `${who}: ${command}`)
  }

  async function locked<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const end = Date.now() + (options.lockPatience ?? LOCK_PATIENCE)
    for (;;) {
      const lock = await options.lock()
      if (lock.ok) {
        try {
          return await work()
        } finally {
          await lock.value.release()
        }
      }
      if (lock.error.kind !== 'already-running') return lock
      if (Date.now() > end) return failed('other', `another devloop writes it (process ${lock.error.pid})`)
      await sleep(LOCK_PAUSE)
    }
  }

  return {
    path,
    notes: hostsNotes(options),
    read,
    write: ({ before, after }) =>
      guard(() =>
        locked(async () => {
          if ((await readLatin1(path)) !== before) throw new ChangedMeanwhile()
          const backup = await keepBackup(before)
          try {
            await replaceFile(path, { before, after }, { ...systemSteps, ...options.steps })
          } catch (error) {
            if (!['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '')) throw error
            return withoutRights(after, error instanceof Error ? error.message : String(error))
          }
          return ok(backup)
        }),
      ),
    resolve: async name => {
      try {
        const found = await lookup(name, { all: true, verbatim: true })
        return [...new Set(found.map(({ address }) => address))]
      } catch {
        return []
      }
    },
    watch: onChange => watchFile(path, onChange),
  }
}
