import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ChangeBatch, FileWatch, WatchRoot } from '../../ports/file-watcher.js'
import { createFileWatcher } from './chokidar-watcher.js'

let folder: string
let batches: ChangeBatch[]
let open: FileWatch | undefined
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'devloop-watch-')))
  batches = []
})
afterEach(async () => {
  await open?.close()
  await rm(folder, { recursive: true })
})

const all = (path: string): WatchRoot => ({ path, ignored: () => false })
async function start(...roots: WatchRoot[]): Promise<FileWatch> {
  const watching = await createFileWatcher().watch(roots, {
    onBatch: batch => batches.push(batch),
    onProblem: problem => expect.fail(JSON.stringify(problem)),
  })
  if (!watching.ok) throw new Error(JSON.stringify(watching.error))
  open = watching.value
  return watching.value
}
const seen = (...names: string[]): Promise<void> =>
  vi.waitFor(
    () =>
      expect(batches.flatMap(batch => batch.paths)).toEqual(
        expect.arrayContaining(names.map(name => join(folder, name))),
      ),
    { timeout: 5000, interval: 10 },
  )
/** Writes until it is told: when the watch on what took the place of another stands, nobody says. */
const writesAreSeen = async (name: string): Promise<void> => {
  batches = []
  await vi.waitFor(
    async () => {
      await writeFile(join(folder, name), String(performance.now()))
      expect(batches.flatMap(batch => batch.paths)).toContain(join(folder, name))
    },
    { timeout: 8000, interval: 100 },
  )
}

describe('a folder', () => {
  it('reports writes, new files in new folders, and deletions', async () => {
    await writeFile(join(folder, 'a'), '1')
    await start(all(folder))
    await writeFile(join(folder, 'a'), '2')
    await seen('a')
    await mkdir(join(folder, 'x/y'), { recursive: true })
    await writeFile(join(folder, 'x/y/b'), '1')
    await seen('x')
    batches = []
    await writeFile(join(folder, 'x/y/b'), '2')
    await seen('x/y/b')
    batches = []
    await rm(join(folder, 'a'))
    await seen('a')
  })

  it('reports the same where it has to look again and again', async () => {
    vi.stubEnv('CHOKIDAR_USEPOLLING', '1')
    vi.stubEnv('CHOKIDAR_INTERVAL', '20')
    try {
      await mkdir(join(folder, 'x'))
      await writeFile(join(folder, 'x/a'), '1')
      await start(all(folder))
      await writeFile(join(folder, 'x/a'), 'two')
      await seen('x/a')
      await writeFile(join(folder, 'x/b'), '1')
      await seen('x/b')
      await rm(join(folder, 'x/a'))
      await mkdir(join(folder, 'y'))
      await writeFile(join(folder, 'y/c'), '1')
      await seen('x/a', 'y/c')
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it('says which of what came and went are folders', async () => {
    const folders = (): readonly string[] => batches.flatMap(batch => batch.folders)
    await start(all(folder))
    await writeFile(join(folder, 'a'), '1')
    await mkdir(join(folder, 'x'))
    await vi.waitFor(() => expect(folders()).toContain(join(folder, 'x')), { timeout: 5000 })
    await seen('a')
    expect(folders()).not.toContain(join(folder, 'a'))
    batches = []
    await rm(join(folder, 'x'), { recursive: true })
    await vi.waitFor(() => expect(folders()).toContain(join(folder, 'x')), { timeout: 5000 })
  })

  it('makes one batch of a burst and of an atomic save', async () => {
    await start(all(folder))
    await Promise.all(Array.from({ length: 300 }, (_, at) => writeFile(join(folder, `f${at}`), 'x')))
    await seen('f0', 'f299')
    expect(batches).toHaveLength(1)
    await writeFile(join(folder, 'f0.tmp'), 'y')
    await rename(join(folder, 'f0.tmp'), join(folder, 'f0'))
    await vi.waitFor(() => expect(batches).toHaveLength(2))
    expect(batches[1]?.paths).toContain(join(folder, 'f0'))
  })

  it('holds a batch while git has the index locked', async () => {
    await mkdir(join(folder, '.git'))
    await writeFile(join(folder, '.git/index.lock'), '')
    await start({ path: folder, ignored: path => path.includes('.git') })
    await writeFile(join(folder, 'a'), '1')
    await writeFile(join(folder, 'b'), '1')
    await rm(join(folder, '.git/index.lock'))
    await seen('a', 'b')
    expect(batches).toHaveLength(1)
  })

  it('leaves out what is ignored', async () => {
    await mkdir(join(folder, 'no'))
    await start({ path: folder, ignored: path => path.endsWith('no') })
    await writeFile(join(folder, 'no/a'), '1')
    await writeFile(join(folder, 'yes'), '1')
    await seen('yes')
    expect(batches.flatMap(batch => batch.paths)).toEqual([join(folder, 'yes')])
  })
})

describe('roots that come and go', () => {
  it('reports a root that appears, and what changes in it later', async () => {
    await start(all(join(folder, 'late')))
    await mkdir(join(folder, 'late'))
    // Once from the folder that holds it, and once more when it is watched itself: what was written in between is covered by that.
    await vi.waitFor(
      () =>
        expect(batches.flatMap(batch => batch.paths)).toEqual([join(folder, 'late'), join(folder, 'late')]),
      { timeout: 5000 },
    )
    await writeFile(join(folder, 'late/a'), '1')
    await seen('late/a')
  })

  it('goes on with a root that was deleted and made anew', async () => {
    await mkdir(join(folder, 'r'))
    await start(all(join(folder, 'r')))
    await rename(join(folder, 'r'), join(folder, 'old'))
    await mkdir(join(folder, 'r'))
    await seen('r')
    await writeFile(join(folder, 'r/a'), '1')
    await seen('r/a')
  })

  it.each([
    ['a root beside a watched file', ['config', 'r']],
    ['a folder of a root', ['']],
  ])('goes on with what another folder takes the place of at once: %s', async (_, roots) => {
    await writeFile(join(folder, 'config'), '')
    for (const name of ['r', 'next']) {
      await mkdir(join(folder, name, 'sub'), { recursive: true })
      await writeFile(join(folder, name, 'sub/a'), '1')
    }
    await start(...roots.map(root => all(join(folder, root))))
    await rename(join(folder, 'r'), join(folder, 'old'))
    await rename(join(folder, 'next'), join(folder, 'r'))
    await rm(join(folder, 'old'), { recursive: true })
    await seen('r')
    await writesAreSeen('r/b')
    await writesAreSeen('r/sub/a')
  })

  it('sees that a folder far above a root was moved away, and that it came back', async () => {
    await mkdir(join(folder, 'a/b/c/r'), { recursive: true })
    await mkdir(join(folder, 'other'))
    await start(all(join(folder, 'a/b/c/r')), all(join(folder, 'other')))
    await rename(join(folder, 'a'), join(folder, 'moved'))
    await seen('a/b/c/r')
    batches = []
    await rename(join(folder, 'moved'), join(folder, 'a'))
    await seen('a/b/c/r')
    batches = []
    await writeFile(join(folder, 'a/b/c/r/f'), '1')
    await seen('a/b/c/r/f')
  })

  it('waits for a root whose folders are not there either', async () => {
    await start(all(join(folder, 'x/y/z')))
    await mkdir(join(folder, 'x'))
    await mkdir(join(folder, 'x/y'))
    await mkdir(join(folder, 'x/y/z'))
    await seen('x/y/z')
    batches = []
    await writeFile(join(folder, 'x/y/z/f'), '1')
    await seen('x/y/z/f')
  })

  it('follows a single file through atomic saves, and takes new roots', async () => {
    await writeFile(join(folder, 'config'), '1')
    const watching = await start(all(join(folder, 'config')))
    for (const text of ['2', '3']) {
      batches = []
      await writeFile(join(folder, 'other'), text)
      await rename(join(folder, 'other'), join(folder, 'config'))
      await seen('config')
      expect(batches.flatMap(batch => batch.paths)).toEqual([join(folder, 'config')])
    }
    await mkdir(join(folder, 'more'))
    expect(await watching.update([all(join(folder, 'config')), all(join(folder, 'more'))])).toMatchObject({
      ok: true,
    })
    await writeFile(join(folder, 'more/a'), '1')
    await seen('more/a')
  })
})
