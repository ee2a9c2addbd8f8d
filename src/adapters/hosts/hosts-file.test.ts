import { appendFileSync, readFileSync, truncateSync } from 'node:fs'
import {
  chmod,
  link,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { explain } from '../../core/explain.js'
import { err, ok } from '../../core/result.js'
import { createHostsFile, type HostsFileOptions } from './hosts-file.js'

let folder: string
let path: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'devloop-hosts-')))
  path = join(folder, 'hosts')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const BEFORE = '127.0.0.1\tlocalhost\r\n# caf\u00e9 \u00ff, not UTF-8\r\n'
const AFTER = `${BEFORE}127.0.0.1 tour.xyz\r\n`

const state = () => join(folder, 'state')
const hosts = (over: Partial<HostsFileOptions> = {}) =>
  createHostsFile({
    path,
    env: {},
    platform: 'linux',
    folder: state(),
    lock: async () => ok({ release: async () => {} }),
    ...over,
  })
const text = (file = path) => readFile(file, 'latin1')
const failure = (code: string) => Object.assign(new Error(`${code}: refused`), { code })
const refuse = (code: string) => async (): Promise<void> => {
  throw failure(code)
}

test('a write keeps every byte, the mode, and a backup of what was there', async () => {
  await writeFile(path, BEFORE, 'latin1')
  await chmod(path, 0o664)
  expect(await hosts().read()).toEqual(ok(BEFORE))
  const inode = (await stat(path)).ino
  const written = await hosts().write({ before: BEFORE, after: AFTER })
  expect(await text()).toBe(AFTER)
  expect((await stat(path)).mode & 0o777).toBe(0o664)
  expect((await stat(path)).ino).not.toBe(inode)
  expect(written.ok && (await text(written.value))).toBe(BEFORE)
  expect(await readdir(folder)).toEqual(['hosts', 'state'])
})

test.each(['EBUSY', 'EXDEV', 'EACCES', 'EPERM', 'EROFS'])(
  'where a rename fails with %s, as on a mount, the file is written in place',
  async code => {
    await writeFile(path, AFTER, 'latin1')
    const inode = (await stat(path)).ino
    expect(
      await hosts({ steps: { rename: refuse(code) } }).write({ before: AFTER, after: BEFORE }),
    ).toMatchObject({ ok: true })
    expect(await text()).toBe(BEFORE)
    expect((await stat(path)).ino).toBe(inode)
    expect(await readdir(folder)).toEqual(['hosts', 'state'])
  },
)

test('a file with another name, too, stays one file; a link leads to the file that is written', async () => {
  await writeFile(path, BEFORE, 'latin1')
  await link(path, join(folder, 'twin'))
  await symlink(path, join(folder, 'link'))
  const linked = hosts({ path: join(folder, 'link') })
  expect(await linked.write({ before: BEFORE, after: AFTER })).toMatchObject({ ok: true })
  expect(await text(join(folder, 'twin'))).toBe(AFTER)
  expect((await stat(path)).nlink).toBe(2)
})

test('no file yet: it is made', async () => {
  expect(await hosts().read()).toEqual(ok(''))
  expect(await hosts().write({ before: '', after: AFTER })).toMatchObject({ ok: true })
  expect(await text()).toBe(AFTER)
})

test('an edit of somebody else since the reading is never overwritten', async () => {
  await writeFile(path, `${BEFORE}10.0.0.1 other\n`, 'latin1')
  expect(await hosts().write({ before: BEFORE, after: AFTER })).toMatchObject({
    ok: false,
    error: { kind: 'hosts-file-failed', reason: 'changed', file: path },
  })
  expect(await text()).toBe(`${BEFORE}10.0.0.1 other\n`)
})

test('an edit between the attempt to rename and the write in place is seen', async () => {
  await writeFile(path, BEFORE, 'latin1')
  const rename = async () => {
    await writeFile(path, 'edited', 'latin1')
    throw failure('EBUSY')
  }
  expect(await hosts({ steps: { rename } }).write({ before: BEFORE, after: AFTER })).toMatchObject({
    error: { reason: 'changed' },
  })
  expect(await text()).toBe('edited')
})

test.each([
  ['linux', /^Run: sudo cp (\S+hosts\.new) (\S+hosts)$/],
  ['win32', /^In a PowerShell that runs as administrator, run: Copy-Item '(.+hosts\.new)' '(.+hosts)'$/],
] as const)(
  'without the rights on %s: nothing is changed, and the command does the same',
  async (platform, form) => {
    await writeFile(path, BEFORE, 'latin1')
    const steps = { rename: refuse('EACCES'), openInPlace: () => Promise.reject(failure('EACCES')) }
    const denied = hosts({ platform, steps })
    const refused = await denied.write({ before: BEFORE, after: AFTER })
    if (refused.ok || refused.error.kind !== 'hosts-file-failed') throw new Error(JSON.stringify(refused))
    expect(refused.error.reason).toBe('rights')
    expect(explain(refused.error).title).toBe(`you may not write ${path}`)
    const [, staged = '', target] = form.exec(refused.error.hint ?? '') ?? []
    expect(target).toBe(path)
    expect(await text(staged)).toBe(AFTER)
    expect(await text()).toBe(BEFORE)
  },
)

test('another devloop that writes is waited for; the wait has an end that says who it is', async () => {
  await writeFile(path, BEFORE, 'latin1')
  const busy = { kind: 'already-running', pid: 7, startedAt: '', config: '' } as const
  let asked = 0
  const later = hosts({
    lock: async () => (asked++ < 2 ? err(busy) : ok({ release: async () => {} })),
  })
  expect(await later.write({ before: BEFORE, after: AFTER })).toMatchObject({ ok: true })
  expect(asked).toBe(3)
  const never = hosts({ lock: async () => err(busy), lockPatience: 0 })
  expect(await never.write({ before: AFTER, after: BEFORE })).toMatchObject({
    error: { reason: 'other', message: 'another devloop writes it (process 7)' },
  })
})

test('ten backups are kept, the newest', async () => {
  await writeFile(path, '', 'latin1')
  const file = hosts()
  for (let at = 0; at < 12; at++) {
    const written = await file.write({ before: 'a'.repeat(at), after: 'a'.repeat(at + 1) })
    expect(written.ok).toBe(true)
  }
  const kept = await readdir(join(state(), 'hosts-backups'))
  const sizes = await Promise.all(
    kept.map(async name => (await text(join(state(), 'hosts-backups', name))).length),
  )
  expect(sizes.sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
})

test('a name of this machine resolves, another one does not', async () => {
  expect(await hosts().resolve('localhost')).toContain('127.0.0.1')
  expect(await hosts().resolve('no-such-name.invalid')).toEqual([])
})

test('a file that is empty for the moment of a write is read as it is after it', async () => {
  await writeFile(path, '', 'latin1')
  const reading = hosts().read()
  await text()
  await writeFile(path, BEFORE, 'latin1')
  expect(await reading).toEqual(ok(BEFORE))
})

test('a file that is written in place is told of when it is whole, once', async () => {
  await writeFile(path, BEFORE, 'latin1')
  const file = hosts()
  const seen: string[] = []
  let off = () => {}
  const told = new Promise<void>(resolve => {
    off = file.watch(() => {
      seen.push(readFileSync(path, 'latin1'))
      resolve()
    })
  })
  truncateSync(path)
  for (const part of AFTER.split('\n')) appendFileSync(path, `${part}\n`, 'latin1')
  await told
  off()
  expect(seen).toEqual([`${AFTER}\n`])
})

test.each(['in place', 'by a rename'] as const)('a change %s is told', async how => {
  await writeFile(path, BEFORE, 'latin1')
  const file = hosts()
  let off = () => {}
  const told = new Promise<void>(resolve => {
    off = file.watch(resolve)
  })
  if (how === 'in place') await writeFile(path, AFTER, 'latin1')
  else await hosts().write({ before: BEFORE, after: AFTER })
  await told
  off()
})
