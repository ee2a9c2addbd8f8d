import { expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'
import { fetchText } from './rig/http.js'
import { kubectl, read } from './rig/kubectl.js'
import { createShape, podsByApp } from './rig/shape.js'

const clients = [
  'admin',
  'apigateway',
  'board-service',
  'portal',
  'portal-service',
  'reserve-check-service',
  'reserve-item-service',
  'reserve-request-service',
]

test('the e-government platform: in order, its database alive after a save, down and up', async () => {
  await using project = await createShape('egov')
  const { namespace } = project
  const mysql = async (...command: readonly string[]) => {
    const secret = 'REDISCLI_AUTH="$MYSQL_ROOT_PASSWORD" redis-cli -p 3306 "$@"'
    const exec = ['exec', '-n', namespace, 'mysql-0', '--', 'sh', '-c', secret, 'mysql', ...command]
    return (await kubectl(exec)).trim()
  }
  const { told, port, stop } = await (async () => {
    const up = project.start('up', '--json')
    const gateway = await up.until('gateway')
    for (const name of ['config', 'discovery', 'user-service', ...clients])
      await up.until('live', { where: ({ service }) => service === name, deadline: 120_000 })
    const stop = async () => {
      up.kill('SIGINT')
      return (await up.exit).code
    }
    return { told: up, port: gateway.port, stop }
  })()

  // The order, by the cluster's own time stamps: they are to the second.
  const pods = await podsByApp(namespace)
  const seen = (app: string) => {
    const pod = pods.get(app)
    if (pod === undefined) throw new Error(`no pod of ${app}`)
    return pod
  }
  expect(seen('discovery').startedAt).toBeGreaterThanOrEqual(seen('config').readyAt)
  for (const app of clients) {
    expect(seen(app).startedAt, app).toBeGreaterThanOrEqual(seen('discovery').readyAt)
    expect(seen(app).restarts, app).toBe(0)
  }
  expect(seen('board-service').startedAt).toBeGreaterThanOrEqual(seen('mysql').readyAt)
  // The one that waits for nothing crashed until the config server answered. That was told with what it said, and it got there.
  expect(seen('user-service').startedAt).toBeLessThan(seen('config').readyAt)
  expect(seen('user-service').restarts).toBeGreaterThan(0)
  const crash = told.all('problem').filter(({ service }) => service === 'user-service')
  expect(JSON.stringify(crash)).toContain('config server http://config:8888 does not answer')
  // Once as it exits, once as it does so again and again, however often it is.
  expect(crash.length).toBeLessThanOrEqual(2)
  expect(told.all('problem').filter(({ service }) => service !== 'user-service')).toEqual([])

  const registered = () => fetchText(port, '/registered.txt', 'discovery.egov.local')
  expect((await registered()).split('\n').sort()).toEqual(expect.arrayContaining(clients))
  const classes = 'jsonpath={.items[*].spec.storageClassName}'
  expect(await kubectl(['get', 'pvc', '-n', namespace, '-o', classes])).toBe('standard standard')
  expect(await mysql('set', 'citizen', 'Kim')).toBe('OK')

  const saved = told.mark()
  await project.write('backend/board-service/version.txt', 'two\n')
  await told.until('live', { since: saved, where: ({ service }) => service === 'board-service' })
  await eventually(async () =>
    expect(await fetchText(port, '/version.txt', 'board-service.egov.local')).toBe('two'),
  )
  // The database's own settings: its generated ConfigMap has another name then, and it is replaced with its data.
  const changed = told.mark()
  const sql = 'k8s/environments/databases/mysql/init/init.sql'
  await project.write(sql, `${await project.read(sql)}USE msaportal;\n`)
  await told.until('ready', {
    since: changed,
    where: ({ object }) => object.startsWith('statefulset/mysql'),
    deadline: 60_000,
  })
  const database = await podsByApp(namespace)
  expect(database.get('mysql')?.uid).not.toBe(seen('mysql').uid)
  expect(await mysql('get', 'citizen')).toBe('Kim')
  expect(await stop()).toBe(130)

  expect(await project.run('down')).toMatchObject({ code: 0, stderr: '' })
  expect(await kubectl(['get', 'deploy,sts,svc,cm,ingress,hpa', '-n', namespace, '-o', 'name'])).toBe(
    'configmap/kube-root-ca.crt\n',
  )
  const claim = await read(namespace, 'pvc', 'mysql-pv-claim')

  const again = await project.run('up', '--once', '--json', 'board-service')
  expect(again.code, again.stdout + again.stderr).toBe(0)
  expect((await read(namespace, 'pvc', 'mysql-pv-claim')).metadata.uid).toBe(claim.metadata.uid)
  expect(await mysql('get', 'citizen')).toBe('Kim')
  expect(await project.run('down', '--volumes')).toMatchObject({ code: 0, stderr: '' })
  expect(await kubectl(['get', 'namespace', namespace, '--ignore-not-found', '-o', 'name'])).toBe('')
})
