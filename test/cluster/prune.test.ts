import { expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'
import { config } from './rig/fixtures.js'
import { kubectl } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'

const map = (name: string, value = '1') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { value: "${value}" }\n`
const secret = (value: string) =>
  `apiVersion: v1\nkind: Secret\nmetadata: { name: key }\nstringData: { password: ${value}, same: always }\n`
const CLAIM = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } }
`
const settings = (more = '') => `${config('  {}').replace('services:\n  {}', 'services: {}')}${more}`

const there = async ({ namespace }: TestProject): Promise<readonly string[]> => {
  const names = await kubectl(['get', 'configmap,secret,pvc', '-n', namespace, '-o', 'name'])
  return names.split('\n').filter(name => name !== '' && !name.includes('kube-root-ca'))
}

test.concurrent('what was dropped is told across runs, and goes when it is asked for', async () => {
  await using project = await createProject({
    'dev.config.yaml': settings(),
    'k8s/a.yaml': map('a'),
    'k8s/b.yaml': map('b'),
    'k8s/theirs.yaml': map('theirs', 'ours'),
    'k8s/data.yaml': CLAIM,
  })
  const { namespace } = project
  await kubectl(['create', 'namespace', namespace])
  await kubectl(['create', 'configmap', 'theirs', '-n', namespace, '--from-literal=value=before'])
  const first = await project.run('up', '--once', '--json')
  expect(first.code, first.stdout).toBe(0)
  for (const file of ['b', 'theirs', 'data']) await project.remove(`k8s/${file}.yaml`)

  const told = await project.run('up', '--once', '--plain')
  expect(told.code, told.stdout).toBe(0)
  for (const object of ['configmap/b', 'configmap/theirs', 'persistentvolumeclaim/data'])
    expect(told.stdout).toContain(`- ${object} -n ${namespace}`)
  expect(told.stdout).toContain('devloop deploy --prune')
  expect(await there(project)).toHaveLength(4)

  const pruned = await project.run('deploy', '--prune', '--json')
  expect(pruned.code, pruned.stdout).toBe(0)
  expect(await there(project)).toEqual(['configmap/a', 'configmap/theirs', 'persistentvolumeclaim/data'])
  const theirs = ['get', 'configmap', 'theirs', '-n', namespace, '-o', 'jsonpath={.data.value}']
  expect(await kubectl(theirs)).toBe('before')

  const all = await project.run('deploy', '--prune-all', '--json')
  expect(all.code, all.stdout).toBe(0)
  expect(await there(project)).toEqual(['configmap/a', 'configmap/theirs'])
})

test.concurrent('auto deletes what stays away, and nothing of a file that is gone for a moment or broken', async () => {
  await using project = await createProject({
    'dev.config.yaml': settings('prune: auto\n'),
    'k8s/a.yaml': map('a'),
    'k8s/b.yaml': map('b'),
    'k8s/c.yaml': map('c'),
  })
  await using up = project.start('up', '--json')
  for (const name of ['a', 'b', 'c'])
    await up.until('applied', { where: ({ object }) => object.startsWith(`configmap/${name} `) })

  // Away for longer than one reading takes, and back with another value before the second.
  await project.rename('k8s/b.yaml', 'k8s/b.tmp')
  await project.write('k8s/a.yaml', map('a', '2'))
  await up.until('applied', { where: ({ object, save }) => object.startsWith('configmap/a ') && save > 0 })
  await project.rename('k8s/b.tmp', 'k8s/b.yaml')
  await project.write('k8s/b.yaml', map('b', '2'))
  await up.until('applied', { where: ({ object, save }) => object.startsWith('configmap/b ') && save > 0 })
  await project.write('k8s/c.yaml', 'apiVersion: v1\nkind: [')
  await up.until('problem', { where: ({ object }) => object === 'manifests' })
  expect(up.all('dropped')).toEqual([])

  await project.remove('k8s/c.yaml')
  await up.until('pruned', { where: ({ object }) => object.startsWith('configmap/c ') })
  expect(up.all('dropped').map(({ objects }) => objects)).toEqual([
    [{ object: `configmap/c -n ${project.namespace}`, action: 'delete', restores: false }],
  ])
  await eventually(async () => expect(await there(project)).toEqual(['configmap/a', 'configmap/b']))
  up.kill('SIGINT')
  await up.exit
  expect((await project.run('down')).code).toBe(0)
})

test.concurrent('deploy --dry-run prints what deploy would change, and changes nothing', async () => {
  await using project = await createProject({
    'dev.config.yaml': settings(),
    'k8s/a.yaml': map('a'),
    'k8s/b.yaml': map('b'),
    'k8s/key.yaml': secret('hunter2'),
  })
  const { namespace } = project
  const fresh = await project.run('deploy', '--dry-run')
  expect(fresh.code, fresh.stdout + fresh.stderr).toBe(13)
  expect(fresh.stdout).toContain('4 to create, 0 to change')
  expect(await kubectl(['get', 'namespace', namespace, '--ignore-not-found'])).toBe('')

  expect((await project.run('deploy', '--no-wait')).code).toBe(0)
  const same = await project.run('deploy', '--dry-run')
  expect(same.stdout).toBe('0 to create, 0 to change, 0 no longer in the manifests, 4 as they are')
  expect(same.code).toBe(0)

  await project.write('k8s/a.yaml', map('a', '2'))
  await project.write('k8s/key.yaml', secret('hunter3'))
  await project.remove('k8s/b.yaml')
  const plain = await project.run('deploy', '--dry-run')
  expect(plain.code).toBe(13)
  expect(plain.stdout).toContain('  -  value: "1"\n  +  value: "2"')
  expect(plain.stdout).toContain('  -  password: "*** (before)"\n  +  password: "*** (after)"')
  expect(plain.stdout).not.toMatch(/hunter|aHVudGVy/)
  expect(plain.stdout).toContain(`- configmap/b -n ${namespace} (stays without --prune)`)
  const json = JSON.parse((await project.run('deploy', '--dry-run', '--json')).stdout) as {
    objects: { object: string; change: string }[]
  }
  const changes = json.objects.map(({ object, change }) => `${change} ${object.split(' ')[0]}`).sort()
  expect(changes).toEqual([
    'change configmap/a',
    'change secret/key',
    'drop configmap/b',
    `unchanged namespace/${namespace}`,
  ])
  expect(await there(project)).toEqual(['configmap/a', 'configmap/b', 'secret/key'])

  await project.write('k8s/wrong.yaml', map('Wrong_Name'))
  const refused = await project.run('deploy', '--dry-run')
  expect(refused.code, refused.stdout).toBe(8)
  expect(refused.stdout).toContain('! configmap/Wrong_Name')
})

test.concurrent('what is still being deleted is waited for, and what holds it is told', async () => {
  await using project = await createProject({ 'dev.config.yaml': settings(), 'k8s/a.yaml': map('a') })
  const { namespace } = project
  const hold = (finalizers: string) =>
    kubectl([
      ...['patch', 'configmap', 'a', '-n', namespace, '--type=merge'],
      ...['-p', `{"metadata":{"finalizers":${finalizers}}}`],
    ])
  const first = await project.run('up', '--once', '--json')
  expect(first.code, first.stdout).toBe(0)
  await hold('["devloop.test/held"]')
  await kubectl(['delete', 'configmap', 'a', '-n', namespace, '--wait=false'])
  const up = project.start('up', '--once', '--json')
  const { message } = await up.until('notice', { where: one => one.message.startsWith('waiting for') })
  expect(message).toBe(
    `waiting for configmap/a -n ${namespace} to go: it is being deleted, held by finalizer devloop.test/held`,
  )
  await hold('null')
  await up.until('applied', { where: ({ object }) => object.startsWith('configmap/a ') })
  expect((await up.exit).code).toBe(0)
  expect((await project.run('down')).code).toBe(0)
})
