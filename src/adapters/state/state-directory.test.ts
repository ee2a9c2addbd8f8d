import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ProjectState } from '../../ports/state-store.js'
import { createProcessRunner } from '../process/process-runner.js'
import { openStateStore, socketPathIn, stateHome } from './state-directory.js'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'state-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const store = () =>
  openStateStore({
    env: { DEVLOOP_STATE_DIR: home },
    platform: process.platform,
    runner: createProcessRunner(),
  })
const identity = {
  root: '/srv/shop',
  name: 'shop',
  context: 'kind-dev',
  configFile: '/srv/shop/dev.config.yaml',
}

async function open(over: Partial<typeof identity> = {}): Promise<ProjectState> {
  const opened = await store().open({ ...identity, ...over })
  if (!opened.ok) throw new Error(JSON.stringify(opened.error))
  return opened.value
}

test.each([
  ['linux', { HOME: '/h' }, '/h/.local/state/devloop'],
  ['linux', { HOME: '/h', XDG_STATE_HOME: '/x' }, '/x/devloop'],
  ['linux', { HOME: '/h', XDG_STATE_HOME: 'relative' }, '/h/.local/state/devloop'],
  ['darwin', { HOME: '/h' }, '/h/Library/Application Support/devloop'],
  ['linux', { HOME: '/h', DEVLOOP_STATE_DIR: '/d' }, '/d'],
] as const)('on %s with %o the state is in %s', (platform, env, expected) => {
  expect(stateHome({ platform, env })).toBe(expected)
})

test('a socket path never outgrows what the system takes', () => {
  expect(socketPathIn('/short', 'linux')).toBe('/short/socket')
  expect(Buffer.byteLength(socketPathIn(`/${'long'.repeat(40)}`, 'linux'))).toBeLessThan(100)
})

test('projects are found from a folder below, by name, and after the config is gone', async () => {
  await open()
  await open({ root: '/srv/shop/nested', name: 'inner' })
  await open({ root: '/srv/shopping' })
  const find = async (filter: { root?: string; name?: string }) => {
    const found = await store().findProjects(filter)
    return found.ok ? found.value.map(meta => `${meta.root}:${meta.name}`) : found.error
  }
  expect(await find({ root: '/srv/shop/a/b' })).toEqual(['/srv/shop:shop'])
  expect(await find({ root: '/srv/shop/nested' })).toEqual(['/srv/shop/nested:inner', '/srv/shop:shop'])
  expect(await find({ root: '/srv/shop/nested', name: 'shop' })).toEqual(['/srv/shop:shop'])
  expect(await find({ root: '/elsewhere' })).toEqual([])
})

test('logs have a folder of their own, and are removed without the rest', async () => {
  const state = await open()
  expect(await state.removeLogs()).toEqual({ ok: true, value: undefined })
  await mkdir(state.logsDirectory)
  await writeFile(join(state.logsDirectory, 'log-tour-1.ndjson'), '')
  await state.removeLogs()
  await expect(stat(state.logsDirectory)).rejects.toThrow('ENOENT')
  expect((await stat(state.directory)).isDirectory()).toBe(true)
})

test('a journal survives a torn last line, and tells of a broken one in the middle', async () => {
  const state = await open()
  const notices: string[] = []
  const journal = async () => {
    const opened = await state.openJournal({ access: 'write', onNotice: text => notices.push(text) })
    if (!opened.ok) throw new Error(opened.error.kind)
    return opened.value
  }
  const first = await journal()
  await Promise.all(['a', 'b'].map(uid => first.append([{ type: 'foreign-volume', uid }], { durable: true })))
  await first.close()
  const file = join(state.directory, 'journal.ndjson')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await appendFile(file, '{"type":"foreign-vol')
  const second = await journal()
  await second.append([{ type: 'foreign-volume', uid: 'c' }], { durable: false })
  await second.close()
  expect([...(await journal()).state().foreignVolumes]).toEqual(['a', 'b', 'c'])
  expect(notices).toEqual([])
  await writeFile(file, `garbage\n${await readFile(file, 'utf8')}`)
  expect([...(await journal()).state().foreignVolumes]).toEqual(['a', 'b', 'c'])
  expect(notices.join()).toContain('journal.ndjson: line 1')
})

test('of many that take a dead owner’s lock at once, one gets it', async () => {
  const state = await open()
  await writeFile(
    join(state.directory, 'owner.3'),
    JSON.stringify({ pid: process.pid, started: 'another process' }),
  )
  expect(await state.readOwner()).toEqual({ ok: true, value: undefined })
  const takers = await Promise.all(Array.from({ length: 20 }, () => state.lock('up')))
  const winners = takers.filter(taker => taker.ok)
  expect(winners).toHaveLength(1)
  expect(takers.filter(taker => !taker.ok).map(taker => taker.error.kind)).toEqual(
    Array.from({ length: 19 }, () => 'already-running'),
  )
  for (const winner of winners) await winner.value.release()
  expect((await state.lock('up')).ok).toBe(true)
})

test.runIf(process.platform === 'linux')(
  'what left the group of its parent, which has ended, is known by its mark',
  async () => {
    const state = await open()
    const lock = await state.lock('up')
    if (!lock.ok) throw new Error(lock.error.kind)
    const start = (mark: string) =>
      spawn('sleep', ['60'], {
        detached: true,
        stdio: 'ignore',
        env: { PATH: process.env.PATH, DEVLOOP_CONTAINER: mark },
      })
    const mark = randomUUID()
    const left = start(mark)
    const stranger = start(`${mark}0`)
    const ended = once(left, 'exit')
    const parent = spawn('true', { stdio: 'ignore' })
    await once(parent, 'exit')
    await lock.value.registerChild(parent.pid ?? 0, mark)
    expect(await state.endOrphans()).toEqual({ ok: true, value: [left.pid] })
    await ended
    expect(stranger.exitCode).toBeNull()
    expect(stranger.kill()).toBe(true)
  },
)

test('what a killed process left half written goes, what one is writing stays', async () => {
  const state = await open()
  const names = ['images.json.1.tmp', 'taking.2', 'images.json.3.tmp', 'images.json']
  for (const name of names) await writeFile(join(state.directory, name), '{}')
  const old = new Date(Date.now() - 120_000)
  for (const name of names.filter(name => !name.includes('3')))
    await utimes(join(state.directory, name), old, old)
  expect(await state.endOrphans()).toMatchObject({ ok: true })
  const left = await readdir(state.directory)
  expect(names.filter(name => left.includes(name))).toEqual(['images.json.3.tmp', 'images.json'])
})

test('what a dead owner started is ended, a stranger with its number is not', async () => {
  const state = await open()
  const lock = await state.lock('up')
  if (!lock.ok) throw new Error(lock.error.kind)
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
  const stranger = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' })
  const ended = once(child, 'exit')
  await lock.value.registerChild(child.pid ?? 0)
  const line = JSON.stringify({ pid: stranger.pid, started: 'earlier' })
  await appendFile(join(state.directory, 'children.ndjson'), `${line}\n`)
  expect(await state.endOrphans()).toEqual({ ok: true, value: [child.pid] })
  await ended
  expect(stranger.exitCode).toBeNull()
  expect(stranger.kill()).toBe(true)
})
