import { get } from 'node:https'
import { expect, test } from 'vitest'
import { kubectl, read } from './rig/kubectl.js'
import { createProject } from './rig/project.js'

const config = (more = '') =>
  `name: NS\ncluster: { context: kind-dev }\nnamespace: NS\nmanifests: k8s\n${more}`

const workload = (name: string, pod: string, container = '') => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 0
${pod}
      containers:
        - name: main
          image: busybox:1.35
          imagePullPolicy: IfNotPresent
          command: [sleep, '3600']
${container}
`

/** The answer of the API server to a bearer of this token. */
function getWithToken(url: string, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    get(url, { headers, rejectUnauthorized: false }, response => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        body += chunk
      })
      response.on('end', () => resolve(body))
    }).on('error', reject)
  })
}

test.concurrent('versions that are gone are applied as their successors, each told with its line; a pod lists its peers with such rights', async () => {
  const peers = workload('peers', '      serviceAccountName: peers')
  await using project = await createProject({
    'dev.config.yaml': config(),
    'k8s/rbac.yaml': `# from long ago
apiVersion: v1
kind: ServiceAccount
metadata: { name: peers }
---
apiVersion: rbac.authorization.k8s.io/v1beta1
kind: ClusterRole
metadata: { name: NS-peers }
rules: [{ apiGroups: [''], resources: [pods], verbs: [get, list] }]
---
apiVersion: rbac.authorization.k8s.io/v1beta1
kind: ClusterRoleBinding
metadata: { name: NS-peers }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: NS-peers }
subjects: [{ kind: ServiceAccount, name: peers, namespace: NS }]
`,
    'k8s/peers.yaml': peers,
    'k8s/routes.yaml': `apiVersion: extensions/v1beta1
kind: Ingress
metadata: { name: web }
spec: { rules: [{ host: NS.test, http: { paths: [{ path: /, backend: { serviceName: web, servicePort: 80 } }] } }] }
---
apiVersion: autoscaling/v2beta1
kind: HorizontalPodAutoscaler
metadata: { name: peers }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: peers }
  maxReplicas: 2
  metrics: [{ type: Resource, resource: { name: cpu, targetAverageUtilization: 50 } }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: LoadBalancer, selector: { app: peers }, ports: [{ port: 80 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: web }
spec: { gatewayClassName: none, listeners: [{ name: http, port: 80, protocol: HTTP }] }
`,
  })
  const { namespace, folder } = project
  try {
    const exit = await project.run('up', '--once', '--json')
    expect(exit).toMatchObject({ code: 0 })
    const lines = exit.stdout.split('\n').filter(line => line.includes('which this cluster no longer serves'))
    expect(lines).toHaveLength(4)
    expect(exit.stdout).toContain(`${folder}/k8s/rbac.yaml:6: clusterrole/${namespace}-peers`)
    expect(exit.stdout).toContain('gateway/web')
    expect(exit.stdout).toContain('the cluster has no kind Gateway')
    expect((await read(namespace, 'ingress', 'web')).spec).toMatchObject({
      rules: [{ http: { paths: [{ backend: { service: { name: 'web', port: { number: 80 } } } }] } }],
    })
    expect((await read(namespace, 'hpa', 'peers')).spec).toMatchObject({
      metrics: [{ resource: { target: { type: 'Utilization', averageUtilization: 50 } } }],
    })
    const account = `system:serviceaccount:${namespace}:peers`
    expect((await kubectl(['auth', 'can-i', 'list', 'pods', '-A', '--as', account])).trim()).toBe('yes')
    const file = '/var/run/secrets/kubernetes.io/serviceaccount/token'
    const token = await kubectl(['exec', '-n', namespace, 'deploy/peers', '--', 'cat', file])
    const server = await kubectl([
      'config',
      'view',
      '--minify',
      '-o',
      'jsonpath={.clusters[0].cluster.server}',
    ])
    const listed = await getWithToken(`${server}/api/v1/namespaces/${namespace}/pods`, token)
    expect((JSON.parse(listed) as { readonly kind: string }).kind).toBe('PodList')
  } finally {
    await kubectl(['delete', 'clusterrole,clusterrolebinding', `${namespace}-peers`, '--ignore-not-found'])
  }
})

test.concurrent('fields that no kind has are named with file and line, and left out', async () => {
  await using project = await createProject({
    'dev.config.yaml': config(),
    'k8s/web.yaml': workload('web', '      dnsPolicyy: Default', '          imagePullPolice: Never'),
  })
  const { namespace, folder } = project
  const exit = await project.run('up', '--once', '--json')
  expect(exit).toMatchObject({ code: 0 })
  const file = `${folder}/k8s/web.yaml`
  expect(exit.stdout).toContain(
    `${file}:10: deployment/web -n ${namespace}: Deployment of apps/v1 has no field`,
  )
  expect(exit.stdout).toContain(
    `${file}:16: deployment/web -n ${namespace}: Deployment of apps/v1 has no field`,
  )
  const again = await project.run('up', '--once', '--json')
  expect(again).toMatchObject({ code: 0 })
  expect(again.stdout).not.toContain('has no field')
  expect(again.stdout).not.toContain('"type":"applied"')
})

const database = (storageClass: string) => `apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], storageClassName: ${storageClass}, resources: { requests: { storage: 1Mi } } }
---
${workload('db', '      volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]', '          volumeMounts: [{ name: data, mountPath: /data }]')}`

test.concurrent('a storage class that the cluster lacks is told with what it has, holds only what mounts it, and is mapped by the config', async () => {
  await using project = await createProject({
    'dev.config.yaml': config(),
    'k8s/db.yaml': database('cinder'),
    'k8s/other.yaml': workload('other', '      hostname: other'),
  })
  const { namespace } = project
  await using up = project.start('up', '--json')
  const { problem } = await up.until('problem')
  expect(problem).toMatchObject({
    reason: 'storage-class',
    message: expect.stringMatching(
      /^storage class cinder is not on this cluster; it has: .*standard \(default\)/,
    ),
    hint: expect.stringContaining('storageClasses: { cinder: standard }'),
  })
  await up.until('ready', { where: ({ object }) => object.startsWith('deployment/other') })
  expect(await kubectl(['get', 'pods', '-n', namespace, '-l', 'app=db', '-o', 'name'])).toBe('')
  const since = up.mark()
  await project.write('dev.config.yaml', config('storageClasses: { cinder: standard }\n'))
  await up.until('ready', {
    since,
    where: ({ object }) => object.startsWith('deployment/db'),
    deadline: 60_000,
  })
  expect((await read(namespace, 'pvc', 'data')).spec).toMatchObject({ storageClassName: 'standard' })
})

test.concurrent('a claim is applied as soon as its storage class is there', async () => {
  await using project = await createProject({ 'dev.config.yaml': config() })
  const name = `${project.namespace}-class`
  await project.write('k8s/db.yaml', database(name))
  await using up = project.start('up', '--json')
  await up.until('problem')
  try {
    const standard = JSON.parse(await kubectl(['get', 'storageclass', 'standard', '-o', 'json'])) as {
      readonly provisioner: string
    }
    const made = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name },
      provisioner: standard.provisioner,
    }
    await kubectl(['create', '-f', '-'], JSON.stringify(made))
    await up.until('applied', { where: ({ object }) => object.startsWith('persistentvolumeclaim/data') })
    await up.until('applied', { where: ({ object }) => object.startsWith('deployment/db') })
    expect(
      up.all('problem').filter(({ object }) => object?.startsWith('persistentvolumeclaim')),
    ).toHaveLength(1)
  } finally {
    await kubectl(['delete', 'storageclass', name, '--ignore-not-found'])
  }
})

test.concurrent('a kind that Kubernetes dropped for good is told with the remedy, and everything else goes on', async () => {
  await using project = await createProject({
    'dev.config.yaml': config(),
    'k8s/psp.yaml':
      'apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: { name: NS }\nspec: { privileged: false }\n',
    'k8s/other.yaml': workload('other', '      hostname: other'),
  })
  const exit = await project.run('up', '--once', '--json')
  expect(exit.code).toBe(8)
  expect(exit.stdout).toContain('"reason":"removed-kind"')
  expect(exit.stdout).toContain('Pod Security Admission')
  expect(exit.stdout).toContain(`deployment/other -n ${project.namespace}`)
  expect(exit.stdout.split('\n').filter(line => line.includes('"type":"ready"'))).toHaveLength(1)
})
