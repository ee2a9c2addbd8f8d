import { mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ContextSnapshot } from '../../core/build-input.js'
import type { ServiceSpec } from '../../core/project.js'
import { serviceSpec } from '../../testing/states.js'
import { ContextChangedError } from './context-changed-error.js'
import { contextTar } from './context-tar.js'
import { createSourceTree } from './source-tree.js'

let root: string
const never = new AbortController().signal
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'devloop-tree-')))
})
afterEach(() => rm(root, { recursive: true }))

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
