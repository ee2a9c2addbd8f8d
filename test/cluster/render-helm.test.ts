import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubeObject } from '../../src/core/kube-object.js'
import { kubectl, run } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'
import { comparable, documents } from './rig/rendered.js'

const config = (manifests: string): string =>
  `namespace: NS\ncluster: { kind: dev }\nmanifests:\n${manifests}`
const map = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { value: ${value} }\n`

describe('a chart with values, dependencies and CRDs, beside a command', () => {
  let project: TestProject
  beforeAll(async () => {
    project = await createProject({
      'dev.config.yaml': config(`  - helm: charts/db
    release: maria
    values: [dev.yaml]
    set: { 'auth.password': 'a,b{c}', 'image.tag': 1.10, replicas: 3, common.on: true }
  - { command: './render.sh NS', inputs: [render.sh] }
`),
      'dev.yaml': 'auth: { user: dev, password: x }\n',
      'render.sh':
        "#!/bin/sh\necho to-stderr >&2\nprintf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: { name: made, namespace: %s }\\n' $1\n",
      'charts/db/Chart.yaml':
        'apiVersion: v2\nname: db\nversion: 0.1.0\ndependencies: [{ name: common, version: 0.1.0, repository: "file://../common" }]\n',
      'charts/db/values.yaml': 'auth: { user: root, password: "" }\nimage: { tag: latest }\nreplicas: 1\n',
      'charts/db/templates/NOTES.txt': 'Log in as {{ .Values.auth.user }}.\n',
      'charts/db/templates/db.yaml': `apiVersion: v1
kind: Secret
metadata: { name: {{ .Release.Name }} }
stringData: { password: {{ .Values.auth.password | quote }}, tag: {{ .Values.image.tag | quote }} }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }} }
data: { replicas: {{ .Values.replicas | quote }}, type: {{ kindOf .Values.replicas | quote }} }
`,
      'charts/db/crds/crd.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: things.devloop-tests.example.com }
spec:
  group: devloop-tests.example.com
  names: { kind: Thing, plural: things }
  scope: Namespaced
  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: { type: object } } }]
`,
      'charts/common/Chart.yaml': 'apiVersion: v2\nname: common\nversion: 0.1.0\n',
      'charts/common/templates/c.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: common }\ndata: { on: {{ .Values.on | quote }} }\n`,
    })
    await run('chmod', ['+x', join(project.folder, 'render.sh')])
  })
  afterAll(() => project[Symbol.asyncDispose]())

  test('dependencies that are not there are named with the command that fetches them', async () => {
    const { code, stdout, stderr } = await project.run('render')
    expect(code).not.toBe(0)
    expect(stdout + stderr).toContain('the dependencies common of the chart are not in its folder charts/')
    expect(stdout + stderr).toContain('helm dependency build charts/db')
  })

  test('render is what helm template prints with the same values, and the notes are told', async () => {
    await run('helm', ['dependency', 'build', join(project.folder, 'charts/db')])
    const printed = await project.run('render', '-o', 'json')
    expect(printed.code, printed.stderr).toBe(0)
    expect(printed.stderr).toContain('Log in as dev.')
    const ours = (JSON.parse(printed.stdout) as { items: KubeObject[] }).items
    const flags = [
      '--include-crds',
      '--namespace',
      project.namespace,
      '--values',
      join(project.folder, 'dev.yaml'),
    ]
    const values = [
      '--set-string',
      'auth.password=a\\,b\\{c\\}',
      '--set',
      'image.tag=1.10,replicas=3,common.on=true',
    ]
    const chart = join(project.folder, 'charts/db')
    const templated = await run('helm', ['template', 'maria', chart, ...flags, ...values])
    const made = map('made', 'x').replace(/\ndata.*\n/, '\n')
    const theirs = [...documents(templated.stdout), ...documents(made)].map(object =>
      object.kind === 'CustomResourceDefinition'
        ? object
        : { ...object, metadata: { ...object.metadata, namespace: project.namespace } },
    )
    expect(comparable(ours.filter(({ kind }) => kind !== 'Namespace'))).toEqual(comparable(theirs))
    const secret = ours.find(({ kind }) => kind === 'Secret')
    expect(secret?.stringData).toEqual({ password: 'a,b{c}', tag: '1.10' })
  })
})

test.concurrent('lookup sees the objects of the cluster', async () => {
  await using project = await createProject({
    'dev.config.yaml': config('  - { helm: chart, release: found }\n'),
    'chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 0.1.0\n',
    'chart/templates/x.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: found }
data:
  uid: {{ (lookup "v1" "Namespace" "" "kube-system").metadata.uid | default "none" | quote }}
  policy: {{ .Capabilities.APIVersions.Has "policy/v1/PodDisruptionBudget" | quote }}
  version: {{ .Capabilities.KubeVersion.Version }}
`.replace(
      '(lookup "v1" "Namespace" "" "kube-system").metadata.uid',
      '(dig "metadata" "uid" "" (lookup "v1" "Namespace" "" "kube-system"))',
    ),
  })
  const once = await project.run('up', '--once')
  expect(once.code, once.stdout + once.stderr).toBe(0)
  const found = JSON.parse(
    await kubectl(['get', 'configmap', 'found', '-n', project.namespace, '-o', 'json']),
  ) as KubeObject
  const uid = await kubectl(['get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}'])
  const { gitVersion } = (
    JSON.parse(await kubectl(['version', '-o', 'json'])) as { serverVersion: { gitVersion: string } }
  ).serverVersion
  expect(found.data).toEqual({ uid, policy: 'true', version: gitVersion })
  expect((await project.run('down')).code).toBe(0)
})

test.concurrent('a hook that fails holds its own release back, and nothing else; mended, it runs again', async () => {
  const hook = (script: string): string => `apiVersion: batch/v1
kind: Job
metadata: { name: check, annotations: { "helm.sh/hook": pre-install } }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      containers: [{ name: check, image: 'busybox:1.35', command: [sh, -c, '${script}'] }]
`
  await using project = await createProject({
    'dev.config.yaml': config('  - k8s\n'),
    'k8s/chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 0.1.0\n',
    'k8s/chart/templates/hook.yaml': hook('echo no database; exit 3'),
    'k8s/chart/templates/rest.yaml': map('rest', 'x'),
    'k8s/other.yaml': map('other', 'x'),
  })
  await using up = project.start('up', '--json')
  await up.until('problem', {
    where: ({ object, final }) => object?.startsWith('job/check') === true && final,
    deadline: 60_000,
  })
  const there = () =>
    kubectl(['get', 'configmap', '-n', project.namespace, '-o', 'jsonpath={.items[*].metadata.name}'])
  await up.until('applied', { where: ({ object }) => object.startsWith('configmap/other ') })
  expect((await there()).split(' ')).not.toContain('rest')
  const mended = up.mark()
  await project.write('k8s/chart/templates/hook.yaml', hook('echo database'))
  await up.until('applied', {
    since: mended,
    where: ({ object }) => object.startsWith('configmap/rest '),
    deadline: 60_000,
  })
  up.kill('SIGINT')
  await up.exit
  expect((await project.run('down')).code).toBe(0)
})

test.concurrent('manifests that cannot be rendered at first are read again as soon as they are saved', async () => {
  await using project = await createProject({
    'dev.config.yaml': config('  - k8s\n'),
    'k8s/kustomization.yaml': 'resources: [settings.yaml]\n',
  })
  await using up = project.start('up', '--json')
  const problem = await up.until('problem', { where: ({ object }) => object === 'manifests' })
  expect(JSON.stringify(problem)).toContain('there is no settings.yaml, which this kustomization names')
  await project.write('k8s/settings.yaml', map('settings', 'x'))
  await up.until('applied', {
    where: ({ object }) => object.startsWith('configmap/settings '),
    deadline: 60_000,
  })
  up.kill('SIGINT')
  await up.exit
  expect((await project.run('down')).code).toBe(0)
})

test.concurrent('a hook that its chart wants deleted goes once all is live, and is not run again; nor is a Job that outlived its time', async () => {
  const job = (name: string, annotations: string, spec: string): string => `apiVersion: batch/v1
kind: Job
metadata: { name: ${name}, annotations: {${annotations}} }
spec:
  ${spec}
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      containers: [{ name: it, image: 'busybox:1.35', command: [echo, ${name}] }]
`
  const hook =
    '"helm.sh/hook": pre-install, "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded"'
  await using project = await createProject({
    'dev.config.yaml': config('  - k8s\n'),
    'k8s/chart/Chart.yaml': 'apiVersion: v2\nname: chart\nversion: 0.1.0\n',
    'k8s/chart/templates/hook.yaml': job('schema', hook, 'backoffLimit: 0'),
    'k8s/chart/templates/rest.yaml': map('rest', 'x'),
    'k8s/job.yaml': job('brief', '', 'ttlSecondsAfterFinished: 1'),
  })
  const first = await project.run('up', '--once', '--json')
  expect(first.code, first.stdout + first.stderr).toBe(0)
  const { namespace } = project
  await kubectl(['wait', '--for=delete', 'job', '--all', '-n', namespace, '--timeout=60s'])
  const again = await project.run('up', '--once', '--json')
  expect(again.code, again.stdout + again.stderr).toBe(0)
  expect(again.stdout).not.toContain('"type":"applied"')
  expect((await project.run('down')).code).toBe(0)
})
