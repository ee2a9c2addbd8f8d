import { mkdir, mkdtemp, realpath, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ContextSnapshot } from '../../core/build-input.js'
import type { ServiceSpec } from '../../core/project.js'
import { serviceSpec } from '../../testing/states.js'
import { ContextChangedError } from './context-changed-error.js'
import { contextTar } from './context-tar.js'
import { createSourceTree } from './source-tree.js'

let folder: string
let root: string
const never = new AbortController().signal
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'devloop-tree-')))
  root = join(folder, 'root')
  await mkdir(root)
})
afterEach(() => rm(folder, { recursive: true }))

async function files(tree: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(tree)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}
const service = (more: Partial<ServiceSpec> = {}): ServiceSpec =>
  serviceSpec('tour', { context: root, dockerfile: join(root, 'Dockerfile'), ...more })
function value(
  result: Awaited<ReturnType<ReturnType<typeof createSourceTree>['snapshot']>>,
): ContextSnapshot {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}
const paths = (snapshot: ContextSnapshot): string[] => snapshot.files.map(file => file.path)

it('sees what the COPYs see, and reads only what changed', async () => {
  await files({
    Dockerfile: 'FROM a\nCOPY src p.json /x/',
    '.dockerignore': '**/*.md',
    'src/a': '1',
    'src/b.md': '',
    'src/sub/c': '1',
    'p.json': '',
    'docs/d': '',
  })
  await symlink('a', join(root, 'src/link'))
  const old = new Date(Date.now() - 60_000)
  for (const path of ['src/a', 'src/sub/c', 'p.json']) await utimes(join(root, path), old, old)
  const tree = createSourceTree()
  const first = value(await tree.snapshot(service(), 'all', never))
  expect(paths(first)).toEqual(['p.json', 'src', 'src/a', 'src/link', 'src/sub', 'src/sub/c'])
  const hashed = tree.cache.reads().hashed
  await files({ 'src/a': '2' })
  const second = value(await tree.snapshot(service(), [join(root, 'src/a')], never))
  expect(second.changed).toEqual(['src/a'])
  expect(second.digest).not.toBe(first.digest)
  expect(tree.cache.reads().hashed).toBe(hashed + 1)
  await files({ 'src/a': '1' })
  expect(value(await tree.snapshot(service(), [join(root, 'src/a')], never)).digest).toBe(first.digest)
  expect(tree.verdict(service(), join(root, 'src/b.md')).why).toContain(
    `${join(root, '.dockerignore')}:1 "**/*.md"`,
  )
  expect(tree.verdict(service(), join(root, 'docs/d')).input).toBe(false)
  expect(tree.verdict(service(), join(root, 'src/a')).why).toContain('Dockerfile:2')
})

it('sees what the service that it builds upon has it copy', async () => {
  await files({
    Dockerfile: 'ARG BASE\nFROM $BASE\nCOPY own /',
    own: '',
    'app/a': '',
    other: '',
    'base/Dockerfile': 'FROM a\nONBUILD COPY app /srv',
  })
  const base = { dockerfile: join(root, 'base/Dockerfile'), target: undefined }
  const upon = service({ requires: [{ service: 'base', arg: 'BASE', base }] })
  const tree = createSourceTree()
  expect(paths(value(await tree.snapshot(upon, 'all', never)))).toEqual(['app', 'app/a', 'own'])
  expect(tree.verdict(upon, join(root, 'app/a')).input).toBe(true)
  await files({ 'base/Dockerfile': 'FROM a\nONBUILD COPY other /srv' })
  expect(paths(value(await tree.snapshot(upon, [base.dockerfile], never)))).toEqual(['other', 'own'])
})

it('keeps the digest for what starts no build, sends it all the same, and takes extra files in', async () => {
  await files({
    'app/Dockerfile': 'FROM a\nCOPY . .',
    'app/a.ts': '',
    'app/a.test.ts': '1',
    'app/.a.ts.swp': '1',
    'app/.git/HEAD': '1',
    'shared/s': '1',
  })
  const spec = service({
    context: join(root, 'app'),
    dockerfile: join(root, 'app/Dockerfile'),
    watch: { extra: [join(root, 'shared')], ignore: ['**/*.test.ts'] },
  })
  const tree = createSourceTree()
  const first = value(await tree.snapshot(spec, 'all', never))
  expect(paths(first)).toEqual(expect.arrayContaining(['.a.ts.swp', '.git/HEAD', 'a.test.ts']))
  await files({ 'app/a.test.ts': '2', 'app/.a.ts.swp': '2', 'app/.git/HEAD': '2' })
  expect(value(await tree.snapshot(spec, 'all', never)).digest).toBe(first.digest)
  await files({ 'shared/s': '2' })
  expect(value(await tree.snapshot(spec, [join(root, 'shared/s')], never)).digest).not.toBe(first.digest)
})

it('says what is missing', async () => {
  await files({ 'Dockerfile.dev': 'FROM a' })
  const result = await createSourceTree().snapshot(service(), 'all', never)
  expect(result).toMatchObject({
    ok: false,
    error: { kind: 'context-invalid', hint: expect.stringContaining('Dockerfile.dev') },
  })
})

it.each([
  ['a Dockerfile that was emptied', () => files({ Dockerfile: '' })],
  ['a Dockerfile that was taken away', () => files({ 'app/a.ts': '1' })],
])('takes %s for what is being written next', async (_, begin) => {
  await begin()
  const reading = createSourceTree().snapshot(service(), 'all', never)
  await files({ Dockerfile: 'FROM a' })
  expect(value(await reading).baseImages).toEqual(['a'])
})

async function unpack(
  snapshot: ContextSnapshot,
): Promise<{ names: Record<string, string>; dockerfile: string }> {
  const tar = await contextTar({ service: service(), snapshot })
  const names: Record<string, string> = {}
  const reader = extract()
  tar.stream.on('error', error => reader.destroy(error))
  tar.stream.pipe(reader as unknown as NodeJS.WritableStream)
  for await (const entry of reader) {
    let text = ''
    for await (const chunk of entry) text += String(chunk)
    names[entry.header.name] = text
  }
  return { names, dockerfile: tar.dockerfile }
}

it('packs the snapshot, hides a Dockerfile that is ignored, and refuses content that changed', async () => {
  await files({
    Dockerfile: 'FROM a\nCOPY . .',
    '.dockerignore': 'Dockerfile\n.dockerignore',
    a: '1',
    big: 'x'.repeat(3_000_000),
  })
  const snapshot = value(await createSourceTree().snapshot(service(), 'all', never))
  const { names, dockerfile } = await unpack(snapshot)
  expect(Object.keys(names)).toEqual(['a', 'big', dockerfile, '.dockerignore'])
  expect(names[dockerfile]).toBe('FROM a\nCOPY . .')
  expect(names['.dockerignore']).toBe(`.dockerignore\n${dockerfile}\n`)
  expect(names.big).toHaveLength(3_000_000)
  for (const change of [{ a: '2' }, { a: '1', big: 'y' }, { big: 'x'.repeat(3_000_001) }]) {
    await files(change)
    await expect(unpack(snapshot)).rejects.toThrow(ContextChangedError)
  }
})

it('knows by rules alone which file counts, and names what reads the context instead', async () => {
  await files({
    Dockerfile: 'FROM a\nCOPY src /src\nCOPY --chown=1 lib /lib',
    '.dockerignore': '#\n*.log',
    'src/a': '1',
  })
  const tree = createSourceTree()
  expect(tree.verdict(service(), join(root, 'src/a')).input).toBe(false)
  expect((await tree.readRules(service())).ok).toBe(true)
  const verdict = (path: string) => tree.verdict(service(), join(root, path))
  expect(verdict('src/a')).toMatchObject({
    input: true,
    why: expect.stringContaining('Dockerfile:2 "COPY src'),
  })
  expect(verdict('docs/a').why).toMatch(/Dockerfile:2 "COPY src.*Dockerfile:3 "COPY/)
  expect(verdict('a.log').why).toMatch(/\.dockerignore:2/)
  expect((await tree.readRules(service({ dockerfile: join(root, 'none') }))).ok).toBe(false)
})

it('says whether a context differs from the last snapshot, which stays the last', async () => {
  await files({ Dockerfile: 'FROM a\nCOPY . .', a: '1', b: '1' })
  const tree = createSourceTree()
  expect(await tree.differs(service(), never)).toBe(true)
  await tree.snapshot(service(), 'all', never)
  expect(await tree.differs(service(), never)).toBe(false)
  await files({ a: '2' })
  expect(await tree.differs(service(), never)).toBe(true)
  const next = await tree.snapshot(service(), [root], never)
  expect(next.ok && next.value.changed).toEqual(['a'])
  expect(await tree.differs(service(), never)).toBe(false)
})

describe('a save in a context that was read before', () => {
  const rested = async (...names: readonly string[]) => {
    const time = new Date(Date.now() - 60_000)
    for (const name of names) await utimes(join(root, name), time, time)
  }
  const fileOf = (snapshot: ContextSnapshot, path: string) => snapshot.files.find(file => file.path === path)

  it('looks only at the folders on the way to what changed', async () => {
    await files({ Dockerfile: 'FROM a\nCOPY . .', 'a/x': '1', 'a/y': '1', 'b/c/x': '1', 'b/d/x': '1' })
    await rested('a/x', 'a/y', 'b/c/x', 'b/d/x', 'Dockerfile')
    const spec = service()
    const tree = createSourceTree()
    const first = value(await tree.snapshot(spec, 'all', never))
    const { listed, hashed } = tree.cache.reads()
    await files({ 'a/x': '2' })
    const second = value(await tree.snapshot(spec, [join(root, 'a/x')], never))
    expect(second.changed).toEqual(['a/x'])
    expect(tree.cache.reads()).toEqual({ listed: listed + 1, hashed: hashed + 1 })
    // What did not change is the same object, so that what is made of it is kept.
    for (const path of ['a/y', 'b', 'b/c/x', 'b/d/x']) expect(fileOf(second, path)).toBe(fileOf(first, path))
    expect(value(await tree.snapshot(service(), 'all', never)).digest).toBe(second.digest)
    expect(value(await createSourceTree().snapshot(spec, 'all', never)).digest).toBe(second.digest)
  })

  it('reads again what may have changed within a tick of the clock', async () => {
    await files({ Dockerfile: 'FROM a\nCOPY . .', 'a/x': '1', 'b/y': '1' })
    const soon = new Date(Date.now() + 60_000)
    await utimes(join(root, 'a/x'), soon, soon)
    const spec = service()
    const tree = createSourceTree()
    await tree.snapshot(spec, 'all', never)
    await files({ 'a/x': '2', 'b/y': '2' })
    await utimes(join(root, 'a/x'), soon, soon)
    expect(value(await tree.snapshot(spec, [join(root, 'b/y')], never)).changed).toEqual(['a/x', 'b/y'])
  })

  it.each([
    ['the file first', ['app/x', 'app']],
    ['the folder first', ['app', 'app/x']],
    ['the folder alone', ['app']],
  ])('sees a folder that another one took the place of: %s', async (_name, told) => {
    await files({ Dockerfile: 'FROM a\nCOPY . .', 'app/x': '1', 'app/deep/y': '1', 'rest/z': '1' })
    await files({ '../other/x': '2', '../other/deep/y': '2', '../other/deep/more': '' })
    const spec = service()
    const tree = createSourceTree()
    await tree.snapshot(spec, 'all', never)
    await rename(join(root, 'app'), join(root, '../gone'))
    await rename(join(root, '../other'), join(root, 'app'))
    const next = value(
      await tree.snapshot(
        spec,
        told.map(path => join(root, path)),
        never,
      ),
    )
    expect(next.changed).toEqual(['app/deep/more', 'app/deep/y', 'app/x'])
  })

  it('sees what a walk for another service found', async () => {
    await files({ Dockerfile: 'FROM a\nCOPY . .', 'a/x': '1', 'b/y': '1' })
    await rested('a/x', 'b/y')
    const spec = service()
    const tree = createSourceTree()
    await tree.snapshot(spec, 'all', never)
    await files({ 'a/x': 'two', 'b/y': 'two' })
    await tree.snapshot({ ...spec, name: 'other' }, 'all', never)
    expect(value(await tree.snapshot(spec, [join(root, 'b/y')], never)).changed).toEqual(['a/x', 'b/y'])
  })

  it('takes in and leaves out what a Dockerfile or an ignore file says now', async () => {
    await files({ Dockerfile: 'FROM a\nCOPY a /a', 'a/x': '1', 'a/y.md': '1', 'b/y': '1' })
    const spec = service()
    const tree = createSourceTree()
    expect(paths(value(await tree.snapshot(spec, 'all', never)))).toEqual(['a', 'a/x', 'a/y.md'])
    await files({ Dockerfile: 'FROM a\nCOPY b /b\nCOPY a /a' })
    const second = value(await tree.snapshot(spec, [join(root, 'Dockerfile')], never))
    expect(second.changed).toEqual(['b', 'b/y'])
    await files({ '.dockerignore': '**/*.md' })
    const third = value(await tree.snapshot(spec, [join(root, '.dockerignore')], never))
    expect(third.changed).toEqual(['a/y.md'])
  })

  it('follows a link anew, and what lies where it leads now', async () => {
    await files({ Dockerfile: 'FROM a\nCOPY current /a', 'one/x': '1', 'two/y': '1' })
    await symlink('one', join(root, 'current'))
    const spec = service()
    const tree = createSourceTree()
    expect(paths(value(await tree.snapshot(spec, 'all', never)))).toEqual(['current', 'one', 'one/x'])
    await files({ 'one/x': '2' })
    expect(value(await tree.snapshot(spec, [join(root, 'one/x')], never)).changed).toEqual(['one/x'])
    await rm(join(root, 'current'))
    await symlink('two', join(root, 'current'))
    const moved = value(await tree.snapshot(spec, [join(root, 'current')], never))
    expect(paths(moved)).toEqual(['current', 'two', 'two/y'])
    expect(moved.changed).toEqual(['current', 'one', 'one/x', 'two', 'two/y'])
  })

  it('forgets nothing for a walk that was broken off', async () => {
    await files({ Dockerfile: 'FROM a\nCOPY . .', 'a/x': '1' })
    const spec = service()
    const tree = createSourceTree()
    await tree.snapshot(spec, 'all', never)
    await files({ 'a/x': '2', 'a/z': '' })
    const broken = new AbortController()
    const running = tree.snapshot(spec, [join(root, 'a/x'), join(root, 'a/z')], broken.signal)
    broken.abort()
    expect((await running).ok).toBe(false)
    expect(value(await tree.snapshot(spec, [], never)).changed).toEqual(['a/x', 'a/z'])
  })
})
