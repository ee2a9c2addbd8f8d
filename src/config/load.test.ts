import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from './load.js'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'devloop-config-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function files(contents: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
}

async function messages(file?: string): Promise<readonly string[]> {
  const result = await loadConfig({ cwd: root, env: {}, ...(file === undefined ? {} : { file }) })
  const diagnostics = result.ok
    ? result.value.warnings
    : result.error.kind === 'config-invalid'
      ? result.error.diagnostics
      : []
  return diagnostics.map(({ range, message, suggestion }) =>
    `${range === undefined ? '' : `${range.line}:${range.column} `}${message}${suggestion === undefined ? '' : ` [${suggestion}]`}`.replaceAll(
      root,
      'ROOT',
    ),
  )
}

test('finds the config above, and the folder k8s beside it', async () => {
  await files({ 'dev.config.yml': 'services: { auth: {} }\n', 'auth/Dockerfile': '', 'k8s/a.yaml': '' })
  const result = await loadConfig({ cwd: join(root, 'auth'), env: {} })
  expect(result).toMatchObject({
    ok: true,
    value: { project: { root, manifests: [{ path: 'k8s' }], services: [{ context: join(root, 'auth') }] } },
  })
})

test('every file that is not there, with the one that was meant', async () => {
  await files({
    'services/auth/Dockerfile.dev': '',
    'services/tour/Dockerfile': '',
    'kubernetes/a.yaml': '',
    'dev.config.yaml': `services:
  auth: { context: services/auth }
  tour: { context: services/tuor }
  web: {}
  base: { context: services/tour, dockerfile: services/tour/Dockerfile }
  typo: { contxt: x }
manifests: ['kubernets/**/*.yaml']
cluster: { kind: { create: true, config: kind.yaml } }
`,
  })
  expect(await messages()).toEqual([
    '2:3 the Dockerfile services/auth/Dockerfile of "auth" does not exist [there is services/auth/Dockerfile.dev]',
    '3:20 the build context services/tuor of "tour" does not exist [there is services/tour]',
    '4:3 the build context web of "web" does not exist',
    '5:47 the Dockerfile services/tour/services/tour/Dockerfile of "base" does not exist ["dockerfile" is relative to the context: write Dockerfile]',
    '6:11 unknown key "contxt" [did you mean "context"?]',
    '7:13 there is no file or folder kubernets with manifests [there is kubernetes]',
    '8:42 the cluster config kind.yaml does not exist',
  ])
})

test('kustomizations, charts and values files that are not there', async () => {
  await files({
    'k8s/base/d.yaml': '',
    'charts/mysql/Chart.yaml': '',
    'dev.config.yaml': `manifests:
  - kustomize: k8s/base
  - kustomize: k8s/bsae
  - { helm: charts/mysq }
  - { helm: charts, values: [v.yaml] }
`,
  })
  expect(await messages()).toEqual([
    '2:16 there is no kustomization.yaml in k8s/base',
    '3:16 there is no folder k8s/bsae [there is k8s/base]',
    '4:13 there is no chart charts/mysq [there is charts/mysql]',
    '5:13 there is no Chart.yaml in charts',
    '5:30 the values file v.yaml does not exist',
  ])
})

test('a missing secret or watched folder is a warning', async () => {
  await files({
    'a/Dockerfile': '',
    'dev.config.yaml':
      'services:\n  a: { secrets: [{ id: x, file: none }], watch: { extra: [../shared] } }\n',
  })
  expect(await messages()).toEqual([
    "2:33 the secret's file none does not exist [a build step that needs it will fail]",
    '2:59 shared does not exist [watch.extra is relative to the context]',
  ])
})

test.each<[string, Readonly<Record<string, string | Uint8Array>>, string | undefined, RegExp]>([
  ['no file of that name', {}, 'x.yaml', /^there is no file ROOT\/x\.yaml/],
  ['a folder without one', { 'sub/a': '' }, 'sub', /^there is no dev\.config\.yaml in ROOT\/sub/],
  [
    'UTF-16',
    { 'dev.config.yaml': Buffer.from('\uFEFFname: a', 'utf16le') },
    undefined,
    /^the file is not UTF-8 text/,
  ],
])('%s', async (_name, contents, file, expected) => {
  await files(contents)
  expect(await messages(file)).toEqual([expect.stringMatching(expected)])
})

const skaffold = (body: string): string => `apiVersion: skaffold/v4beta11\nkind: Config\n${body}`
const REQUIRING = skaffold('requires: [{ path: team }, { path: later }]\n')

test('the files that a skaffold.yaml requires belong to the config, also one that comes later', async () => {
  await files({ 'skaffold.yaml': REQUIRING, 'team/skaffold.yaml': skaffold('manifests: { rawYaml: [] }\n') })
  const result = await loadConfig({ cwd: root, env: {} })
  expect(result).toMatchObject({
    ok: true,
    value: {
      project: {
        include: {
          files: [
            join(root, 'skaffold.env'),
            join(root, 'team/skaffold.yaml'),
            join(root, 'later/skaffold.yaml'),
          ],
          patterns: [],
        },
      },
    },
  })
})

test('a required file that is broken is waited for, and so is one that is missing', async () => {
  await files({ 'skaffold.yaml': REQUIRING, 'team/skaffold.yaml': skaffold('build: [\n') })
  const result = await loadConfig({ cwd: root, env: {} })
  expect(result).toMatchObject({
    ok: false,
    error: {
      others: [
        join(root, 'skaffold.env'),
        join(root, 'team/skaffold.yaml'),
        join(root, 'later/skaffold.yaml'),
      ],
    },
  })
})

test('a value of a skaffold.yaml that is wrong for a variable that is not set says so', async () => {
  await files({
    'skaffold.yaml': skaffold('deploy:\n  kubectl:\n    defaultNamespace: "shop-{{.TEAM}}"\n'),
  })
  expect(await messages()).toEqual([
    expect.stringMatching(/^5:\d+ "namespace" must be .* \[TEAM is not set: its place is empty\]$/),
  ])
})
