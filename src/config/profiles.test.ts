import { describe, expect, test } from 'vitest'
import { parseConfig } from './parse.js'

interface Given {
  readonly root: string
  readonly others?: Readonly<Record<string, string>>
  readonly profiles?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly context?: string
  readonly command?: string
}

const load = ({ root, others = {}, profiles = [], env = {}, context, command }: Given) =>
  parseConfig({
    text: root,
    file: '/shop/dev.config.yaml',
    env,
    home: '/home/ann',
    cpus: 4,
    defaultManifests: ['k8s'],
    included: Object.entries(others).map(([file, text]) => ({ file: `/shop/${file}`, text })),
    profiles: { requested: profiles, command, context },
  })

function loaded(given: Given) {
  const result = load(given)
  if (!result.ok) throw new Error(JSON.stringify(result.error, undefined, 2))
  return result.value
}

function findings(given: Given): readonly string[] {
  const result = load(given)
  const diagnostics = result.ok
    ? result.value.warnings
    : result.error.kind === 'config-invalid'
      ? result.error.diagnostics
      : [{ message: JSON.stringify(result.error), range: undefined, suggestion: undefined, frame: '' }]
  return diagnostics.map(
    ({ range, message, suggestion }) =>
      `${range?.file.slice('/shop/'.length)}:${range?.line}:${range?.column} ${message}${suggestion === undefined ? '' : ` [${suggestion}]`}`,
  )
}

const effective = (given: Given) => loaded(given).effective as Readonly<Record<string, unknown>>

describe('which profiles are active', () => {
  const root = `
services: { web: {} }
profiles:
  ci: { activation: [{ env: CI=true }, { env: 'CI_NAME' }] }
  kind: { activation: [{ context: kind-.* }] }
  far: { activation: [{ context: '!kind-.*' }] }
  once: { activation: [{ command: [build, deploy] }] }
  both: { activation: [{ env: CI=true, command: up }] }
  local: { activation: [{ env: CI= }] }
  plain: {}
`
  test.each<[string, Omit<Given, 'root'>, readonly string[]]>([
    ['none but for what is not set', {}, ['local']],
    ['an environment variable', { env: { CI: 'true' } }, ['ci']],
    ['its whole value counts', { env: { CI: 'trueish' } }, []],
    ['any value', { env: { CI_NAME: 'x' } }, ['ci', 'local']],
    ['a context', { context: 'kind-dev' }, ['kind', 'local']],
    ['another context', { context: 'my-kind-dev' }, ['far', 'local']],
    ['a command', { command: 'deploy' }, ['once', 'local']],
    ['everything in an entry', { command: 'up', env: { CI: 'true' } }, ['ci', 'both']],
    [
      'the flag, in its order, behind the others',
      { profiles: ['plain,far', 'once'] },
      ['local', 'plain', 'far', 'once'],
    ],
    ['not', { profiles: ['-local,plain'] }, ['plain']],
    ['what is said last counts', { profiles: ['plain', '-plain', '-local'] }, []],
  ])('%s', (_name, given, expected) => {
    const active = loaded({ root, ...given }).profiles.filter(profile => profile.active)
    expect(active.map(({ name }) => name)).toEqual(expected)
  })

  test('each says why', () => {
    const { profiles } = loaded({
      root,
      env: { CI: 'true' },
      context: 'kind-dev',
      profiles: ['-both,plain'],
      command: 'up',
    })
    expect(profiles.map(({ name, active, why }) => `${name} ${active} ${why}`)).toEqual([
      'ci true the environment has CI=true',
      'kind true the context kind-dev is kind-.*',
      'plain true --profile',
      'far false no activation holds',
      'once false no activation holds',
      'both false --profile -both',
      'local false no activation holds',
    ])
  })

  test('one that is not there', () => {
    expect(load({ root, profiles: ['-plian'] })).toMatchObject({
      error: {
        kind: 'usage-invalid',
        message: 'the config has no profile plian',
        hint: 'did you mean "plain"?',
      },
    })
  })
})

test.each<[string, string, string, unknown]>([
  [
    'mappings by key',
    'services: { a: { target: dev, image: x/a } }',
    '{ services: { a: { target: ci } } }',
    { services: { a: { target: 'ci', image: 'x/a' } } },
  ],
  [
    'an empty value changes nothing',
    'services: { a: { target: dev } }',
    '{ services: { a: null } }',
    { services: { a: { target: 'dev' } } },
  ],
  [
    'a mapping over an empty one',
    'services: { a: }',
    '{ services: { a: { target: ci } } }',
    { services: { a: { target: 'ci' } } },
  ],
  [
    'texts are added, each once',
    'services: {}\nhosts: [a.test, b.test]',
    '{ hosts: [b.test, c.test] }',
    { hosts: ['a.test', 'b.test', 'c.test'] },
  ],
  [
    'entries by path',
    'manifests: [{ path: k8s, exclude: [x] }, other]',
    '{ manifests: [{ path: k8s, exclude: [y] }, more] }',
    { manifests: [{ path: 'k8s', exclude: ['x', 'y'] }, 'other', 'more'] },
  ],
  [
    'entries by name',
    'manifests: [{ kustomize: a, name: env }]',
    '{ manifests: [{ kustomize: b, name: env }] }',
    { manifests: [{ kustomize: 'b', name: 'env' }] },
  ],
  [
    'an entry of another kind',
    'manifests: [{ kustomize: a, name: env }]',
    '{ manifests: [{ command: make, name: env }] }',
    { manifests: [{ command: 'make', name: 'env' }] },
  ],
  [
    'a text and a mapping of the same path',
    'manifests: k8s',
    '{ manifests: [{ path: k8s, substitute: false }] }',
    { manifests: [{ path: 'k8s', substitute: false }] },
  ],
  [
    'the default manifests are there',
    'services: {}',
    '{ manifests: [more] }',
    { manifests: ['k8s', 'more'] },
  ],
  [
    'secrets by id, and env in place of file',
    'services: { a: { secrets: [{ id: n, file: x }] } }',
    '{ services: { a: { secrets: [{ id: n, env: N }] } } }',
    { services: { a: { secrets: [{ id: 'n', env: 'N' }] } } },
  ],
  [
    'another cluster',
    'cluster: { kind: dev }',
    '{ cluster: { minikube: ci } }',
    { cluster: { minikube: 'ci' } },
  ],
  [
    'the same cluster, written short',
    'cluster: { kind: dev }',
    '{ cluster: { kind: { create: true } } }',
    { cluster: { kind: { name: 'dev', create: true } } },
  ],
  [
    'a namespace, written short',
    'namespace: a',
    '{ namespace: { create: false } }',
    { namespace: { default: 'a', create: false } },
  ],
  [
    'a command is one value',
    'manifests: [{ command: [a, b], name: x }]',
    '{ manifests: [{ command: [c], name: x }] }',
    { manifests: [{ command: ['c'], name: 'x' }] },
  ],
  [
    'patches: replace, add and remove',
    'services: { a: { target: dev }, b: {} }\nhosts: [x.test]',
    '{ patches: [{ op: replace, path: /services/a/target, value: ci }, { op: remove, path: /services/b }, { op: add, path: /hosts/-, value: y.test }, { op: add, path: /build/concurrency, value: 1 }] }',
    { services: { a: { target: 'ci' } }, hosts: ['x.test', 'y.test'], build: { concurrency: 1 } },
  ],
  [
    'patches: items by name and place',
    'manifests: [{ path: k8s/base, exclude: [x] }, more]',
    '{ patches: [{ op: replace, path: /manifests/k8s~1base/exclude/0, value: z }, { op: remove, path: /manifests/more }] }',
    { manifests: [{ path: 'k8s/base', exclude: ['z'] }] },
  ],
  [
    'patches come after the rest',
    'hosts: [a.test]',
    '{ hosts: [b.test], patches: [{ op: remove, path: /hosts/b.test }] }',
    { hosts: ['a.test'] },
  ],
])('%s', (_name, base, profile, expected) => {
  expect(effective({ root: `${base}\nprofiles: { p: ${profile} }\n`, profiles: ['p'] })).toMatchObject(
    expected as object,
  )
})

test('a profile that removes a key leaves none of it', () => {
  const root =
    'services: { a: {}, b: {} }\nprofiles: { p: { patches: [{ op: remove, path: /services/b }] } }\n'
  expect(loaded({ root, profiles: ['p'] }).project.services.map(({ name }) => name)).toEqual(['a'])
  expect(loaded({ root }).project.services.map(({ name }) => name)).toEqual(['a', 'b'])
})

test('a number of a profile is the text as it was written there', () => {
  const root = 'services: { a: {} }\nprofiles: { p: { services: { a: { buildArgs: { V: 1.10 } } } } }\n'
  expect(loaded({ root, profiles: ['p'] }).project.services[0]?.buildArgs).toEqual({ V: '1.10' })
})

test.each<[string, Given, readonly string[]]>([
  [
    'a profile that is not active is checked by the schema, too',
    {
      root: 'services: { a: { image: 5 } }\nprofiles: { p: { servces: {}, services: { a: { image: b } } } }\n',
    },
    [
      'dev.config.yaml:1:25 "image" must be text, not a number [write it in quotes: "5"]',
      'dev.config.yaml:2:18 unknown key "servces" [did you mean "services"?]',
    ],
  ],
  [
    'a wrong value that a profile replaces',
    {
      root: 'services: { a: { image: 5 } }\nprofiles: { p: { services: { a: { image: b } } } }\n',
      profiles: ['p'],
    },
    ['dev.config.yaml:1:25 "image" must be text, not a number [write it in quotes: "5"]'],
  ],
  [
    'what a profile brings, at its place',
    {
      root: 'services: { a: {} }\nprofiles:\n  p:\n    services:\n      a: { dependsOn: [nobody] }\n',
      profiles: ['p'],
    },
    ['dev.config.yaml:5:24 there is no service "nobody" [the services are: a]'],
  ],
  [
    'what a patch brings, at its place',
    {
      root: 'services: { a: {} }\nprofiles: { p: { patches: [{ op: add, path: /services/a/image, value: [x] }] } }\n',
      profiles: ['p'],
    },
    ['dev.config.yaml:2:71 "image" must be text, not a list'],
  ],
  [
    'patches that lead nowhere, or lack something',
    {
      root: 'services: { aa: {} }\nprofiles: { p: { patches: [{ op: replace, path: /services/ab/image, value: x }, { op: remove, path: /hosts/0, value: 1 }, { op: add, path: /x }, { op: ad, path: x }] } }\n',
      profiles: ['p'],
    },
    [
      'dev.config.yaml:2:49 there is nothing at /services/ab/image to replace [did you mean "aa"?]',
      'dev.config.yaml:2:111 "value" does not go with "remove" [remove it]',
      'dev.config.yaml:2:123 "value" is missing',
      'dev.config.yaml:2:146 "value" is missing',
      'dev.config.yaml:2:152 "op" must be one of: add, replace, remove [did you mean "add"?]',
      'dev.config.yaml:2:162 "path" must be a path such as /services/web/image',
    ],
  ],
  [
    'activations that cannot hold',
    {
      root: "services: { a: {} }\nprofiles: { p: { activation: [{}, { env: 'A=(' }, { context: '![' }] } }\n",
    },
    [
      'dev.config.yaml:2:31 an activation must have one of env, context and command',
      'dev.config.yaml:2:42 "(" is no regular expression: Unterminated group',
      'dev.config.yaml:2:62 "[" is no regular expression: Unterminated character class',
    ],
  ],
  [
    'a service of two files',
    {
      root: 'services:\n  web: {}\n',
      others: { 'teams/a/dev.config.yaml': 'services:\n  api: {}\n  web: {}\n' },
    },
    [
      'teams/a/dev.config.yaml:3:3 the service "web" is there twice: dev.config.yaml:2 has it, too [rename one of the two; only a profile of the root file can change it]',
    ],
  ],
  [
    'global keys of an included file: equal, other, and new; variables likewise',
    {
      root: 'services: { web: {} }\nnamespace: shop\ncluster: { kind: dev }\nvariables: { A: 1, B: 2 }\n',
      others: {
        'a.yaml':
          'namespace: shop\ncluster: { kind: other }\nonExit: down\nvariables: { A: 1, B: 3 }\ninclude: [x]\n',
      },
    },
    [
      'a.yaml:2:1 "cluster" is for the whole project, and differs from dev.config.yaml:3 [remove it here, or make it equal]',
      'a.yaml:3:1 "onExit" is for the whole project, and the file that includes this one does not have it [move it there]',
      'a.yaml:4:20 the name in "variables" "B" is there twice: dev.config.yaml:4 has it, too [give both the same value, or rename one of the two]',
      'a.yaml:5:1 "include" goes only into the file that devloop starts from [name these files there]',
    ],
  ],
  [
    'an unknown key of an included file, once',
    { root: 'services: { web: {} }\n', others: { 'a.yaml': 'hostz: [x]\n' } },
    ['a.yaml:1:1 unknown key "hostz" [did you mean "hosts"?]'],
  ],
  [
    'errors of every file at once, each in its own',
    {
      root: 'services: { web: { imag: x } }\n',
      others: {
        'a.yaml': 'services: { api: { dependsOn: [wep] } }\n',
        'b.yaml': 'services: { x: { target: 5 } }\n',
      },
    },
    [
      'dev.config.yaml:1:20 unknown key "imag" [did you mean "image"?]',
      'a.yaml:1:32 there is no service "wep" [did you mean "web"?]',
      'b.yaml:1:26 "target" must be text, not a number [write it in quotes: "5"]',
    ],
  ],
  [
    'an included file that is no YAML, or empty',
    {
      root: 'services: { web: { imag: x } }\n',
      others: { 'a.yaml': 'services: { api: *x }\n', 'b.yaml': '' },
    },
    [
      'dev.config.yaml:1:20 unknown key "imag" [did you mean "image"?]',
      expect.stringMatching(/^a\.yaml:1:\d+ .*\bx\b/) as unknown as string,
      'b.yaml:1:1 the config is empty [name a service, as in "services: { web: {} }", which builds ./web/Dockerfile]',
    ],
  ],
])('%s', (_name, given, expected) => {
  expect(findings(given)).toEqual(expected)
})

test('paths of an included file count from its folder', () => {
  const { project } = loaded({
    root: 'services: { web: {} }\ncluster: { kind: { create: true, config: kind.yaml } }\n',
    others: {
      'teams/a/dev.config.yaml': `
services:
  api: { dockerfile: Dockerfile.dev, secrets: [{ id: n, file: npmrc }, { id: h, file: ~/.npmrc }], watch: { extra: [../shared] } }
  bare:
  far: { context: ../../far }
manifests: [k8s, /abs/k8s, { helm: chart, values: [v.yaml] }, { command: make, inputs: [src] }, { command: make, cwd: x }]
profiles: { ci: { services: { api: { target: ci, context: ci } } } }
`,
    },
    profiles: ['ci'],
  })
  expect(project.services.map(({ name, context, dockerfile }) => [name, context, dockerfile])).toEqual([
    ['web', '/shop/web', '/shop/web/Dockerfile'],
    ['api', '/shop/teams/a/ci', '/shop/teams/a/ci/Dockerfile.dev'],
    ['bare', '/shop/teams/a/bare', '/shop/teams/a/bare/Dockerfile'],
    ['far', '/shop/far', '/shop/far/Dockerfile'],
  ])
  expect(project.services[1]).toMatchObject({
    target: 'ci',
    secrets: [{ file: '/shop/teams/a/npmrc' }, { file: '/home/ann/.npmrc' }],
    watch: { extra: ['/shop/teams/a/shared'] },
  })
  expect(project.manifests).toMatchObject([
    { path: 'k8s' },
    { path: 'teams/a/k8s' },
    { path: '/abs/k8s' },
    { chart: '/shop/teams/a/chart', values: ['/shop/teams/a/v.yaml'] },
    { inputs: ['teams/a/src'], cwd: '/shop/teams/a' },
    { cwd: '/shop/teams/a/x' },
  ])
})

test("the root's profile changes services of every file", () => {
  const { project } = loaded({
    root: 'services: { web: {} }\nprofiles: { p: { services: { api: { target: ci } } } }\n',
    others: { 'a/dev.config.yaml': 'services: { api: {} }\n' },
    profiles: ['p'],
  })
  expect(project.services.find(({ name }) => name === 'api')).toMatchObject({
    target: 'ci',
    context: '/shop/a/api',
  })
})
