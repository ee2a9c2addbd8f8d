import { expect, test } from 'vitest'
import { kubectl } from './rig/kubectl.js'
import { createProject } from './rig/project.js'

const deployment = (name: string, image: string, command: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: main
          image: ${image}
          imagePullPolicy: IfNotPresent
          command: [sh, -c, '${command}']
`
const service = (name: string, port: number, targetPort: number) => `---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: ${port}, targetPort: ${targetPort} }] }
`
const created = async (namespace: string, what: string) =>
  Date.parse(
    await kubectl([
      'get',
      ...what.split(' '),
      '-n',
      namespace,
      '-o',
      'jsonpath={.metadata.creationTimestamp}',
    ]),
  )

test.concurrent('a service starts once its config server answers well and its database takes connections', async () => {
  await using project = await createProject({
    'dev.config.yaml': `name: NS
cluster: { context: kind-dev }
namespace: NS
services:
  web:
    image: NS/web
    dependsOn:
      - { http: 'http://config:8888/health.txt', timeout: 1m }
      - { tcp: 'database.NS:3306', timeout: 1m }
manifests: k8s
`,
    'web/Dockerfile': 'FROM busybox:1.35\n',
    'k8s/web.yaml': deployment('web', 'NS/web', 'sleep 3600'),
    'k8s/config.yaml':
      deployment(
        'config',
        'busybox:1.35',
        'mkdir /w; httpd -p 80 -h /w; sleep 4; date > /w/health.txt; touch /tmp/up; sleep 3600',
      ) + service('config', 8888, 80),
    'k8s/database.yaml':
      deployment('database', 'busybox:1.35', 'sleep 8; exec httpd -f -p 3306') +
      service('database', 3306, 3306),
  })
  const { namespace } = project
  const exit = await project.run('up', '--once', '--json')
  expect(exit).toMatchObject({ code: 0 })
  const holds = exit.stdout.split('\n').filter(line => line.includes('"kind":"check"'))
  expect(holds.some(line => line.includes('http://config:8888/health.txt'))).toBe(true)
  // One line for each endpoint that is waited for, however often it is asked.
  expect(holds.length).toBeLessThanOrEqual(2)
  const web = await created(namespace, 'deployment web')
  const database = await created(namespace, 'deployment database')
  expect(web - database).toBeGreaterThanOrEqual(7000)
})

test.concurrent('an endpoint that never answers is a problem with what was found, and ends a run that has to end', async () => {
  await using project = await createProject({
    'dev.config.yaml': `name: NS
cluster: { context: kind-dev }
namespace: NS
services:
  web: { image: NS/web, dependsOn: [{ tcp: 'database:3306', timeout: 5s }] }
manifests: k8s
`,
    'web/Dockerfile': 'FROM busybox:1.35\n',
    'k8s/web.yaml': deployment('web', 'NS/web', 'sleep 3600'),
    'k8s/database.yaml':
      deployment('database', 'busybox:1.35', 'sleep 3600') + service('database', 3306, 3306),
  })
  const exit = await project.run('up', '--once', '--json')
  expect(exit.code).toBe(9)
  expect(exit.stdout).toContain('"kind":"endpoint-unready"')
  expect(exit.stdout).toMatch(/connection refused/i)
  expect(await kubectl(['get', 'deployment', '-n', project.namespace, '-o', 'name'])).not.toContain('/web')
})
