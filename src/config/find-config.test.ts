import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { explain } from '../core/explain.js'
import { findConfig } from './find-config.js'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'find-config-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function write(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), '')
  }
}

test.each([
  ['dev.config.yaml', undefined, 'dev.config.yaml'],
  ['dev.config.yml', undefined, 'a/b'],
  ['skaffold.yaml', undefined, 'a/b'],
  ['a/other.yaml', 'a/other.yaml', '.'],
  ['a/dev.config.yaml', 'a', '.'],
])('%s is found', async (path, file, from) => {
  await write(path)
  const cwd = from === path ? root : join(root, from)
  expect(await findConfig(file, cwd)).toEqual({ ok: true, value: join(root, path) })
})

test.each([
  ['nothing', [], undefined, []],
  ['one below', ['shop/dev.config.yaml'], undefined, ['shop/dev.config.yaml']],
  [
    'the nearest first, and none too deep',
    ['b/c/dev.config.yml', 'a/dev.config.yaml', 'a/b/c/dev.config.yaml'],
    undefined,
    ['a/dev.config.yaml', 'b/c/dev.config.yml'],
  ],
  ['none of packages', ['node_modules/x/dev.config.yaml', '.git/dev.config.yaml'], undefined, []],
  ['a file that was named', ['shop/dev.config.yaml'], 'dev.config.yaml', ['shop/dev.config.yaml']],
])('not found: %s', async (_, paths, file, below) => {
  await write(...paths)
  const found = await findConfig(file, root)
  expect(found).toMatchObject({ ok: false, error: { kind: 'config-invalid', below } })
  if (found.ok) return
  const { title, hints } = explain(found.error)
  expect(title).toContain(file === undefined ? `there is no dev.config.yaml in ${root}` : 'there is no file')
  expect(hints).toEqual([
    ...below.map(path => `There is one in a folder below: add "--file ${path}", or change to that folder.`),
    'devloop init writes one from what is there; or name one with --file',
  ])
})
