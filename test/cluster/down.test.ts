import { expect, test } from 'vitest'
import type { Announcement } from '../../src/core/announcement.js'
import { eventually } from './rig/eventually.js'
import { config, web, webDockerfile } from './rig/fixtures.js'
import { kubectl, read, snapshot } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'

const STATEFUL = `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: db, image: NS/web, volumeMounts: [{ name: data, mountPath: /data }] }] }
  volumeClaimTemplates:
    - { metadata: { name: data }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } } }
`
const CLUSTER_ROLE = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: NS-reader }
rules: [{ apiGroups: [''], resources: [pods], verbs: [get] }]
`

const projectFiles = {
  'dev.config.yaml': config('  web: { image: NS/web }'),
  'web/Dockerfile': webDockerfile,
  'web/www/index.html': 'hello from NS',
  'k8s/web.yaml': web('web'),
  'k8s/settings.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { a: "1" }\n',
}
const everything = { ...projectFiles, 'k8s/db.yaml': STATEFUL, 'k8s/role.yaml': CLUSTER_ROLE }

type Point = (told: Announcement) => boolean
const points: readonly (readonly [string, Point])[] = [
  ['while it builds', told => told.type === 'phase' && told.phase === 'building'],
  ['while it loads', told => told.type === 'phase' && told.phase === 'loading'],
  ['after the first object was applied', told => told.type === 'applied'],
  ['while it rolls', told => told.type === 'phase' && told.phase === 'rolling'],
  ['when all is live', told => told.type === 'live'],
]

async function killAt(project: TestProject, point: Point): Promise<void> {
  const up = project.start('up', '--json')
  await Promise.race(
    (['phase', 'applied', 'live'] as const).map(type =>
      up.until(type, { where: told => point(told), deadline: 60_000 }),
    ),
  )
  up.kill('SIGKILL')
  expect(await up.exit).toMatchObject({ signal: 'SIGKILL' })
}

test.concurrent.each(points)(
  'killed %s, down --volumes leaves the cluster as it was',
  async (_label, point) => {
    await using project = await createProject(everything)
    const before = await snapshot(project.namespace)
    await killAt(project, point)
    expect(await project.run('down', '--volumes')).toMatchObject({ code: 0, stderr: '' })
    expect(own(await snapshot(project.namespace), project)).toEqual(own(before, project))
    expect((await project.run('down')).stdout).toMatch(/Nothing to take down/)
  },
)

/** Without the cluster-wide objects of the tests that run beside this one. */
function own(lines: readonly string[], { namespace }: TestProject): readonly string[] {
  return lines.filter(line => !line.includes('devloop-e2e-') || line.includes(namespace))
}

test.concurrent('objects that were there before keep their own specs, whether up was killed or not', async () => {
  await using project = await createProject(projectFiles)
  const { namespace } = project
  await kubectl(['create', 'namespace', namespace])
  const theirs = [
    web('web', { image: 'registry.k8s.io/pause:3.10', replicas: 0, container: 'imagePullPolicy: Always' }),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { a: theirs, own: "2" }\n',
    'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: theirs }, ports: [{ port: 80 }] }\n',
  ].join('---\n')
  await kubectl(['create', '-n', namespace, '-f', '-'], theirs)
  await project.write(
    'k8s/service.yaml',
    'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [{ port: 80, targetPort: 3000 }] }\n',
  )
  const specs = async () => {
    const found = await Promise.all(
      [
        ['deployment', 'web'],
        ['service', 'web'],
        ['configmap', 'settings'],
      ].map(([kind = '', name = '']) => read(namespace, kind, name)),
    )
    return found.map(({ metadata, spec, data }) => ({ uid: metadata.uid, spec, data }))
  }
  const before = await specs()
  for (const point of [points[2], points[4]]) {
    await killAt(project, told => point?.[1](told) === true)
    expect(await project.run('down', '--volumes')).toMatchObject({ code: 0, stderr: '' })
    expect(await specs()).toEqual(before)
  }
})

test.concurrent('onExit: scale-zero takes the pods, and the next up has them and their data again', async () => {
  await using project = await createProject({
    ...projectFiles,
    'dev.config.yaml': config('  web: { image: NS/web }', 'onExit: scale-zero'),
    'k8s/web.yaml': web('web', { replicas: 2 }),
    'k8s/db.yaml': `${STATEFUL}  persistentVolumeClaimRetentionPolicy: { whenScaled: Delete }\n`,
  })
  const { namespace } = project
  const inDatabase = (script: string) =>
    kubectl(['exec', '-n', namespace, 'db-0', '--', 'sh', '-c', script]).then(said => said.trim())
  const replicas = async () =>
    Promise.all(
      [
        ['deployment', 'web'],
        ['statefulset', 'db'],
      ].map(async ([kind = '', name = '']) => (await read(namespace, kind, name)).spec.replicas),
    )
  const up = project.start('up', '--json')
  await up.until('live', { deadline: 60_000 })
  await inDatabase('echo kept > /data/note')
  // As an autoscaler does: from then on the number is not devloop's.
  await kubectl(['scale', 'deployment/web', '-n', namespace, '--replicas=1'])
  const since = up.mark()
  up.kill('SIGINT')
  expect(await up.exit).toMatchObject({ code: 130 })
  expect(up.all('notice', since).map(({ message }) => message)).toEqual([
    expect.stringMatching(/^scaled to zero: .*the next devloop up brings them up again$/),
  ])
  expect(await replicas()).toEqual([0, 0])
  const claim = await read(namespace, 'pvc', 'data-db-0')
  await eventually(async () => expect(await kubectl(['get', 'pods', '-n', namespace, '-o', 'name'])).toBe(''))

  expect(await project.run('up', '--once')).toMatchObject({ code: 0 })
  expect(await replicas()).toEqual([2, 1])
  expect((await read(namespace, 'pvc', 'data-db-0')).metadata.uid).toBe(claim.metadata.uid)
  expect(await inDatabase('cat /data/note')).toBe('kept')
})

test.concurrent.each([
  ['deleted', (project: TestProject) => project.remove('dev.config.yaml')],
  ['renamed', (project: TestProject) => project.rename('dev.config.yaml', 'other.config.yaml')],
  ['broken', (project: TestProject) => project.write('dev.config.yaml', 'services: [')],
  [
    'that of another project',
    (project: TestProject) => project.write('dev.config.yaml', `name: another\n${config('  api: {}')}`),
  ],
])('down works with the config %s', async (_label, change) => {
  await using project = await createProject({
    'dev.config.yaml': config('  {}').replace('services:\n  {}', 'services: {}'),
    'k8s/role.yaml': CLUSTER_ROLE,
  })
  expect(await project.run('up', '--once', '--plain')).toMatchObject({ code: 0 })
  await kubectl(['get', 'clusterrole', `${project.namespace}-reader`])
  await change(project)
  expect(await project.run('down')).toMatchObject({ code: 0, stderr: '' })
  expect(await kubectl(['get', 'clusterrole', `${project.namespace}-reader`, '--ignore-not-found'])).toBe('')
})
