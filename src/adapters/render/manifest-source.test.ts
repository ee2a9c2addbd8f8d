import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ManifestSpec, RawManifests } from '../../core/project.js'
import type { RenderRequest } from '../../ports/manifest-source.js'
import { createRecordedRunner, type RecordedRunner } from '../../testing/recorded-runner.js'
import { createManifestSource } from './manifest-source.js'

let root = ''
let runner: RecordedRunner
let source: ReturnType<typeof createManifestSource>
/** What each command line prints; `ROOT` in it stands for the folder of the test. */
let outputs: Record<string, { stdout?: string; stderr?: string; exitCode?: number }>
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'devloop-render-')))
  outputs = {}
  runner = createRecordedRunner(
    new Proxy(outputs, { get: (known, line) => known[String(line).replaceAll(root, 'ROOT')] }),
  )
  source = createManifestSource({ runner })
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function files(contents: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(join(root, dirname(path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
}
const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`
const raw = (path: string, rest: Partial<RawManifests> = {}): ManifestSpec => ({
  kind: 'raw',
  path,
  exclude: [],
  substitute: true,
  ...rest,
})
const kustomize = (folder: string, namespace?: string): ManifestSpec => ({
  kind: 'kustomize',
  folder: join(root, folder),
  name: undefined,
  namespace,
})
const helm = (chart: string, rest: Partial<Extract<ManifestSpec, { kind: 'helm' }>> = {}): ManifestSpec => ({
  kind: 'helm',
  chart: join(root, chart),
  release: undefined,
  namespace: undefined,
  values: [],
  set: [],
  ...rest,
})
const command = (line: string, inputs: readonly string[] = []): ManifestSpec => ({
  kind: 'command',
  command: line,
  inputs,
  name: undefined,
  namespace: undefined,
})

const shown = (path: string): string => relative(root, path)
const place = (range: { file: string; line: number } | undefined): string =>
  range === undefined ? '' : `${shown(range.file)}:${range.line}: `

async function render(specs: readonly ManifestSpec[], more: Partial<RenderRequest> = {}) {
  const { inputs, result } = await source.render({
    specs,
    variables: {},
    root,
    configFile: join(root, 'dev.config.yaml'),
    namespace: 'shop',
    cluster: undefined,
    signal: new AbortController().signal,
    ...more,
  })
  const read = {
    files: inputs.files.map(shown),
    folders: inputs.folders.map(shown),
    trees: inputs.trees.map(shown),
  }
  if (!result.ok) {
    const diagnostics = result.error.kind === 'render-failed' ? result.error.diagnostics : []
    const errors = diagnostics.map(
      ({ message, range, suggestion }) =>
        `${place(range)}${message.replaceAll(`${root}/`, '')}${suggestion === undefined ? '' : ` [${suggestion}]`}`,
    )
    return {
      ...read,
      names: [],
      places: [],
      skipped: [],
      warnings: [],
      objects: [],
      errors,
      kind: result.error.kind,
    }
  }
  const { value } = result
  return {
    ...read,
    names: value.objects.map(({ object }) => object.metadata.name),
    places: value.objects.map(({ object, source: at }) => `${place(at)}${object.metadata.name}`),
    skipped: value.skipped.map(({ file, reason }) => `${shown(file)}: ${reason}`),
    warnings: value.warnings.map(({ message }) => message),
    errors: [],
    objects: value.objects,
    kind: undefined,
  }
}
const ran = (): readonly string[] =>
  runner.ran.map(line => line.replaceAll(root, 'ROOT')).filter(line => !/^\S+ version/.test(line))

describe('raw manifests', () => {
  it.each(['k8s', './k8s/**/*'])('reads %s in path order and tells what it left out', async path => {
    await files({
      'k8s/b.yml': map('b'),
      'k8s/a/z.yaml': map('z'),
      'k8s/c.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }),
      'k8s/notes.md': '# hi',
      'k8s/values.yaml': 'a: 1',
      'k8s/none.yaml': '# nothing',
    })
    expect(await render([raw(path)])).toMatchObject({
      names: ['z', 'b', 'c'],
      skipped: [
        'k8s/notes.md: is not .yaml, .yml or .json',
        'k8s/none.yaml: has no document, or comments only',
        'k8s/values.yaml: has no apiVersion and kind',
      ],
      warnings: [],
      files: ['k8s/a/z.yaml', 'k8s/b.yml', 'k8s/c.json', 'k8s/none.yaml', 'k8s/values.yaml'],
    })
  })

  it('excludes, reads nothing twice, and replaces variables as the first entry says', async () => {
    await files({ 'k8s/a.yaml': map('$NAME'), 'k8s/logging/b.yaml': map('b'), 'k8s/c.skip.yaml': map('c') })
    const specs = [
      raw('k8s', { exclude: ['logging/**', '**/*.skip.yaml'] }),
      raw('k8s/a.yaml', { substitute: false }),
    ]
    expect(await render(specs, { variables: { NAME: 'tours' } })).toMatchObject({
      names: ['tours'],
      errors: [],
    })
    expect(await render(specs, { variables: { NAME: 'others' } })).toMatchObject({ names: ['others'] })
  })

  it('reports every error of every file at once, and what to watch for their repair', async () => {
    await files({
      'k8s/a.yaml': map('a'),
      'k8s/b.yaml': `${map('a')}---\n${map('$TYPO')}`,
      'k8s/c.yaml': 'apiVersion: [',
      'k8s/d.yaml': new Uint8Array([0x61, 0xff]),
    })
    const { errors, files: read, folders } = await render([raw('k8s'), raw('missing')])
    expect(errors).toContain('manifests: missing does not exist')
    expect(errors).toContain(
      'k8s/b.yaml:9: metadata.name has $TYPO, but no variable of that name is declared [declare TYPO under variables]',
    )
    expect(errors).toContain('k8s/d.yaml: is not UTF-8')
    expect(errors).toContain(
      'k8s/b.yaml:1: configmap/a is already defined at k8s/a.yaml:1 [keep one of the two]',
    )
    expect(errors.length).toBeGreaterThanOrEqual(5)
    expect(read).toEqual(['k8s/a.yaml', 'k8s/b.yaml', 'k8s/c.yaml', 'k8s/d.yaml'])
    expect(folders).toEqual(['k8s', 'missing'])
  })
})

describe('what a folder is', () => {
  const egov = {
    'k8s/applications/kustomization.yaml': 'resources: [backend, frontend]',
    'k8s/applications/backend/kustomization.yaml': 'resources: [board/d.yaml]\n',
    'k8s/applications/backend/board/d.yaml': map('board'),
    'k8s/applications/backend/board/unused.yaml': map('unused'),
    'k8s/applications/frontend/kustomization.yml': 'resources: [d.yaml]\nimages: [{ name: a, newName: b }]\n',
    'k8s/applications/frontend/d.yaml': map('portal'),
    'k8s/environments/mysql/Chart.yaml': 'name: mysql\n',
    'k8s/environments/mysql/templates/x.yaml': '{{- if .Values.x }}',
    'k8s/environments/rabbitmq.yaml': map('rabbitmq'),
    'k8s/storage/base/kustomization.yaml': 'resources: [pvc.yaml]\n',
    'k8s/storage/base/pvc.yaml': map('pvc'),
    'k8s/storage/dev/Kustomization': 'resources: [../base]\ncomponents: [../nfs]\n',
    'k8s/storage/nfs/kustomization.yaml': 'kind: Component\n',
    'k8s/storage/cinder/kustomization.yaml': 'kind: Component\n',
  }

  it('kustomizations and charts claim what is below them, and what another one takes in is rendered once', async () => {
    await files(egov)
    outputs['kustomize version'] = {}
    outputs['kustomize build ROOT/k8s/applications'] = { stdout: `${map('board')}---\n${map('portal')}` }
    outputs['kustomize build ROOT/k8s/storage/dev'] = { stdout: map('pvc') }
    outputs['helm template mysql ROOT/k8s/environments/mysql --include-crds --namespace shop'] = {
      stdout: `---\n# Source: mysql/templates/x.yaml\n${map('db')}`,
    }
    const read = await render([raw('k8s')])
    expect(read).toMatchObject({
      errors: [],
      warnings: [],
      places: [
        'k8s/applications/backend/board/d.yaml:1: board',
        'k8s/applications/frontend/d.yaml:1: portal',
        'k8s/environments/mysql/templates/x.yaml:1: db',
        'k8s/environments/rabbitmq.yaml:1: rabbitmq',
        'k8s/storage/base/pvc.yaml:1: pvc',
      ],
      skipped: [
        'k8s/applications/backend/board/unused.yaml: belongs to k8s/applications/kustomization.yaml, which does not name it',
        'k8s/storage/cinder/kustomization.yaml: belongs to k8s/storage/cinder/kustomization.yaml, a component that no kustomization names',
      ],
      trees: ['k8s/environments/mysql'],
    })
    expect(ran()).toHaveLength(3)
  })

  it('what the config names is rendered as the config says, and not once more for a folder around it', async () => {
    await files(egov)
    outputs['kustomize version'] = {}
    outputs['kustomize build ROOT/k8s/applications'] = { stdout: map('board') }
    outputs['kustomize build ROOT/k8s/storage/dev'] = { stdout: map('pvc') }
    outputs['helm template db ROOT/k8s/environments/mysql --include-crds --namespace data'] = {
      stdout: map('db'),
    }
    const { errors, objects } = await render([
      raw('k8s', { exclude: ['**/rabbitmq.yaml'] }),
      helm('k8s/environments/mysql', { release: 'db', namespace: 'data' }),
      kustomize('k8s/storage/dev', 'storage'),
    ])
    expect(errors).toEqual([])
    expect(objects.map(({ object, home }) => [object.metadata.name, home])).toEqual([
      ['board', undefined],
      ['db', 'data'],
      ['pvc', 'storage'],
    ])
  })

  it('a glob takes files alone, and says which kustomization and chart it does not render', async () => {
    await files(egov)
    const { names, warnings, skipped } = await render([raw('k8s/**/*')])
    expect(names).toEqual(['board', 'unused', 'portal', 'rabbitmq', 'pvc'])
    expect(warnings).toContain(
      'k8s/applications/kustomization.yaml is not rendered: a glob takes each file by itself',
    )
    expect(warnings).toContain(
      'the chart k8s/environments/mysql is not rendered: a glob takes each file by itself',
    )
    expect(skipped).toContain(
      'k8s/environments/mysql/templates/x.yaml: belongs to k8s/environments/mysql/Chart.yaml',
    )
    expect(ran()).toEqual([])
  })

  it('two overlays of one base are told apart by nobody but the person: both places are named', async () => {
    await files({
      'k8s/base/kustomization.yaml': 'resources: [d.yaml]\n',
      'k8s/base/d.yaml': map('d'),
      'k8s/dev/kustomization.yaml': 'resources: [../base]\n',
      'k8s/prod/kustomization.yaml': 'resources: [../base]\n',
    })
    outputs['kustomize version'] = {}
    outputs['kustomize build ROOT/k8s/dev'] = { stdout: map('d') }
    outputs['kustomize build ROOT/k8s/prod'] = { stdout: map('d') }
    expect((await render([raw('k8s')])).errors).toEqual([
      'k8s/base/d.yaml:1: configmap/d of kustomize k8s/prod is already defined at k8s/base/d.yaml:1 by kustomize k8s/dev [keep one of the two]',
    ])
    expect(await render([raw('k8s', { exclude: ['prod/**'] })])).toMatchObject({ names: ['d'], errors: [] })
  })
})

describe('kustomize', () => {
  const base = {
    'k8s/kustomization.yaml': `resources:
  - d.yaml
  - ../base
patches: [{ path: p.yaml }]
configMapGenerator: [{ name: settings, files: [app=conf/app.ini] }]
images:
  - { name: shop/web, newName: registry/web, newTag: v2 }
`,
    'k8s/d.yaml': map('d'),
    'k8s/p.yaml': 'kind: Deployment\nmetadata: { name: web }\n',
    'k8s/conf/app.ini': 'a=1',
    'base/kustomization.yaml': 'resources: [web.yaml]\nnamePrefix: dev-\n',
    'base/web.yaml': `# the web\n${deployment('web', 'shop/web:v1')}`,
  }
  function deployment(name: string, image: string): string {
    return `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec: { template: { spec: { containers: [{ name: web, image: '${image}' }] } } }\n`
  }
  const rendered = `${map('d')}---\n${map('settings-5f7hk2')}---\n${deployment('dev-web', 'registry/web:v2')}`

  it('is found once, in kubectl where there is no binary', async () => {
    await files(base)
    outputs['kubectl version --client'] = {}
    outputs['kubectl kustomize ROOT/k8s'] = { stdout: rendered }
    expect((await render([kustomize('k8s')])).errors).toEqual([])
    await files({ 'k8s/conf/app.ini': 'a=2' })
    expect((await render([kustomize('k8s')])).errors).toEqual([])
    expect(runner.ran.map(line => line.replace(root, 'ROOT'))).toEqual([
      'kustomize version',
      'kubectl version --client',
      'kubectl kustomize ROOT/k8s',
      'kubectl kustomize ROOT/k8s',
    ])
  })

  it('without a tool there is an error with what to do, and the next reading looks again', async () => {
    await files(base)
    expect((await render([kustomize('k8s')])).errors).toEqual([
      'k8s/kustomization.yaml:1: kustomize k8s cannot be rendered: neither kustomize nor kubectl was found [install one of them (kubernetes.io/docs/tasks/tools), and see that it is on PATH]',
    ])
    outputs['kustomize version'] = {}
    outputs['kustomize build ROOT/k8s'] = { stdout: rendered }
    expect((await render([kustomize('k8s')])).errors).toEqual([])
  })

  it('gives each object its place, and the names that its images had', async () => {
    await files(base)
    outputs['kustomize version'] = {}
    outputs['kustomize build ROOT/k8s'] = { stdout: rendered }
    const { places, objects, files: read } = await render([kustomize('k8s')])
    expect(places).toEqual([
      'k8s/d.yaml:1: d',
      'k8s/kustomization.yaml:5: settings-5f7hk2',
      'base/web.yaml:2: dev-web',
    ])
    expect(objects[2]?.formerImages?.get('registry/web:v2')).toEqual(['shop/web:v1'])
    expect(read).toEqual(
      expect.arrayContaining(['base/kustomization.yaml', 'base/web.yaml', 'k8s/conf/app.ini', 'k8s/p.yaml']),
    )
  })

  it.each([
    ['nothing', {}, 0],
    ['a file that it does not read', { 'base/other.yaml': 'x' }, 0],
    ['a touched file', { 'base/web.yaml': base['base/web.yaml'] }, 0],
    ['a base outside of its folder', { 'base/web.yaml': `${base['base/web.yaml']}# more\n` }, 1],
    ['a patch', { 'k8s/p.yaml': 'kind: X\n' }, 1],
    ["a generator's file", { 'k8s/conf/app.ini': 'a=3' }, 1],
    ['the kustomization', { 'k8s/kustomization.yaml': `${base['k8s/kustomization.yaml']}# x\n` }, 1],
  ])('after a change of %s it is rendered %o again: %i', async (_name, change, times) => {
    await files(base)
    outputs['kustomize version'] = {}
    outputs['kustomize build ROOT/k8s'] = { stdout: rendered }
    const first = await render([kustomize('k8s')])
    const before = ran().length
    await files(change as Record<string, string>)
    const second = await render([kustomize('k8s')])
    expect(second.errors).toEqual([])
    expect(second.names).toEqual(first.names)
    expect(ran().length - before).toBe(times)
  })

  const failures: readonly [string, Record<string, string>, string, readonly string[]][] = [
    [
      'a file that is missing, and one outside of the folder',
      { 'k8s/kustomization.yaml': 'resources:\n  - no.yaml\n  - ../x.yaml\n', 'x.yaml': map('x') },
      'Error: accumulating resources',
      [
        'k8s/kustomization.yaml:2: kustomize k8s: there is no no.yaml, which this kustomization names',
        'k8s/kustomization.yaml:3: kustomize k8s: ../x.yaml is not below this folder, and a kustomization may name no file outside of its own folder [put a kustomization.yaml beside the file and name its folder here instead]',
      ],
    ],
    [
      'a patch of nothing, in the words of kubectl',
      {
        'k8s/kustomization.yaml': 'resources: [d.yaml]\npatches: [{ path: p.yaml }]\n',
        'k8s/d.yaml': map('d'),
        'k8s/p.yaml': '# a patch\nkind: Deployment\nmetadata: { name: zz }\n',
      },
      `E1121 07:02:24.909462   23941 run.go:72] "command failed" err="no resource matches strategic merge patch \\"Deployment.v1.apps/zz.[noNs]\\": no matches for Id Deployment.v1.apps/zz.[noNs]; failed to find unique target for patch Deployment.v1.apps/zz.[noNs]"`,
      [
        'k8s/p.yaml:2: kustomize k8s: no resource matches strategic merge patch "Deployment.v1.apps/zz.[noNs]": no matches for Id Deployment.v1.apps/zz.[noNs]; failed to find unique target for patch Deployment.v1.apps/zz.[noNs] [the kind, name and namespace of a patch must be those of an object of the resources]',
      ],
    ],
    [
      'a key that there is not',
      { 'k8s/kustomization.yaml': '# k\nresource: [d.yaml]\n' },
      'Error: invalid Kustomization: json: unknown field "resource"',
      ['k8s/kustomization.yaml:2: kustomize k8s: invalid Kustomization: json: unknown field "resource"'],
    ],
    [
      'a key that there is not, in a mapping of one line',
      {
        'k8s/kustomization.yaml': '# no newTga: here\nimages:\n  - { name: a, newTga: v3 }\n',
      },
      'Error: invalid Kustomization: json: unknown field "newTga"',
      ['k8s/kustomization.yaml:3: kustomize k8s: invalid Kustomization: json: unknown field "newTga"'],
    ],
    [
      'YAML that is none',
      { 'k8s/kustomization.yaml': 'resources: [d.yaml]\n', 'k8s/d.yaml': 'a: b\n  c: d\n' },
      "Error: accumulating resources: accumulating resources from 'd.yaml': MalformedYAMLError: yaml: line 2: mapping values are not allowed in this context in File: d.yaml",
      [
        "k8s/d.yaml:2: kustomize k8s: accumulating resources from 'd.yaml': MalformedYAMLError: yaml: line 2: mapping values are not allowed in this context in File: d.yaml",
      ],
    ],
    [
      'the same object twice',
      {
        'k8s/kustomization.yaml': 'resources: [d.yaml, e.yaml]\n',
        'k8s/d.yaml': map('x'),
        'k8s/e.yaml': map('x'),
      },
      "Error: accumulating resources: accumulation err='merging resources from 'e.yaml': may not add resource with an already registered id: ConfigMap.v1.[noGrp]/x.[noNs]': must build at directory: '/k8s/e.yaml': file is not directory",
      [
        "k8s/e.yaml:1: kustomize k8s: merging resources from 'e.yaml': may not add resource with an already registered id: ConfigMap.v1.[noGrp]/x.[noNs] [keep one of the two]",
      ],
    ],
  ]
  it.each(failures)('an error is told at its line: %s', async (_name, contents, stderr, expected) => {
    await files(contents)
    outputs['kustomize version'] = {}
    outputs['kustomize build ROOT/k8s'] = { stderr, exitCode: 1 }
    expect((await render([kustomize('k8s')])).errors).toEqual(expected)
  })

  it('a stop is no error', async () => {
    await files(base)
    expect(await render([kustomize('k8s')], { signal: AbortSignal.abort() })).toMatchObject({
      kind: 'cancelled',
    })
  })
})

describe('helm', () => {
  const chart = {
    'charts/db/Chart.yaml': 'name: db\n',
    'charts/db/values.yaml': 'a: 1\n',
    'charts/db/templates/all.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: one
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: two
`,
  }
  const line = 'helm template db ROOT/charts/db --include-crds --namespace shop'
  const document = (name: string, more = ''): string =>
    `---\n# Source: db/templates/all.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`

  it('hands over release, namespace, values and single values, and asks the cluster only for what it must', async () => {
    await files({
      ...chart,
      'v.yaml': 'a: 2\n',
      'charts/db/templates/l.yaml': '{{ (lookup "v1" "Secret" "" "x") }}',
    })
    const full =
      'helm template maria ROOT/charts/db --include-crds --namespace data --values ROOT/v.yaml --set-string a.b=x\\,y --set c=1.10 --kube-version v1.34.0 --api-versions apps/v1,apps/v1/Deployment --dry-run=server --kube-context kind-dev'
    outputs[full] = { stdout: document('one') }
    const spec = helm('charts/db', {
      release: 'maria',
      namespace: 'data',
      values: [join(root, 'v.yaml')],
      set: [
        { key: 'a.b', value: 'x,y', isText: true },
        { key: 'c', value: '1.10', isText: false },
      ],
    })
    const cluster = {
      context: 'kind-dev',
      version: 'v1.34.0',
      apiVersions: ['apps/v1', 'apps/v1/Deployment'],
    }
    expect((await render([spec], { cluster })).errors).toEqual([])
    expect(ran()).toEqual([full])
    outputs[full.replace(/ --kube-version.*/, '')] = { stdout: document('one') }
    expect((await render([spec])).errors).toEqual([])
  })

  const refused = (version: string) => ({
    stderr: `Error: chart requires kubeVersion: >=1.25.0-0 which is incompatible with Kubernetes ${version}`,
    exitCode: 1,
  })

  it('without a cluster, a chart is not refused for the version that helm was made with', async () => {
    await files(chart)
    outputs[line] = refused('v1.20.0')
    outputs[`${line} --kube-version v1.34.0`] = { stdout: document('one') }
    expect((await render([helm('charts/db')])).errors).toEqual([])
    outputs[`${line} --kube-version v1.24.0 --api-versions v1`] = refused('v1.24.0')
    const cluster = { context: 'kind-dev', version: 'v1.24.0', apiVersions: ['v1'] }
    expect((await render([helm('charts/db')], { cluster })).errors.join()).toContain('Kubernetes v1.24.0')
  })

  it('gives places by template, leaves test hooks out, and tells what helm warns of', async () => {
    await files(chart)
    outputs[line] = {
      stdout: `${document('two')}${document('t', '  annotations: { helm.sh/hook: test }\n')}${document('bye', '  annotations: { helm.sh/hook: post-delete }\n')}`,
      stderr:
        'coalesce.go:289: warning: destination for a.b is a table\nWARNING: Kubernetes configuration file is group-readable. This is insecure.\n',
    }
    expect(await render([helm('charts/db')])).toMatchObject({
      errors: [],
      places: ['charts/db/templates/all.yaml:6: two'],
      skipped: [
        'charts/db/templates/all.yaml: configmap/t is a test hook of its chart',
        'charts/db/templates/all.yaml: configmap/bye is a hook for post-delete, which up does not do',
      ],
      warnings: ['helm charts/db: destination for a.b is a table'],
      trees: ['charts/db'],
    })
  })

  it('is rendered again when a file of the chart or the version of the cluster changed', async () => {
    await files(chart)
    const cluster = { context: 'kind-dev', version: 'v1.34.0', apiVersions: ['v1'] }
    outputs[line] = { stdout: document('one') }
    outputs[`${line} --kube-version v1.34.0 --api-versions v1`] = { stdout: document('one') }
    for (const more of [{}, {}, { cluster }, { cluster }])
      expect((await render([helm('charts/db')], more)).errors).toEqual([])
    expect(ran()).toHaveLength(2)
    await files({ 'charts/db/files/x.txt': 'x' })
    await render([helm('charts/db')], { cluster })
    expect(ran()).toHaveLength(3)
  })

  it.each([
    [
      'Error: template: db/templates/all.yaml:2:16: executing "db/templates/all.yaml" at <.Values.nope.x>: nil pointer\n\nUse --debug flag to render out invalid YAML',
      'charts/db/templates/all.yaml:2: helm charts/db: template: db/templates/all.yaml:2:16: executing "db/templates/all.yaml" at <.Values.nope.x>: nil pointer',
    ],
    [
      'Error: execution error at (db/templates/all.yaml:1:9): no way',
      'charts/db/templates/all.yaml:1: helm charts/db: execution error at (db/templates/all.yaml:1:9): no way',
    ],
    [
      'Error: An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: common',
      'charts/db/Chart.yaml:1: helm charts/db: the dependencies common of the chart are not in its folder charts/ [helm dependency build charts/db]',
    ],
  ])('an error is told at its line: %s', async (stderr, expected) => {
    await files(chart)
    outputs[line] = { stderr, exitCode: 1 }
    expect((await render([helm('charts/db')])).errors).toEqual([expected])
  })

  it('without helm there is an error with what to do', async () => {
    await files(chart)
    expect((await render([helm('charts/db')])).errors).toEqual([
      'charts/db/Chart.yaml:1: helm charts/db cannot be rendered: helm was not found [install it (helm.sh/docs/intro/install), and see that it is on PATH]',
    ])
  })
})

describe('a command', () => {
  const line = (text: string): string => `/bin/sh -c ${text}`

  it('runs again when one of its inputs changed, and each time where it names none', async () => {
    await files({ 'render.sh': '', 'src/a.txt': 'a', 'other.txt': 'x' })
    outputs[line('./render.sh dev')] = { stdout: map('a') }
    const specs = [command('./render.sh dev', ['render.sh', 'src/**'])]
    expect(await render(specs)).toMatchObject({
      places: ['render.sh:1: a'],
      files: ['render.sh', 'src/a.txt'],
      trees: ['src'],
    })
    await files({ 'other.txt': 'y' })
    await render(specs)
    expect(ran()).toHaveLength(1)
    await files({ 'src/b.txt': 'b' })
    await render(specs)
    expect(ran()).toHaveLength(2)
    await render([command('./render.sh dev')])
    await render([command('./render.sh dev')])
    expect(ran()).toHaveLength(4)
  })

  it.each([
    [{ exitCode: 3, stderr: 'no values\n' }, 'command make k8s failed with exit code 3\n  no values'],
    [
      { stdout: 'rendering...\n' },
      'command make k8s prints something that is no Kubernetes object: "rendering..." [print YAML documents on standard output, and everything else on standard error]',
    ],
    [
      { stdout: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n' },
      'command make k8s renders an object that cannot be used: this ConfigMap has no metadata.name',
    ],
  ])('a failure is told: %o', async (output, expected) => {
    outputs[line('make k8s')] = output
    expect((await render([command('make k8s')])).errors).toEqual([`dev.config.yaml:1: ${expected}`])
  })
})
