import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRecordedRunner, type RecordedOutput } from '../testing/recorded-runner.js'
import { projectFiles } from './project-files.js'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'devloop-files-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const git = (output: RecordedOutput) =>
  createRecordedRunner({ [`git -C ${root} ls-files --cached --others --exclude-standard -z`]: output })

test('takes what git would, each file once, and never what npm installed', async () => {
  const runner = git({ stdout: 'Dockerfile\0web/a.yaml\0web/a.yaml\0web/node_modules/x/Dockerfile\0' })
  expect(await projectFiles(root, runner)).toEqual(['Dockerfile', 'web/a.yaml'])
})

test.each<[string, () => ReturnType<typeof createRecordedRunner>]>([
  ['git is not installed', () => createRecordedRunner({})],
  ['the folder is no repository', () => git({ exitCode: 128, stderr: 'fatal: not a git repository' })],
])('looks itself where %s, but not into folders that tools fill', async (_, runner) => {
  const kept = ['Dockerfile', 'k8s/a.yaml', 'services/web/Dockerfile']
  const left = ['node_modules/x/Dockerfile', 'web/target/Dockerfile', '.git/config', 'vendor/y/k8s/a.yaml']
  for (const path of [...kept, ...left]) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), '')
  }
  expect((await projectFiles(root, runner())).toSorted()).toEqual(kept)
})

test('a folder that is not there has no files', async () => {
  expect(await projectFiles(join(root, 'none'), createRecordedRunner({}))).toEqual([])
})
