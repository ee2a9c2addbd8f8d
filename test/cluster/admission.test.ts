import { expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'
import { kubectl, read } from './rig/kubectl.js'
import { createProject } from './rig/project.js'
import { startWebhook } from './rig/webhook.js'

const deployments = { group: 'apps', version: 'v1', plural: 'deployments' }

const web = (labels = '', name = 'web') => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: { app: ${name}${labels} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - { name: web, image: busybox:1.35, imagePullPolicy: IfNotPresent, command: [sleep, '3600'] }
`
const files = (manifests: Readonly<Record<string, string>>) => ({
  'dev.config.yaml':
    'name: NS\ncluster: { context: kind-dev }\nnamespace: { default: NS, create: false }\nmanifests: k8s\n',
  ...manifests,
})

test.concurrent('a webhook that denies is quoted in full, with the object and the file, and a mended manifest goes on', async () => {
  await using project = await createProject(
    files({ 'k8s/web.yaml': web(), 'k8s/other.yaml': web(', team: b', 'other') }),
  )
  const { namespace } = project
  await kubectl(['create', 'namespace', namespace])
  const refusal = 'policy team:\n  a Deployment needs the label "team"\n  ask the platform people'
  await using webhook = await startWebhook({
    namespace,
    kind: 'validating',
    resource: deployments,
    answer: ({ object }) => (object.metadata.labels?.team === undefined ? { refusal } : {}),
  })
  await using up = project.start('up', '--json')
  const { problem, object } = await up.until('problem')
  expect({ problem, object }).toMatchObject({
    object: `deployment/web -n ${namespace}`,
    problem: {
      kind: 'apply-rejected',
      reason: 'denied',
      message: expect.stringContaining(refusal),
      source: { file: `${project.folder}/k8s/web.yaml`, line: 1 },
    },
  })
  expect(webhook.requests.length).toBeGreaterThan(0)
  await up.until('ready', { where: ({ object: name }) => name.startsWith('deployment/other') })
  await project.write('k8s/web.yaml', web(', team: a'))
  await up.until('solved', { where: ({ object: name }) => name === object })
  await up.until('ready', { where: ({ object: name }) => name === object })
})

test.concurrent('a policy that denies is quoted in full', async () => {
  await using project = await createProject(files({ 'k8s/web.yaml': web() }))
  const { namespace } = project
  await kubectl(['create', 'namespace', namespace])
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: namespace },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        resourceRules: [
          {
            apiGroups: ['apps'],
            apiVersions: ['v1'],
            resources: ['deployments'],
            operations: ['CREATE', 'UPDATE'],
          },
        ],
      },
      validations: [
        { expression: "'team' in object.metadata.labels", message: 'every Deployment has a team' },
      ],
    },
  }
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: namespace },
    spec: { policyName: namespace, validationActions: ['Deny'] },
  }
  const dryRun = ['apply', '--dry-run=server', '-n', namespace, '-f', `${project.folder}/k8s/web.yaml`]
  try {
    for (const object of [policy, binding]) await kubectl(['apply', '-f', '-'], JSON.stringify(object))
    // The API server takes a moment to enforce a policy.
    await eventually(async () => {
      const enforced = await kubectl(dryRun).then(
        () => false,
        () => true,
      )
      if (!enforced) throw new Error('the policy is not enforced yet')
    })
    const exit = await project.run('up', '--once', '--json')
    expect(exit.code).toBe(8)
    expect(exit.stdout).toContain('every Deployment has a team')
    expect(exit.stdout).toContain('"reason":"denied"')
  } finally {
    await kubectl(['delete', 'validatingadmissionpolicybinding,validatingadmissionpolicy', namespace])
  }
})

test.concurrent('a webhook that is not ready yet is waited for, and told once', async () => {
  await using project = await createProject(files({ 'k8s/web.yaml': web() }))
  const { namespace } = project
  await kubectl(['create', 'namespace', namespace])
  const name = `${namespace}-absent`
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: 'absent.devloop.test',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        clientConfig: { service: { namespace, name: 'hook' } },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        rules: [
          { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], operations: ['CREATE'] },
        ],
      },
    ],
  }
  await kubectl(['apply', '-f', '-'], JSON.stringify(configuration))
  try {
    await using up = project.start('up', '--json')
    const { problem, final } = await up.until('problem')
    expect(problem).toMatchObject({ kind: 'apply-rejected', message: expect.stringContaining('hook') })
    expect(final).toBe(false)
    await kubectl(['delete', 'validatingwebhookconfiguration', name])
    await up.until('ready')
    expect(up.all('problem')).toHaveLength(1)
  } finally {
    await kubectl(['delete', 'validatingwebhookconfiguration', name, '--ignore-not-found'])
  }
})

test.concurrent('a webhook that mutates what was applied makes nothing apply again, and reports no drift', async () => {
  await using project = await createProject(files({ 'k8s/web.yaml': web() }))
  const { namespace } = project
  await kubectl(['create', 'namespace', namespace])
  await using webhook = await startWebhook({
    namespace,
    kind: 'mutating',
    resource: deployments,
    answer: () => ({
      patch: [
        { op: 'add', path: '/metadata/labels/injected', value: 'yes' },
        { op: 'replace', path: '/spec/template/spec/terminationGracePeriodSeconds', value: 1 },
        {
          op: 'add',
          path: '/spec/template/spec/containers/0/env',
          value: [{ name: 'INJECTED', value: 'yes' }],
        },
      ],
    }),
  })
  await using up = project.start('up', '--json')
  await up.until('ready')
  const first = await read(namespace, 'deployment', 'web')
  expect(first.spec).toMatchObject({ template: { spec: { terminationGracePeriodSeconds: 1 } } })
  // Another object of the project changes: what is read and planned again leaves this one alone.
  const since = up.mark()
  await project.write(
    'k8s/config.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: other }\ndata: { a: b }\n',
  )
  await up.until('applied', { since, where: ({ object }) => object.startsWith('configmap/other') })
  const asked = webhook.requests.filter(({ operation }) => operation === 'CREATE').length
  expect(asked).toBe(1)
  expect((await read(namespace, 'deployment', 'web')).metadata.generation).toBe(first.metadata.generation)
  // A change of its manifest is applied, the mutation made again, and nobody is said to have taken anything.
  await project.write('k8s/web.yaml', web(', team: a'))
  await up.until('applied', { since, where: ({ object }) => object.startsWith('deployment/web') })
  up.kill('SIGINT')
  await up.exit
  const again = await project.run('up', '--once', '--json')
  expect(again.code).toBe(0)
  expect(again.stdout).not.toContain('"outcome":"configured"')
  const notices = up.all('notice').map(({ message }) => message)
  expect(notices.filter(message => /taken|changed by/.test(message))).toEqual([])
})
