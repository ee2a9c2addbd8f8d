import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Running } from './rig/devloop.js'
import { eventually } from './rig/eventually.js'
import { config, web, webDockerfile } from './rig/fixtures.js'
import { kubectl, read } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'

const template = (name: string, containers: string) => `
  template:
    metadata: { labels: { app: ${name} } }
    spec: { terminationGracePeriodSeconds: 1, ${containers} }
`
const settings = (value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { value: "${value}" }\n`

const MANIFESTS = `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  selector: { matchLabels: { app: db } }${template('db', 'containers: [{ name: db, image: NS/web }]')}---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec:
  selector: { matchLabels: { app: agent } }${template('agent', 'containers: [{ name: agent, image: NS/web }]')}---
apiVersion: batch/v1
kind: Job
metadata: { name: migrate }
spec:${template('migrate', 'restartPolicy: Never, containers: [{ name: migrate, image: NS/web, command: [cat, /www/index.html] }]')}---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  # No day is the 31st of February: a run of its own would come between.
  schedule: '0 0 31 2 *'
  jobTemplate:
    spec:
      template: { spec: { restartPolicy: Never, containers: [{ name: nightly, image: NS/web, command: ['true'] }] } }
---
${web('configured', { image: 'NS/api', container: 'envFrom: [{ configMapRef: { name: settings } }]' })}---
${web('initial', { image: 'NS/api', pod: 'initContainers: [{ name: first, image: NS/web, command: ["true"] }],' })}---
${web('none', { image: 'NS/api', replicas: 0 })}---
${web('cache', { image: 'redis:7-bookworm', container: 'imagePullPolicy: Always' })}`

describe('every kind of workload', () => {
  let project: TestProject
  let up: Running

  beforeAll(async () => {
    project = await createProject({
      'dev.config.yaml': config('  web: { image: NS/web }\n  api: { image: NS/api }'),
      'web/Dockerfile': webDockerfile,
      'web/www/index.html': 'web one',
      'api/Dockerfile': webDockerfile,
      'api/www/index.html': 'api one',
      'k8s/all.yaml': MANIFESTS,
      'k8s/settings.yaml': settings('one'),
    })
    up = project.start('up', '--json')
    await up.until('live', { where: ({ service }) => service === 'web', deadline: 60_000 })
    await up.until('live', { where: ({ service }) => service === 'api', deadline: 60_000 })
  })
  afterAll(() => project[Symbol.asyncDispose]())

  const imageOf = async (kind: string, name: string, path: string) =>
    kubectl(['get', kind, name, '-n', project.namespace, '-o', `jsonpath={${path}.image}`])
  const generations = async () => {
    const found = await kubectl([
      'get',
      'deployments,statefulsets,daemonsets,cronjobs',
      '-n',
      project.namespace,
      '-o',
      'jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.generation}{"\\n"}{end}',
    ])
    return Object.fromEntries(
      found
        .split('\n')
        .filter(Boolean)
        .map(line => line.split('=') as [string, string]),
    )
  }

  test('all are brought up with the images that were built', async () => {
    const pod = '.spec.template.spec.containers[0]'
    const built = (name: string) => new RegExp(`${project.namespace}/${name}:dev-[0-9a-f]{12}$`)
    expect(await imageOf('statefulset', 'db', pod)).toMatch(built('web'))
    expect(await imageOf('daemonset', 'agent', pod)).toMatch(built('web'))
    expect(await imageOf('job', 'migrate', pod)).toMatch(built('web'))
    expect(await imageOf('cronjob', 'nightly', `.spec.jobTemplate${pod}`)).toMatch(built('web'))
    expect(await imageOf('deployment', 'initial', '.spec.template.spec.initContainers[0]')).toMatch(
      built('web'),
    )
    expect(await imageOf('deployment', 'none', pod)).toMatch(built('api'))
    const ready = await kubectl([
      'get',
      'pods',
      '-n',
      project.namespace,
      '-o',
      'jsonpath={.items[*].status.phase}',
    ])
    expect(ready.split(' ').sort()).toEqual([
      'Running',
      'Running',
      'Running',
      'Running',
      'Running',
      'Succeeded',
    ])
  })

  test('an image that only the local engine has is loaded, and not pulled though the policy says so', async () => {
    await up.until('ready', { where: ({ object }) => object.startsWith('deployment/cache ') })
    const cache = await read(project.namespace, 'deployment', 'cache')
    expect(cache.status).toMatchObject({ readyReplicas: 1 })
    expect(cache.spec).toMatchObject({
      template: { spec: { containers: [{ image: 'redis:7-bookworm', imagePullPolicy: 'IfNotPresent' }] } },
    })
  })

  test('a save rolls what runs its image, makes the Job anew, and touches nothing else', async () => {
    const before = await generations()
    const job = (await read(project.namespace, 'job', 'migrate')).metadata.uid
    const since = up.mark()
    await project.write('web/www/index.html', 'web two')
    await up.until('live', { since, where: ({ service }) => service === 'web', deadline: 40_000 })
    expect(up.all('built', since).map(({ service }) => service)).toEqual(['web'])
    expect(
      up
        .all('applied', since)
        .map(({ object }) => object.split(' ')[0])
        .sort(),
    ).toEqual(['cronjob/nightly', 'daemonset/agent', 'deployment/initial', 'job/migrate', 'statefulset/db'])
    const after = await read(project.namespace, 'job', 'migrate')
    expect(after.metadata.uid).not.toBe(job)
    expect(after.status).toMatchObject({ succeeded: 1 })
    expect(
      up
        .all('log', since)
        .filter(({ pod }) => pod.startsWith('migrate-'))
        .map(({ text }) => text),
    ).toEqual(['web two'])
    expect(await generations()).toEqual({
      ...before,
      'StatefulSet/db': '2',
      'DaemonSet/agent': '2',
      'CronJob/nightly': '2',
      'Deployment/initial': '2',
    })
  })

  test('a changed ConfigMap rolls the Deployment that uses it, and no other', async () => {
    const before = await generations()
    const since = up.mark()
    await project.write('k8s/settings.yaml', settings('two'))
    await up.until('live', { since, where: ({ service }) => service === 'api', deadline: 40_000 })
    await eventually(async () => {
      const pods = await kubectl([
        'exec',
        '-n',
        project.namespace,
        'deployment/configured',
        '--',
        'sh',
        '-c',
        'echo $value',
      ])
      expect(pods.trim()).toBe('two')
    })
    expect(up.all('built', since)).toEqual([])
    expect(
      up
        .all('applied', since)
        .map(({ object }) => object.split(' ')[0])
        .sort(),
    ).toEqual(['configmap/settings', 'deployment/configured'])
    expect(await generations()).toEqual({ ...before, 'Deployment/configured': '2' })
  })
})
