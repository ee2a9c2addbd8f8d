import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { configSchema } from '../schema.js'
import { plainOf } from './config-node.js'
import { skaffoldFields } from './fields.js'
import { importSkaffold } from './import-skaffold.js'
import { nodeAt } from './source-node.js'
import type { FileFact } from './translation.js'

type Files = Readonly<Record<string, string>>

/** A file at `/shop/skaffold.yaml` among others, translated. */
function translate(
  text: string,
  { files = {}, env = {}, live = false }: { files?: Files; env?: Files; live?: boolean } = {},
) {
  const paths = Object.keys(files).map(path => `/shop/${path}`)
  const fileAt = (path: string): FileFact => {
    const content = files[path.replace('/shop/', '')]
    if (content !== undefined) return { kind: 'file', text: content }
    const below = paths.filter(one => one.startsWith(`${path}/`)).map(one => one.slice(path.length + 1))
    return below.length === 0
      ? undefined
      : { kind: 'folder', names: below.filter(name => !name.includes('/')) }
  }
  const { config, findings, dependsOn } = importSkaffold({
    file: '/shop/skaffold.yaml',
    text,
    env,
    live,
    fileAt,
  })
  return { config: plainOf(config) as Record<string, unknown>, node: config, findings, dependsOn }
}

const v4 = (body: string): string => `apiVersion: skaffold/v4beta11\nkind: Config\n${body}`
const artifact = (body: string): string =>
  v4(`build:\n  artifacts:\n    - image: pusan/web\n${body.replace(/^/gm, '      ')}\n`)

interface Case {
  /** The field of the table that it shows. */
  readonly field: string
  readonly skaffold: string
  /** A part of the config. */
  readonly config: string
  readonly files?: Files
  readonly env?: Files
}

const web = (fields: string): string => `services: { web: { context: ., image: pusan/web, ${fields} } }`
const release = (body: string): string =>
  v4(`manifests:\n  helm:\n    releases:\n      - { name: db, chartPath: charts/db, ${body} }\n`)
const helm = (fields: string): string => `manifests: [{ helm: charts/db, release: db, ${fields} }]`
const command = (argv: string, rest: string): string =>
  `manifests: [{ command: [helm, template, ${argv}], ${rest} }]`
const profile = (body: string): string =>
  v4(`deploy: { kubeContext: kind-a }\nprofiles:\n  - name: ci\n${body.replace(/^/gm, '    ')}\n`)
const selector = (rules: string): string => v4(`resourceSelector:\n  allow: [${rules}]\n`)
const toOther = 'patches: [{ op: replace, path: /cluster, value: { kind: b } }]'

const cases: readonly Case[] = [
  {
    field: 'apiVersion',
    skaffold: 'apiVersion: skaffold/v2beta29\ndeploy: { kubectl: { manifests: [a.yaml] } }',
    config: 'manifests: [a.yaml]',
  },
  { field: 'kind', skaffold: v4('metadata: { name: shop }'), config: 'name: shop' },
  { field: 'metadata.name', skaffold: v4('metadata: { name: My_Shop }'), config: 'name: my-shop' },
  {
    field: 'requires[].path',
    skaffold: v4('requires: [{ path: team }]'),
    files: {
      'team/skaffold.yaml': v4(
        'build: { artifacts: [{ image: a, context: app }] }\nmanifests: { rawYaml: [k8s/a.yaml] }',
      ),
      'team/app/x': '',
    },
    config: 'services: { a: { context: team/app } }\nmanifests: [team/k8s/a.yaml]',
  },
  {
    field: 'requires[].configs',
    skaffold: v4('requires: [{ path: team, configs: [two] }]'),
    files: {
      'team/skaffold.yaml': `${v4('metadata: { name: one }\nmanifests: { rawYaml: [1.yaml] }')}\n---\n${v4('metadata: { name: two }\nmanifests: { rawYaml: [2.yaml] }')}`,
    },
    config: 'manifests: [team/2.yaml]',
  },
  {
    field: 'requires[].activeProfiles',
    skaffold: v4(
      'requires: [{ path: team, activeProfiles: [{ name: dev }, { name: off, activatedBy: [never] }] }]',
    ),
    files: {
      'team/skaffold.yaml': v4(
        'manifests: { rawYaml: [a.yaml] }\nprofiles: [{ name: dev, manifests: { rawYaml: [dev.yaml] } }, { name: off, manifests: { rawYaml: [off.yaml] } }]',
      ),
    },
    config:
      'manifests: [team/dev.yaml]\nprofiles: { dev: {}, off: { patches: [{ op: replace, path: /manifests, value: [team/off.yaml] }] } }',
  },
  { field: 'build.artifacts[].image', skaffold: artifact(''), config: web('') },
  {
    field: 'build.artifacts[].context',
    skaffold: artifact('context: ./apps/web/'),
    config: 'services: { web: { context: apps/web, image: pusan/web } }',
  },
  {
    field: 'build.artifacts[].workspace',
    skaffold: artifact('workspace: apps'),
    config: 'services: { web: { context: apps, image: pusan/web } }',
  },
  {
    field: 'build.artifacts[].docker.dockerfile',
    skaffold: artifact('docker: { dockerfile: Dockerfile.dev }'),
    config: web('dockerfile: Dockerfile.dev'),
  },
  {
    field: 'build.artifacts[].docker.target',
    skaffold: artifact('docker: { target: dev }'),
    config: web('target: dev'),
  },
  {
    field: 'build.artifacts[].docker.buildArgs',
    skaffold: artifact(
      'docker:\n  buildArgs: { A: "{{.FOO}}", B: 1.10, C: , D: "v{{.V}}", E: \'{{.X | default "y"}}\', F: \'{{default "z" .Y}}\' }',
    ),
    env: { V: '7' },
    config: web(
      'buildArgs: { A: { env: FOO }, B: 1.1, C: { env: C }, D: v7, E: { env: X, default: y }, F: { env: Y, default: z } }',
    ),
  },
  {
    field: 'build.artifacts[].docker.secrets',
    skaffold: artifact(
      'docker: { secrets: [{ id: npm, src: ~/.npmrc }, { id: token, env: TOKEN }, { id: KEY }] }',
    ),
    config: web('secrets: [{ id: npm, file: ~/.npmrc }, { id: token, env: TOKEN }, { id: KEY, env: KEY }]'),
  },
  {
    field: 'build.artifacts[].docker.secret',
    skaffold: artifact('docker: { secret: { id: npm, src: npmrc } }').replace('v4beta11', 'v2beta12'),
    config: web('secrets: [{ id: npm, file: npmrc }]'),
  },
  {
    field: 'build.artifacts[].kaniko.dockerfile',
    skaffold: artifact('kaniko: { dockerfile: K }'),
    config: web('dockerfile: K'),
  },
  {
    field: 'build.artifacts[].kaniko.target',
    skaffold: artifact('kaniko: { target: dev }'),
    config: web('target: dev'),
  },
  {
    field: 'build.artifacts[].kaniko.buildArgs',
    skaffold: artifact('kaniko: { buildArgs: { A: b } }'),
    config: web('buildArgs: { A: b }'),
  },
  ...['bazel', 'buildpacks', 'buildpack', 'custom', 'jib', 'ko'].map(builder => ({
    field: `build.artifacts[].${builder}`,
    skaffold: artifact(`context: app\n${builder}: {}`),
    files: { 'app/Dockerfile': 'FROM scratch' },
    config: 'services: { web: { context: app, image: pusan/web } }',
  })),
  {
    field: 'build.artifacts[].platforms',
    skaffold: artifact('platforms: [linux/arm64]'),
    config: web('platform: linux/arm64'),
  },
  {
    field: 'build.artifacts[].requires',
    skaffold: v4(
      'build: { artifacts: [{ image: org/web, context: web, requires: [{ image: base, alias: BASE }] }, { image: base, context: base }] }',
    ),
    config: 'services: { web: { image: org/web, requires: [{ service: base, arg: BASE }] }, base: {} }',
  },
  {
    field: 'build.artifacts[].hooks',
    skaffold: artifact(
      'context: app\nhooks: { before: [{ command: [sh, -c, make all], os: [linux, darwin] }], after: [{ command: [npm, run, x], dir: app }] }',
    ),
    config:
      'services: { web: { context: app, image: pusan/web, hooks: { beforeBuild: [{ run: make all, cwd: .., os: [linux, darwin] }], afterBuild: [{ run: [npm, run, x] }] } } }',
  },
  {
    field: 'build.artifacts[].sync.manual',
    skaffold: artifact(
      "sync: { manual: [{ src: 'content/en/**/*.md', dest: content, strip: content/en/ }, { src: 'conf/*', dest: /etc }] }",
    ),
    files: { Dockerfile: 'FROM a\nWORKDIR /srv' },
    config: web(
      "sync: [{ match: 'content/en/**/*.md', strip: content/en, to: /srv/content }, { match: 'conf/*', to: /etc }]",
    ),
  },
  {
    field: 'build.artifacts[].sync.infer',
    skaffold: artifact(
      "sync: { infer: ['.filebaserc', 'static-html/*.html', '**/*.png', 'content/en/**/*.md'] }",
    ),
    files: {
      Dockerfile:
        'FROM hugo\nWORKDIR /srv\nADD .filebaserc /etc/\nADD assets assets/\nCOPY static-html static/\nCOPY content/en content/',
      '.filebaserc': '',
      'assets/a.png': '',
      'static-html/i.html': '',
      'content/en/i.md': '',
    },
    config: web(
      "sync: [{ match: .filebaserc, to: /etc }, { match: 'static-html/*.html', strip: static-html, to: /srv/static }, { match: 'content/en/**/*.png', strip: content/en, to: /srv/content }, { match: 'static-html/**/*.png', strip: static-html, to: /srv/static }, { match: 'assets/**/*.png', strip: assets, to: /srv/assets }, { match: 'content/en/**/*.md', strip: content/en, to: /srv/content }]",
    ),
  },
  { field: 'build.artifacts[].sync.auto', skaffold: artifact('sync: { auto: false }'), config: web('') },
  {
    field: 'build.artifacts[].sync.hooks',
    skaffold: artifact(
      "sync: { manual: [{ src: a, dest: /a }], hooks: { before: [{ host: { command: [make] } }], after: [{ container: { command: [kill, -HUP, '1'] } }] } }",
    ),
    config: web(
      "hooks: { beforeSync: [{ run: [make] }], afterSync: [{ run: [kill, -HUP, '1'], container: true }] }, sync: [{ match: a, to: /a }]",
    ),
  },
  {
    field: 'build.platforms',
    skaffold: v4('build: { platforms: [linux/amd64], artifacts: [{ image: pusan/web }] }'),
    config: web('platform: linux/amd64'),
  },
  {
    field: 'build.hooks',
    skaffold: v4('build: { hooks: { before: [{ command: [make] }], after: [{ command: [ls], dir: web }] } }'),
    config: 'hooks: { beforeBuild: [{ run: [make] }], afterBuild: [{ run: [ls], cwd: web }] }',
  },
  { field: 'build.local.push', skaffold: v4('build: { local: { push: false } }'), config: '{}' },
  {
    field: 'build.local.concurrency',
    skaffold: v4('build: { local: { concurrency: 3 } }'),
    config: 'build: { concurrency: 3 }',
  },
  { field: 'build.local.useBuildkit', skaffold: v4('build: { local: { useBuildkit: true } }'), config: '{}' },
  {
    field: 'manifests.rawYaml',
    skaffold: v4('manifests: { rawYaml: [./k8s/**/*, a.yaml] }'),
    config: 'manifests: [k8s/**/*, a.yaml]',
  },
  {
    field: 'manifests.kustomize.paths',
    skaffold: v4('manifests: { kustomize: { paths: [overlays/dev, "{{.O}}"] } }'),
    env: { O: 'o' },
    config: 'manifests: [{ kustomize: overlays/dev }, { kustomize: o }]',
  },
  {
    field: 'manifests.kustomize.buildArgs',
    skaffold: v4('manifests: { kustomize: { buildArgs: [--enable-helm], paths: [dev] } }'),
    config: 'manifests: [{ command: [kubectl, kustomize, --enable-helm, dev], inputs: [dev] }]',
  },
  { field: 'releases[].name', skaffold: release(''), config: helm('') },
  { field: 'releases[].chartPath', skaffold: release(''), config: helm('') },
  {
    field: 'releases[].remoteChart',
    skaffold: v4(
      'manifests: { helm: { releases: [{ name: db, remoteChart: bitnami/mysql, namespace: data }] } }',
    ),
    config: command(
      'db, bitnami/mysql, --include-crds, --namespace, data',
      'inputs: [skaffold.yaml], name: db, namespace: data',
    ),
  },
  {
    field: 'releases[].remote',
    skaffold: v4(
      'deploy: { helm: { releases: [{ name: db, chartPath: bitnami/mysql, remote: true }] } }',
    ).replace('v4beta11', 'v2beta9'),
    config: command('db, bitnami/mysql, --include-crds', 'inputs: [skaffold.yaml], name: db'),
  },
  {
    field: 'releases[].repo',
    skaffold: v4(
      'manifests: { helm: { releases: [{ name: db, remoteChart: mysql, repo: https://charts.example.com }] } }',
    ),
    config: command(
      "db, mysql, --repo, 'https://charts.example.com', --include-crds",
      'inputs: [skaffold.yaml], name: db',
    ),
  },
  {
    field: 'releases[].version',
    skaffold: v4('manifests: { helm: { releases: [{ name: db, remoteChart: mysql, version: 1.10 }] } }'),
    config: command("db, mysql, --version, '1.10', --include-crds", 'inputs: [skaffold.yaml], name: db'),
  },
  {
    field: 'releases[].valuesFiles',
    skaffold: release('valuesFiles: [v.yaml, "{{.F}}"]'),
    env: { F: 'f.yaml' },
    config: helm('values: [v.yaml, f.yaml]'),
  },
  {
    field: 'releases[].setValues',
    skaffold: release("setValues: { a: { b: '2' }, c.d: on, e: true, l: '{x,y}', m: [p, q] }"),
    config: helm("set: { a.b: 2, c.d: on, e: true, 'l[0]': x, 'l[1]': y, 'm[0]': p, 'm[1]': q }"),
  },
  {
    field: 'releases[].setValueTemplates',
    skaffold: `${release("setValueTemplates: { image: '{{.IMAGE_FULLY_QUALIFIED_gcr_io_x_web}}', i.repository: '{{.IMAGE_REPO}}', i.tag: '{{.IMAGE_TAG}}@{{.IMAGE_DIGEST}}', r.registry: '{{.IMAGE_DOMAIN_gcr_io_x_web}}', r.repository: '{{.IMAGE_REPO_NO_DOMAIN_gcr_io_x_web}}', n: '{{.IMAGE_NAME2}}', home: '{{.WHERE}}/x' }")}\nbuild: { artifacts: [{ image: gcr.io/x/web }, { image: api }] }`,
    env: { WHERE: 'here' },
    config: `${helm('set: { image: gcr.io/x/web, i.repository: gcr.io/x/web, i.tag: dev, r.registry: gcr.io, r.repository: x/web, n: api, home: here/x }')}\nservices: { web: { context: ., image: gcr.io/x/web }, api: { context: . } }`,
  },
  {
    field: 'releases[].setFiles',
    skaffold: release('setFiles: { cert: tls.pem }, setValues: { a: b }'),
    config: command(
      'db, ./charts/db, --include-crds, --set-string, a=b, --set-file, cert=tls.pem',
      'inputs: [charts/db, tls.pem], name: db',
    ),
  },
  {
    field: 'releases[].overrides',
    skaffold: release("overrides: { a: { b: '2', c: 3 }, h.i: [x] }"),
    config: helm("set: { a.b: '2', a.c: 3, 'h\\.i[0]': x }"),
  },
  {
    field: 'releases[].artifactOverrides',
    skaffold: v4(
      'deploy: { helm: { releases: [{ name: db, chartPath: charts/db, artifactOverrides: { image: pusan/web } }] } }',
    ).replace('v4beta11', 'v2beta29'),
    config: helm('set: { image: pusan/web }'),
  },
  {
    field: 'releases[].values',
    skaffold: v4(
      'deploy: { helm: { releases: [{ name: db, chartPath: charts/db, values: { image: pusan/web } }] } }',
    ).replace('v4beta11', 'v2beta2'),
    config: helm('set: { image: pusan/web }'),
  },
  {
    field: 'releases[].imageStrategy',
    skaffold: v4(
      'deploy: { helm: { releases: [{ name: db, chartPath: charts/db, artifactOverrides: { image: gcr.io/x/web }, imageStrategy: { helm: { explicitRegistry: true } } }] } }',
    ).replace('v4beta11', 'v2beta29'),
    config: helm('set: { image.registry: gcr.io, image.repository: x/web, image.tag: dev }'),
  },
  { field: 'releases[].namespace', skaffold: release('namespace: data'), config: helm('namespace: data') },
  {
    field: 'releases[].createNamespace',
    skaffold: release('namespace: data, createNamespace: true'),
    config: helm('namespace: data'),
  },
  ...['global', 'template'].map(kind => ({
    field: `helm.flags.${kind}`,
    skaffold: v4(
      `manifests: { helm: { flags: { ${kind}: [--debug] }, releases: [{ name: db, chartPath: charts/db }] } }`,
    ),
    config: command('db, ./charts/db, --include-crds, --debug', 'inputs: [charts/db], name: db'),
  })),
  {
    field: 'helm.hooks',
    skaffold: v4(
      'deploy: { helm: { releases: [{ name: db, chartPath: charts/db }], hooks: { before: [{ host: { command: [make] } }] } } }',
    ),
    config: `${helm('')}\nhooks: { beforeDeploy: [{ run: [make] }] }`,
  },
  {
    field: 'manifests.hooks.before[].host',
    skaffold: v4('manifests: { hooks: { before: [{ host: { command: [make] } }] } }'),
    config: 'hooks: { beforeRender: [{ run: [make] }] }',
  },
  {
    field: 'manifests.hooks.after[].host',
    skaffold: v4('manifests: { hooks: { after: [{ host: { command: [make] } }] } }'),
    config: 'hooks: { afterRender: [{ run: [make] }] }',
  },
  {
    field: 'deploy.kubectl.manifests',
    skaffold: 'apiVersion: skaffold/v2beta1\ndeploy: { kubectl: { manifests: [k8s/*] } }',
    config: 'manifests: [k8s/*]',
  },
  {
    field: 'deploy.kustomize.paths',
    skaffold: 'apiVersion: skaffold/v2beta1\ndeploy: { kustomize: { paths: [dev] } }',
    config: 'manifests: [{ kustomize: dev }]',
  },
  {
    field: 'deploy.kustomize.buildArgs',
    skaffold: 'apiVersion: skaffold/v2beta1\ndeploy: { kustomize: { buildArgs: [--x] } }',
    config: 'manifests: [{ command: [kubectl, kustomize, --x, .], inputs: [.] }]',
  },
  {
    field: 'deploy.kubectl.defaultNamespace',
    skaffold: v4('deploy: { kubectl: { defaultNamespace: "{{.NS}}" } }'),
    env: { NS: 'tours' },
    config: 'namespace: tours',
  },
  {
    field: 'deploy.kustomize.defaultNamespace',
    skaffold: 'apiVersion: skaffold/v2beta20\ndeploy: { kustomize: { defaultNamespace: tours } }',
    config: 'namespace: tours\nmanifests: [{ kustomize: . }]',
  },
  {
    field: 'deploy.kubectl.hooks',
    skaffold: v4(
      "deploy: { kubectl: { hooks: { before: [{ host: { command: [make] } }], after: [{ container: { podName: 'web-*', containerName: 'web*', command: [ls] } }] } } }",
    ),
    config:
      'hooks: { beforeDeploy: [{ run: [make] }], afterDeploy: [{ run: [ls], container: web, workload: deployment/web }] }',
  },
  {
    field: 'deploy.kustomize.hooks',
    skaffold:
      'apiVersion: skaffold/v2beta29\ndeploy: { kustomize: { hooks: { after: [{ host: { command: [make] } }] } } }',
    config: 'manifests: [{ kustomize: . }]\nhooks: { afterDeploy: [{ run: [make] }] }',
  },
  ...(
    [
      ['kind-tours', '{ kind: tours }'],
      ['k3d-tours', '{ k3d: tours }'],
      ['minikube', '{ minikube: minikube }'],
      ['staging', '{ context: staging }'],
    ] as const
  ).map(([context, cluster]) => ({
    field: 'deploy.kubeContext',
    skaffold: v4(`deploy: { kubeContext: ${context} }`),
    config: `cluster: ${cluster}`,
  })),
  {
    field: 'deploy.statusCheckDeadlineSeconds',
    skaffold: v4('deploy: { statusCheckDeadlineSeconds: 90 }'),
    config: 'waitTimeout: 90',
  },
  ...['resourceType', 'resourceName', 'namespace', 'port', 'address', 'localPort'].map(key => ({
    field: `portForward[].${key}`,
    skaffold: v4(
      'portForward: [{ resourceType: Service, resourceName: web, namespace: a, port: http, address: localhost, localPort: 9000 }]',
    ),
    config: 'portForward: [{ to: service/web, port: http, local: 9000, namespace: a, address: 127.0.0.1 }]',
  })),
  {
    field: 'resourceSelector.allow[].groupKind',
    skaffold: selector("{ groupKind: Runner.example.com, image: ['.spec.image'] }"),
    config: 'replace: [{ kind: Runner, path: spec.image }]',
  },
  {
    field: 'resourceSelector.allow[].image',
    skaffold: selector(
      "{ groupKind: Deployment.apps, image: ['.*'] }, { groupKind: Rollout.argoproj.io, image: ['.*', '.spec.steps.*.a/b.0.name'] }",
    ),
    config:
      "replace: [{ kind: Rollout, path: 'spec.template.spec.containers[*].image' }, { kind: Rollout, path: 'spec.template.spec.initContainers[*].image' }, { kind: Rollout, path: \"spec.steps[*]['a/b'][0].name\" }]",
  },
  {
    field: 'profiles[].name',
    skaffold: profile('deploy: { kubeContext: kind-b }'),
    config: `cluster: { kind: a }\nprofiles: { ci: { ${toOther} } }`,
  },
  {
    field: 'profiles[].activation[].env',
    skaffold: profile('activation: [{ env: CI=true }, { env: "A=^x.*" }]\ndeploy: { kubeContext: kind-b }'),
    config: `cluster: { kind: a }\nprofiles: { ci: { activation: [{ env: CI=true }, { env: A=x.*.* }], ${toOther} } }`,
  },
  {
    field: 'profiles[].activation[].kubeContext',
    skaffold: profile('activation: [{ kubeContext: "!kind-.*$" }]\ndeploy: { kubeContext: kind-b }'),
    config: `cluster: { kind: a }\nprofiles: { ci: { activation: [{ context: '!.*kind-.*' }], ${toOther} } }`,
  },
  {
    field: 'profiles[].activation[].command',
    skaffold: profile(
      'activation: [{ command: (dev|run) }, { command: delete }]\ndeploy: { kubeContext: kind-b }',
    ),
    config: `cluster: { kind: a }\nprofiles: { ci: { activation: [{ command: up }, { command: down }], ${toOther} } }`,
  },
  {
    field: 'profiles[].requiresAllActivations',
    skaffold: profile(
      'requiresAllActivations: true\nactivation: [{ env: CI=true }, { kubeContext: minikube }]\ndeploy: { kubeContext: kind-b }',
    ),
    config: `cluster: { kind: a }\nprofiles: { ci: { activation: [{ env: CI=true, context: minikube }], ${toOther} } }`,
  },
  {
    field: 'profiles[].patches',
    skaffold: profile('patches: [{ path: /deploy/kubeContext, value: kind-b }]'),
    config: `cluster: { kind: a }\nprofiles: { ci: { ${toOther} } }`,
  },
]

describe('each field of skaffold.yaml that is translated', () => {
  it.each(cases)('$field', ({ skaffold, config, files = {}, env = {} }) => {
    const translated = translate(skaffold, { files, env })
    expect(translated.config).toEqual(parseYaml(config) ?? {})
    const { profiles: _, ...rest } = translated.config
    expect(configSchema.safeParse(rest).error?.issues ?? []).toEqual([])
  })

  it('is in the table, and every one of the table has its case', () => {
    const shown = (field: string) =>
      field
        .replace(/^(manifests|deploy)\.(helm)\.(releases\[\])/, '$3')
        .replace(/^(manifests|deploy)\.helm\.(flags|hooks)/, 'helm.$2')
    const wanted = skaffoldFields.filter(({ verdict }) => verdict !== 'not').map(({ field }) => shown(field))
    expect([...new Set(cases.map(({ field }) => field))].toSorted()).toEqual([...new Set(wanted)].toSorted())
  })
})

describe('what is not translated', () => {
  it.each([
    ['build.artifacts[0].docker.ssh', artifact('docker: { ssh: default }'), 'not', true, 6],
    ['build.tagPolicy', v4('build:\n  tagPolicy: { gitCommit: {} }'), 'not', false, 4],
    ['build.googleCloudBuild', v4('build:\n  googleCloudBuild: { projectId: x }'), 'not', true, 4],
    ['build.artifacts[0].jib', artifact('jib: {}'), 'not', true, 6],
    [
      'build.artifacts[0].docker.buildArgs.A',
      artifact('docker:\n  buildArgs:\n    A: "{{cmd \\"git\\"}}"'),
      'not',
      true,
      8,
    ],
    [
      'build.artifacts[0].hooks.before[0].command',
      artifact('hooks: { before: [{ command: [sh, -c, "echo $SKAFFOLD_IMAGE $SKAFFOLD_RUN_ID"] }] }'),
      'partly',
      true,
      6,
    ],
    ['build.local.push', v4('build:\n  local: { push: true }'), 'partly', true, 4],
    ['manifests.rawYaml[0]', v4('manifests:\n  rawYaml:\n    - https://example.com/a.yaml'), 'not', true, 5],
    [
      'portForward[0].resourceType',
      v4('portForward:\n  - resourceType: cronjob\n    resourceName: x'),
      'not',
      true,
      4,
    ],
    ['requires[0].git', v4('requires:\n  - git: { repo: x }'), 'not', true, 4],
    ['requires[0].path', v4('requires:\n  - path: nowhere'), 'not', true, 4],
    ['build.artifacts[0].nonsense', artifact('nonsense: 1'), 'not', true, 6],
    [
      'profiles[0].build.tagPolicy',
      v4('profiles:\n  - name: a\n    build:\n      tagPolicy: { sha256: {} }'),
      'not',
      false,
      6,
    ],
    [
      'profiles[0].patches[0]',
      v4('profiles:\n  - name: a\n    patches:\n      - { op: remove, path: /build/nothing }'),
      'not',
      true,
      6,
    ],
    [
      'resourceSelector.allow[0].groupKind',
      selector("{ groupKind: '*.example.com', image: ['.*'] }"),
      'not',
      true,
      4,
    ],
    [
      'resourceSelector.allow[0].image[0]',
      selector("{ groupKind: Rollout.argoproj.io, image: ['.*'] }"),
      'partly',
      true,
      4,
    ],
    ['resourceSelector.deny[0].image', v4("resourceSelector:\n  deny:\n    - image: ['.*']"), 'not', true, 5],
    ['apiVersion', 'apiVersion: skaffold/v1beta2\n', 'partly', true, 1],
  ] as const)('%s is told with its line', (path, skaffold, verdict, lost, line) => {
    const { findings } = translate(skaffold)
    expect(findings.map(found => [found.path, found.verdict, found.lost, found.range.line])).toEqual([
      [path, verdict, lost, line],
    ])
  })

  it('says nothing of a file that is translated whole', () => {
    expect(
      translate(
        v4(
          'build: { local: { push: false }, artifacts: [{ image: a, docker: { dockerfile: Dockerfile } }] }\nmanifests: { rawYaml: [k8s/*] }',
        ),
      ).findings,
    ).toEqual([])
  })

  it('leaves out an artifact that it cannot build, and what asks for it', () => {
    const { config, findings } = translate(
      v4(
        'build: { artifacts: [{ image: web, requires: [{ image: base, alias: B }] }, { image: base, custom: { buildCommand: make } }] }',
      ),
    )
    expect(config).toEqual({ services: { web: { context: '.' } } })
    expect(findings.map(({ path }) => path)).toEqual([
      'build.artifacts[0].requires[0]',
      'build.artifacts[1].custom',
    ])
  })

  it('says which files the pattern ** takes that Skaffold does not', () => {
    const { findings } = translate(v4('manifests: { rawYaml: [./k8s/**/*] }'), {
      files: { 'k8s/a.yaml': '', 'k8s/README.md': '', 'k8s/b/c.yaml': '' },
    })
    expect(findings.map(({ why }) => why)).toEqual([
      expect.stringMatching(/^a\.yaml in \.\/k8s is taken, too; Skaffold reads/),
    ])
  })
})

describe('a config with its places', () => {
  it('knows the line of each value, in the file where it was written, through profiles and requires', () => {
    const { node } = translate(v4('requires:\n  - path: team\n'), {
      files: {
        'team/skaffold.yaml': v4('build:\n  artifacts:\n    - image: a\n      docker: { target: dev }'),
      },
    })
    const services = node.fields.get('services')
    const target = services?.kind === 'map' ? services.fields.get('a') : undefined
    const from = target?.kind === 'map' ? target.fields.get('target')?.from : undefined
    expect(from?.range).toMatchObject({ file: '/shop/team/skaffold.yaml', line: 6 })
    expect(nodeAt(from)).toBe(from)
  })

  it('takes values of the environment as they are when it is read each time', () => {
    const file = v4('deploy: { kubectl: { defaultNamespace: "x-{{.NS}}" } }')
    expect(translate(file, { env: { NS: 'a' }, live: true }).findings).toEqual([])
    expect(translate(file, { env: { NS: 'a' } }).findings).toMatchObject([{ verdict: 'partly' }])
  })
})

describe('the files that a translation depends on', () => {
  const requires = (path: string): string => v4(`requires: [{ path: ${path} }]`)
  it.each<readonly [string, string, Files, readonly string[]]>([
    ['none of a file by itself', artifact('context: .'), { Dockerfile: '' }, []],
    [
      'those that it requires, and that these do',
      requires('team'),
      {
        'team/skaffold.yaml': requires('../other/x.yaml'),
        'other/x.yaml': v4('manifests: { rawYaml: [a.yaml] }'),
      },
      ['team/skaffold.yaml', 'other/x.yaml'],
    ],
    ['one that is not there yet', requires('team'), {}, ['team/skaffold.yaml']],
    ['one that is not there yet, by its name', requires('team/s.yml'), {}, ['team/s.yml']],
    [
      'the Dockerfile that the rules of sync are made from',
      artifact("context: app\nsync: { infer: ['**/*.js'] }"),
      { 'app/Dockerfile': 'FROM a\nWORKDIR /srv\nCOPY . .' },
      ['app/Dockerfile'],
    ],
  ])('%s', (_, text, files, expected) => {
    expect(translate(text, { files }).dependsOn).toEqual(
      ['skaffold.env', ...expected].map(path => `/shop/${path}`),
    )
  })
})

describe('rules of sync that are made from a Dockerfile', () => {
  it.each([
    [
      'the stage that is built comes before those that it is built upon',
      'FROM a AS build\nWORKDIR /src\nCOPY src/ ./src/\nCOPY static static\nFROM build\nWORKDIR /app\nCOPY src /app/src',
      "['src/**/*.js', 'static/**']",
      [
        { match: 'src/**/*.js', strip: 'src', to: '/app/src' },
        { match: 'static/**', strip: 'static', to: '/src/static' },
      ],
    ],
    [
      'a part that goes elsewhere comes before the whole',
      'FROM a\nWORKDIR /app\nCOPY . .\nCOPY conf /etc/app',
      "['**/*.conf']",
      [
        { match: 'conf/**/*.conf', strip: 'conf', to: '/etc/app' },
        { match: '**/*.conf', to: '/app' },
      ],
    ],
  ])('%s', (_, dockerfile, patterns, sync) => {
    const files = { Dockerfile: dockerfile, 'src/a.js': '', 'static/b': '', 'conf/c.conf': '' }
    expect(translate(artifact(`sync: { infer: ${patterns} }`), { files }).config).toMatchObject({
      services: { web: { sync } },
    })
  })
})

describe('a skaffold.env beside the file', () => {
  const files = { 'skaffold.env': '# ours\nNS=from-file\nexport MESSAGE="Hello there"\n' }
  const text = `${artifact("docker: { buildArgs: { A: '{{.MESSAGE}}', B: '{{.OTHER}}', MESSAGE: } }")}deploy: { kubectl: { defaultNamespace: "x-{{.NS}}" } }\n`

  it('stands where the environment says nothing', () => {
    const { config } = translate(text, { files, env: { NS: 'from-env' } })
    expect(config).toMatchObject({
      namespace: 'x-from-env',
      services: {
        web: {
          buildArgs: {
            A: { env: 'MESSAGE', default: 'Hello there' },
            B: { env: 'OTHER' },
            MESSAGE: { env: 'MESSAGE', default: 'Hello there' },
          },
        },
      },
    })
    expect(translate(text, { files }).config.namespace).toBe('x-from-file')
  })
})

describe('several documents and profiles', () => {
  it('runs every document of the file, and those of the same file that one requires before it', () => {
    const { config } = translate(
      `${v4('metadata: { name: a }\nrequires: [{ configs: [b] }]\nmanifests: { rawYaml: [a.yaml] }')}\n---\n${v4('metadata: { name: b }\nmanifests: { rawYaml: [b.yaml] }')}`,
    )
    expect(config).toEqual({ manifests: ['b.yaml', 'a.yaml'] })
  })

  it('lays a profile over field by field, but lists whole, and one kind of build over the other', () => {
    const { config } = translate(
      v4(
        'build: { local: { concurrency: 2 }, artifacts: [{ image: a, context: a }, { image: b, context: b }] }\nmanifests: { rawYaml: [x.yaml] }\nprofiles: [{ name: p, build: { local: { concurrency: 4 }, artifacts: [{ image: b, context: c }] } }]',
      ),
    )
    expect(config.profiles).toEqual({
      p: {
        patches: [
          { op: 'remove', path: '/services/a' },
          { op: 'add', path: '/services/b/context', value: 'c' },
          { op: 'replace', path: '/build', value: { concurrency: 4 } },
        ],
      },
    })
  })

  it.each([
    ['{ op: add, path: /manifests/rawYaml/-, value: y.yaml }', ['x.yaml', 'y.yaml']],
    ['{ op: add, path: /manifests/rawYaml/0, value: y.yaml }', ['y.yaml', 'x.yaml']],
    ['{ op: replace, path: /manifests/rawYaml, value: [z.yaml] }', ['z.yaml']],
    ['{ op: copy, from: /metadata/name, path: /manifests/rawYaml/0 }', ['m', 'x.yaml']],
    ['{ op: move, from: /metadata/name, path: /manifests/rawYaml/0 }', ['m', 'x.yaml']],
  ])('applies the patch %s', (patch, manifests) => {
    const { config } = translate(
      v4(
        `metadata: { name: m }\nmanifests: { rawYaml: [x.yaml] }\nprofiles: [{ name: p, patches: [${patch}] }]`,
      ),
    )
    const { patches } = (config.profiles as Record<string, { patches: { path: string; value?: unknown }[] }>)
      .p ?? { patches: [] }
    expect(patches.find(({ path }) => path === '/manifests')?.value).toEqual(manifests)
  })

  it('finds an item of a list by a field, as in artifacts/image=web', () => {
    const { config } = translate(
      v4(
        'build: { artifacts: [{ image: base, context: base }, { image: web, context: web }] }\nprofiles: [{ name: p, patches: [{ op: add, path: /build/artifacts/image=web/docker, value: { target: dev } }] }]',
      ),
    )
    expect(config.profiles).toEqual({
      p: { patches: [{ op: 'add', path: '/services/web/target', value: 'dev' }] },
    })
  })
})
