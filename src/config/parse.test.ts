import { describe, expect, test } from 'vitest'
import { formatDiagnostic } from '../core/format-diagnostic.js'
import { parseConfig } from './parse.js'

const parse = (text: string, env: Readonly<Record<string, string>> = {}) =>
  parseConfig({
    text,
    file: '/shop/My Tours/dev.config.yaml',
    env,
    home: '/home/ann',
    cpus: 8,
    defaultManifests: ['k8s'],
  })

/** `line:column-endColumn message [suggestion]` of everything that is wrong. */
function findings(text: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  const result = parse(text, env)
  const diagnostics = result.ok
    ? result.value.warnings
    : result.error.kind === 'config-invalid'
      ? result.error.diagnostics
      : []
  return diagnostics.map(({ range, message, suggestion, severity }) =>
    [
      `${range?.line}:${range?.column}-${range?.endLine === range?.line ? range?.endColumn : `${range?.endLine}:${range?.endColumn}`}`,
      ...(severity === 'warning' ? ['warning:'] : []),
      message,
      ...(suggestion === undefined ? [] : [`[${suggestion}]`]),
    ].join(' '),
  )
}

function project(text: string, env: Readonly<Record<string, string>> = {}) {
  const result = parse(text, env)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value.project
}

describe('what is wrong, and where', () => {
  test.each<[string, string, readonly string[]]>([
    ['a typo at the top', 'servces: {}\n', ['1:1-8 unknown key "servces" [did you mean "services"?]']],
    [
      'a typo in a list',
      'services:\n  a:\n    requires: [{ servic: a, arg: X }]\n',
      ['3:16-37 "service" is missing', '3:18-24 unknown key "servic" [did you mean "service"?]'],
    ],
    [
      'a key that is like no other',
      'build: { zzz: 1 }\n',
      ['1:10-13 unknown key "zzz" [the keys here are: concurrency]'],
    ],
    [
      'wrong types',
      'services: [a]\npreload: redis\nnamespace: 5\nbuild: { concurrency: 1.5 }\n',
      [
        '1:11-14 "services" must be a mapping, not a list',
        '2:10-15 "preload" must be a list, not text',
        '3:12-13 "namespace" must be text or a mapping, not a number [write it in quotes: "5"]',
        '4:23-26 "concurrency" must be a whole number, not a number',
      ],
    ],
    [
      'no value',
      'services:\nname:\n',
      [
        '1:1-9 "services" has no value [it must be a mapping; remove the line to take the default]',
        '2:1-5 "name" has no value [it must be text; remove the line to take the default]',
      ],
    ],
    [
      'numbers that must be quoted',
      'preload: [1.10]\n',
      ['1:11-15 "preload[0]" must be text, not a number [write it in quotes: "1.10"]'],
    ],
    [
      'choices',
      'version: 2\nonExit: dwn\n',
      [
        '1:10-11 "version" must be 1',
        '2:9-12 "onExit" must be one of: keep, scale-zero, down [did you mean "down"?]',
      ],
    ],
    [
      'a path that is none',
      'replace: [{ kind: Rollout, path: spec.containers..image }]\n',
      ['1:34-56 "path" must be a path such as spec.template.spec.containers[*].image'],
    ],
    [
      'durations',
      'waitTimeout: 3 minutes\n',
      ['1:14-23 "waitTimeout" must be a duration such as 90s or 3m, or a number of seconds'],
    ],
    ['a duration of nothing', 'waitTimeout: 0s\n', ['1:14-16 "waitTimeout" must be more than 0']],
    [
      'two clusters',
      'cluster:\n  kind: {}\n  k3d: {}\n',
      [
        '3:3-6 "cluster" must have exactly one of kind, minikube, k3d, context and process; it has "kind" already [keep one of them]',
      ],
    ],
    [
      'patterns that are none',
      "logs: { ignore: ['GET /healthz', '(', '[z-a]'] }\n",
      [
        '1:34-37 "(" is no regular expression: Unterminated group',
        '1:39-46 "[z-a]" is no regular expression: Range out of order in character class',
      ],
    ],
    [
      'no cluster',
      'cluster: {}\n',
      [
        '1:10-12 "cluster" must have exactly one of kind, minikube, k3d, context and process [remove it to take the local cluster that answers]',
      ],
    ],
    [
      'settings for a cluster that is not created',
      'cluster: { kind: { image: x } }\n',
      ['1:20-25 warning: "image" counts only for a cluster that devloop creates [add "create: true"]'],
    ],
    [
      'manifests of no kind, of two kinds, and with the keys of another',
      'manifests:\n  - { exclude: [a] }\n  - { path: k8s, helm: db }\n  - { kustomize: k8s, values: [a] }\n  - { helm: db, inputs: [a] }\n',
      [
        '2:5-21 an entry of "manifests" must have exactly one of path, kustomize, helm and command [name a folder of manifests with "path:"]',
        '3:18-22 an entry of "manifests" must have exactly one of path, kustomize, helm and command; this one has "path" already [make an entry of its own of "helm"]',
        '4:23-29 "values" goes with helm, not with "kustomize" [remove it]',
        '5:17-23 "inputs" goes with command, not with "helm" [remove it]',
      ],
    ],
    [
      'a misspelt key, a release name and a wrong type in manifests',
      'manifests:\n  - { helm: db, relase: x }\n  - { helm: db, release: My_DB }\n  - { kustomize: [a] }\n',
      [
        '2:17-23 unknown key "relase" [did you mean "release"?]',
        '3:26-31 "release" must be lower-case letters, digits, "." or "-", and begin and end with a letter or digit',
        '4:18-21 "kustomize" must be text, not a list',
      ],
    ],
    [
      'override without a namespace',
      'namespace: { override: true }\n',
      ['1:24-28 "override" needs a namespace to move everything to [add "default:"]'],
    ],
    [
      'names that lead nowhere',
      'services:\n  auth: { dependsOn: [aut, deploymnt/x] }\n  tour: { requires: [{ service: base, arg: B }] }\n',
      [
        '2:23-26 there is no service "aut" [did you mean "auth"?]',
        '2:28-39 "deploymnt/x" names a kind "deploymnt" that is no workload [did you mean "deployment/x"?]',
        '3:33-37 there is no service "base" [the services are: auth, tour]',
      ],
    ],
    [
      'circles',
      'services:\n  a: { dependsOn: [b] }\n  b: { dependsOn: [deploy/c] }\n  c: { workloads: [deployment/c], dependsOn: [a], requires: [{ service: c, arg: X }] }\n',
      [
        '2:20-21 dependsOn goes round in a circle: a → b → c → a [remove one of them]',
        '4:73-74 requires of "c" names the service itself [remove one of them]',
      ],
    ],
    [
      'the same image twice',
      'services:\n  a: { image: docker.io/library/x }\n  b: { image: x }\n',
      [
        '3:15-16 "b" and "a" have the same image "x" [give each its own image, or say with "workloads" which workloads each runs]',
      ],
    ],
    [
      'images',
      'services:\n  Auth: {}\n  a: { image: "a@sha256:0123456789012345678901234567890123456789012345678901234567890123" }\npreload: ["a b"]\n',
      [
        '2:3-7 the image "Auth" must be lower case, but has "Auth" [add "image: auth", or rename the service]',
        '3:15-90 an image that is built here cannot have a digest [write "a"]',
        expect.stringMatching(/^4:11-16 the image "a b" /) as unknown as string,
      ],
    ],
    [
      'names that are none',
      'name: My Shop\nservices: { "a b": {} }\nvariables: { 1X: y }\n',
      [
        '1:7-14 "name" must be lower-case letters, digits or "-", begin and end with a letter or digit, and be at most 63 long',
        '2:13-18 "a b" must be letters, digits, ".", "_" or "-", begin and end with a letter or digit, and be at most 63 long',
        '3:14-16 "1X" must be letters, digits or "_" and not begin with a digit',
      ],
    ],
    [
      'secrets and arguments',
      'services:\n  a:\n    secrets: [{ id: npm }, { id: npm, env: N }]\n    buildArgs: { B: 1 }\n    requires: [{ service: b, arg: B }]\n  b:\n',
      [
        '3:15-26 the secret "npm" must have exactly one of file and env [as in { id: npm, file: ~/.npm }]',
        '3:34-37 another secret has the id "npm", too',
        '5:35-36 "B" is set by buildArgs, too [keep one of the two]',
      ],
    ],
    [
      'a key twice, together with what else is wrong',
      'name: a\nname: b\nfoo: 1\n',
      [
        '2:1-5 "name" is there twice [keep one of the two]',
        expect.stringMatching(/^3:1-4 unknown key "foo"/) as unknown as string,
      ],
    ],
    [
      'broken YAML, and what is wrong above it',
      'nme: a\nservices:\n  auth: {}\n   tour: {}\n',
      [
        '1:1-4 unknown key "nme" [did you mean "name"?]',
        '4:4-5 All mapping items must start at the same column',
      ],
    ],
    ['a half-written key', 'services:\n  au\n', ['2:3-5 "services" must be a mapping, not text']],
    [
      'an empty file',
      '# nothing yet\n',
      [
        '1:1-14 the config is empty [name a service, as in "services: { web: {} }", which builds ./web/Dockerfile]',
      ],
    ],
    ['a list', '- a\n', ['1:1-4 the config must be a mapping, not a list']],
    [
      'two documents',
      'name: a\n---\nname: b\n',
      ['2:1-3:8 a config file is one YAML document [remove the "---" and what follows it]'],
    ],
    [
      'an alias without its anchor',
      'name: *x\n',
      ['1:7-9 Unresolved alias (the anchor must be set before the alias): x'],
    ],
    ['__proto__', 'services:\n  __proto__: {}\n', ['2:3-12 "__proto__" cannot be a key']],
  ])('%s', (_name, text, expected) => {
    expect(findings(text)).toEqual(expected)
  })

  test('an environment variable that is not set', () => {
    expect(
      findings('variables:\n  A: { env: HOEM }\n  B: { env: X, default: "" }\n', { HOME: '/h' }),
    ).toEqual([
      '2:13-17 the environment variable HOEM is not set, and "A" has no default [did you mean "HOME"?]',
    ])
  })

  test('CRLF and a byte order mark move nothing', () => {
    expect(findings('\uFEFFname: a\r\nfoo: 1\r\n')[0]).toMatch(/^2:1-4 unknown key "foo"/)
  })

  test('a diagnostic prints with its frame', () => {
    const result = parse('services:\n  auth: { imge: x }\n')
    const [diagnostic] = !result.ok && result.error.kind === 'config-invalid' ? result.error.diagnostics : []
    expect(diagnostic && formatDiagnostic(diagnostic)).toEqual([
      '/shop/My Tours/dev.config.yaml:2:11: unknown key "imge"',
      '   2 |   auth: { imge: x }',
      '     |           ^^^^',
      '  → did you mean "image"?',
    ])
  })
})

describe('defaults', () => {
  test('the small example', () => {
    expect(project('services:\n  auth: {}\n  tour: { image: pusan/tour }\nmanifests: k8s\n')).toEqual({
      name: 'my-tours',
      root: '/shop/My Tours',
      configFile: '/shop/My Tours/dev.config.yaml',
      cluster: { kind: 'auto' },
      namespace: { default: undefined, create: true, override: false },
      variables: {},
      services: [service('auth'), { ...service('tour'), image: 'pusan/tour' }],
      manifests: [{ kind: 'raw', path: 'k8s', exclude: [], substitute: true }],
      preload: [],
      hosts: [],
      gateway: { mode: 'auto', port: 8080 },
      portForward: { auto: true, forwards: [] },
      build: { concurrency: 4 },
      logs: { ignore: [] },
      waitTimeout: undefined,
      prune: 'ask',
      onExit: 'keep',
    })
  })

  test('the large example, cut to the keys of this version', () => {
    const large = project(LARGE, { TARGET_NAMESPACE: 'mine' })
    expect(large).toMatchObject({
      name: 'tours',
      cluster: {
        kind: 'kind',
        name: 'tours',
        create: true,
        image: 'kindest/node:v1.34.0',
        config: '/shop/My Tours/kind.yaml',
      },
      namespace: { default: 'tours', create: true, override: false },
      variables: { TARGET_NAMESPACE: 'mine', RATIO: '1.10' },
      build: { concurrency: 2 },
      waitTimeout: 180,
      manifests: [{ kind: 'raw', path: 'k8s', exclude: ['logging/**'], substitute: true }],
    })
    expect(large.services[0]).toEqual({
      name: 'tour',
      context: '/shop/My Tours/services/tour',
      dockerfile: '/shop/My Tours/services/tour/Dockerfile.dev',
      image: 'pusan/tour',
      target: 'dev',
      platform: 'linux/amd64',
      buildArgs: { NODE_ENV: 'development', VERSION: '1.10' },
      secrets: [{ id: 'npmrc', file: '/home/ann/.npmrc' }],
      requires: [
        {
          service: 'base',
          arg: 'BASE_IMAGE',
          base: { dockerfile: '/shop/My Tours/base/Dockerfile', target: undefined },
        },
      ],
      workloads: ['deployment/tour-depl'],
      container: 'tour',
      watch: { extra: ['/shop/My Tours/packages/shared'], ignore: ['**/*.test.ts'] },
      dependsOn: ['auth', 'statefulset/mysql'],
    })
  })

  test.each([
    ['kind: {}', { kind: 'kind', name: 'kind', create: false, image: undefined, config: undefined }],
    ['kind:', { kind: 'kind', name: 'kind', create: false, image: undefined, config: undefined }],
    ['kind: dev', { kind: 'kind', name: 'dev', create: false, image: undefined, config: undefined }],
    ['k3d: {}', { kind: 'k3d', name: 'k3s-default', create: false, image: undefined, config: undefined }],
    ['minikube: {}', { kind: 'minikube', profile: 'minikube', create: false }],
    ['minikube: two', { kind: 'minikube', profile: 'two', create: false }],
    ['process: {}', { kind: 'process', images: {} }],
    ['process:', { kind: 'process', images: {} }],
    [
      "process: { images: { 'redis:7': 'redis-server --port $PORT', nats: [nats-server, -p, $(PORT)] } }",
      {
        kind: 'process',
        images: { 'redis:7': 'redis-server --port $PORT', nats: ['nats-server', '-p', '$(PORT)'] },
      },
    ],
    ['context: staging', { kind: 'context', name: 'staging', allow: false, registry: undefined }],
  ])('cluster: %s', (text, expected) => {
    expect(project(`cluster:\n  ${text}\n`).cluster).toEqual(expected)
  })

  test.each([
    ['90s', 90],
    ['3m', 180],
    ['1m30s', 90],
    ['0.5h', 1800],
    ['45', 45],
  ])('waitTimeout: %s', (text, seconds) => {
    expect(project(`waitTimeout: ${text}\n`).waitTimeout).toBe(seconds)
  })

  test('every kind of manifests, in order', () => {
    const text = `manifests:
  - ./k8s
  - { kustomize: overlays/dev, name: environments }
  - { helm: charts/db, release: db, namespace: db, values: [v.yaml], set: { a.b: secret, c: 1.10, d: '1', e: true } }
  - { command: ./render.sh, inputs: [render.sh] }
  - { command: [jsonnet, -y, all.jsonnet] }
`
    const root = '/shop/My Tours'
    expect(project(text).manifests).toEqual([
      { kind: 'raw', path: 'k8s', exclude: [], substitute: true },
      { kind: 'kustomize', folder: `${root}/overlays/dev`, name: 'environments', namespace: undefined },
      {
        kind: 'helm',
        chart: `${root}/charts/db`,
        release: 'db',
        namespace: 'db',
        values: [`${root}/v.yaml`],
        set: [
          { key: 'a.b', value: 'secret', isText: true },
          { key: 'c', value: '1.10', isText: false },
          { key: 'd', value: '1', isText: true },
          { key: 'e', value: 'true', isText: false },
        ],
      },
      {
        kind: 'command',
        command: './render.sh',
        inputs: ['render.sh'],
        name: undefined,
        namespace: undefined,
      },
      {
        kind: 'command',
        command: ['jsonnet', '-y', 'all.jsonnet'],
        inputs: [],
        name: undefined,
        namespace: undefined,
      },
    ])
  })

  test('no manifests named takes what there is; an empty list takes none', () => {
    expect(project('name: a\n').manifests).toEqual([
      { kind: 'raw', path: 'k8s', exclude: [], substitute: true },
    ])
    expect(project('manifests: []\n').manifests).toEqual([])
  })

  test('services that share an image are told apart by their workloads, and share anchors', () => {
    const text =
      'services:\n  a: &base { image: x, context: src, workloads: [deploy/a] }\n  b: { <<: *base, workloads: [sts/b] }\n'
    expect(project(text).services.map(({ image, workloads }) => [image, workloads])).toEqual([
      ['x', ['deployment/a']],
      ['x', ['statefulset/b']],
    ])
  })
})

const service = (name: string) => ({
  name,
  context: `/shop/My Tours/${name}`,
  dockerfile: `/shop/My Tours/${name}/Dockerfile`,
  image: name,
  target: undefined,
  platform: undefined,
  buildArgs: {},
  secrets: [],
  requires: [],
  workloads: [],
  container: undefined,
  watch: { extra: [], ignore: [] },
  dependsOn: [],
})

const LARGE = `
version: 1
name: tours
cluster:
  kind: { name: tours, create: true, image: kindest/node:v1.34.0, config: kind.yaml }
namespace: { default: tours, create: true }
variables:
  TARGET_NAMESPACE: { env: TARGET_NAMESPACE, default: tours }
  RATIO: 1.10
services:
  tour:
    context: services/tour
    dockerfile: Dockerfile.dev
    image: pusan/tour
    target: dev
    platform: linux/amd64
    buildArgs: { NODE_ENV: development, VERSION: 1.10 }
    secrets: [{ id: npmrc, file: ~/.npmrc }]
    requires: [{ service: base, arg: BASE_IMAGE }]
    workloads: [deployment/tour-depl]
    container: tour
    watch: { extra: [../../packages/shared], ignore: ['**/*.test.ts'] }
    dependsOn: [auth, statefulset/mysql]
  auth: {}
  base:
manifests:
  - { path: ./k8s, exclude: ['logging/**'], substitute: true }
preload: [redis:7-bookworm]
build: { concurrency: 2 }
waitTimeout: 3m
onExit: keep
`
