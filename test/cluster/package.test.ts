import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

let folder: string
let project: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-pack-'))
  project = join(folder, 'project')
  await mkdir(project)
  // What is packed is what `npm ci` has built.
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
  })
  const [{ filename }] = JSON.parse(stdout) as [{ readonly filename: string }]
  await writeFile(join(project, 'package.json'), '{ "name": "project", "private": true }')
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, filename)], {
    cwd: project,
  })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const devloop = (...args: readonly string[]) =>
  run(join(project, 'node_modules/.bin/devloop'), [...args], { cwd: project })

test('the package, installed into an empty project, runs there', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  expect((await devloop('--version')).stdout.trim()).toBe(version)
  expect((await devloop('explain', 'rollout-crash-loop')).stdout).toContain('dependsOn')
  expect((await devloop('schema')).stdout).toBe(
    await readFile(join(project, 'node_modules/devloop/schema.json'), 'utf8'),
  )
})

test('it renders a project there', async () => {
  await mkdir(join(project, 'web'))
  await mkdir(join(project, 'k8s'))
  await writeFile(join(project, 'web/Dockerfile'), 'FROM busybox:1.35\nCOPY . /www\n')
  await writeFile(
    join(project, 'k8s/web.yaml'),
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  selector: { matchLabels: { app: web } }\n  template:\n    metadata: { labels: { app: web } }\n    spec: { containers: [{ name: web, image: web }] }\n',
  )
  await writeFile(join(project, 'dev.config.yaml'), 'services: { web: {} }\n')
  expect((await devloop('render')).stdout).toMatch(/kind: Deployment[\s\S]*image: web/)
})

test('installing it runs no script of its own', async () => {
  const { scripts } = JSON.parse(await readFile(join(project, 'node_modules/devloop/package.json'), 'utf8'))
  expect(Object.keys(scripts)).not.toEqual(expect.arrayContaining([expect.stringMatching(/install/)]))
})
