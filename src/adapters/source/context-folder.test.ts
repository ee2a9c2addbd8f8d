import { mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { serviceSpec } from '../../testing/states.js'
import { ContextChangedError } from './context-changed-error.js'
import { contextFolder } from './context-folder.js'
import { createSourceTree } from './source-tree.js'

let root: string
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'devloop-folder-')))
})
afterEach(() => rm(root, { recursive: true }))

async function files(tree: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(tree)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

async function folder() {
  const service = serviceSpec('tour', { context: root, dockerfile: join(root, 'Dockerfile') })
  const snapshot = await createSourceTree().snapshot(service, 'all', new AbortController().signal)
  if (!snapshot.ok) throw new Error(JSON.stringify(snapshot.error))
  return contextFolder({ service, snapshot: snapshot.value })
}

async function contentOf(
  { entries, read }: Awaited<ReturnType<typeof folder>>,
  path: string,
): Promise<string> {
  const parts: Uint8Array[] = []
  const entry = entries.find(one => one.path === path)
  if (entry === undefined) throw new Error(`${path} was not announced`)
  for await (const part of read(entry)) parts.push(part)
  return Buffer.concat(parts).toString()
}

it('names what a build can see, folders first, under a key that stays', async () => {
  await files({
    Dockerfile: 'FROM a\nCOPY src /x/',
    '.dockerignore': '**/*.md',
    'src/b.c': '1',
    'src/b/c': '2',
    'src/x.md': '',
    'docs/d': '',
    'src/\u{1f600}': 'e',
    'src/\uffee': 'f',
  })
  await symlink('b.c', join(root, 'src/link'))
  const first = await folder()
  expect(first.entries.map(({ path }) => path)).toEqual([
    'src',
    'src/b',
    'src/b/c',
    'src/b.c',
    'src/link',
    'src/\uffee',
    'src/\u{1f600}',
  ])
  expect(first.entries.find(({ path }) => path === 'src/link')).toMatchObject({
    type: 'symlink',
    linkTarget: 'b.c',
  })
  await files({ 'src/b.c': '3' })
  expect((await folder()).key).toBe(first.key)
})

it('gives other content another time, whatever the clock says, and the same content the same', async () => {
  const time = new Date(1_700_000_000_000)
  const timeOf = async (content: string): Promise<bigint | undefined> => {
    await files({ Dockerfile: 'FROM a\nCOPY a /', a: content })
    await utimes(join(root, 'a'), time, time)
    return (await folder()).entries.find(({ path }) => path === 'a')?.mtimeNs
  }
  const [one, two, again] = [await timeOf('1'), await timeOf('2'), await timeOf('1')]
  expect(one).toBe(again)
  expect(one).not.toBe(two)
  expect([one, two].map(at => (at ?? 0n) / 1_000_000_000n)).toEqual([1_700_000_000n, 1_700_000_000n])
})

it('refuses content that is no longer what was announced', async () => {
  await files({ Dockerfile: 'FROM a\nCOPY . /', small: '1', large: 'x'.repeat(3_000_000), '.x.swp': 'e' })
  const given = await folder()
  expect(await contentOf(given, 'large')).toHaveLength(3_000_000)
  await files({ small: '2', large: 'y'.repeat(3_000_000), '.x.swp': 'other' })
  for (const path of ['small', 'large'])
    await expect(contentOf(given, path)).rejects.toThrow(ContextChangedError)
  await rm(join(root, 'small'))
  await expect(contentOf(given, 'small')).rejects.toThrow(ContextChangedError)
  // In no digest, so that it may be anything.
  expect(await contentOf(given, '.x.swp')).toBe('other')
})
