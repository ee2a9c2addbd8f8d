import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFileJournal } from '../../src/adapters/state/file-journal.js'
import type { KubeObject } from '../../src/core/kube-object.js'
import type { ApplyOutcome } from '../../src/engine/apply/apply-types.js'
import { applyObject } from '../../src/engine/apply-object.js'
import { type DownReport, takeDown } from '../../src/engine/take-down.js'
import type { Cluster } from '../../src/ports/cluster.js'
import type { Journal } from '../../src/ports/journal.js'
import { openTestCluster } from './ownership-cluster.js'
import { type ApiProxy, openApiProxy } from './rig/api-proxy.js'
import { eventually } from './rig/eventually.js'

const run = promisify(execFile)
const context = 'kind-dev'
const prefix = `devloop-own-${process.pid}`
/** One of its own for each use: so many at once would look like a leak. */
const never = (): AbortSignal => new AbortController().signal
const clock = {
  now: () => Date.now(),
  after: (milliseconds: number, callback: () => void) => {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}

let cluster: Cluster
let folder: string
let closeCluster: () => Promise<void>
let api: ApiProxy

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-own-'))
  const opened = await openTestCluster(context)
  cluster = opened.cluster
  closeCluster = opened.close
  api = await openApiProxy(context)
})
afterAll(async () => {
  for (const journal of open) await journal.close()
  const { stdout } = await run('kubectl', ['--context', context, 'get', 'ns', '-o', 'name'])
  const left = stdout.split('\n').filter(name => name.startsWith(`namespace/${prefix}`))
  if (left.length > 0)
    await run('kubectl', ['--context', context, 'delete', '--wait=false', '--ignore-not-found', ...left])
  await closeCluster()
  await api[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

async function kubectl(args: readonly string[], input?: unknown): Promise<string> {
  const child = run('kubectl', ['--context', context, ...args])
  if (input !== undefined) child.child.stdin?.end(JSON.stringify(input))
  return (await child).stdout
}

let journals = 0
const open: Journal[] = []
async function openJournal(name: string): Promise<Journal> {
  const opened = await openFileJournal({
    path: join(folder, name),
    hashKey: 'key',
    access: 'write',
    onNotice: message => expect.fail(message),
  })
  if (!opened.ok) throw new Error(opened.error.message)
  open.push(opened.value)
  return opened.value
}
const newJournal = () => openJournal(`journal-${journals++}`)

async function apply(journal: Journal, object: KubeObject, save?: number): Promise<ApplyOutcome> {
  const result = await applyObject(
    { cluster, journal },
    { object, signal: never(), ...(save === undefined ? {} : { save }) },
  )
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

async function down(journal: Journal, volumes = false): Promise<DownReport> {
  const result = await takeDown({ cluster, journal, clock }, { volumes, signal: never() })
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

const configMap = (ns: string, name: string, data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: ns },
  data,
})

/** No replicas: these tests are about objects, and pods would only take time. */
function deployment(ns: string, image: string, spec: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'tour', namespace: ns, labels: { app: 'tour' } },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'tour' } },
      template: {
        metadata: { labels: { app: 'tour' } },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'tour', image, ...spec }] },
      },
    },
  }
}

async function read(kind: 'deployment' | 'cm', ns: string, name: string): Promise<KubeObject> {
  const [group, plural] = kind === 'cm' ? ['api/v1', 'configmaps'] : ['apis/apps/v1', 'deployments']
  const found = await api.get(`/${group}/namespaces/${ns}/${plural}/${name}`)
  if (found === undefined) throw new Error(`there is no ${kind}/${name} in ${ns}`)
  return found
}

/** What must be equal before and after: everything but the API server's own counters, and the times of managers. */
function essence(object: KubeObject) {
  const { managedFields = [], resourceVersion: _v, generation: _g, ...metadata } = object.metadata
  const annotations = { ...metadata.annotations }
  delete annotations['deployment.kubernetes.io/revision']
  const { status: _s, ...rest } = object
  return {
    ...rest,
    metadata: { ...metadata, annotations },
    owners: managedFields
      .filter(entry => entry.subresource !== 'status')
      .map(({ time: _t, ...entry }) => entry)
      .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
  }
}

async function newNamespace(name: string): Promise<string> {
  const ns = `${prefix}-${name}`
  await api.create('/api/v1/namespaces', namespace(ns))
  return ns
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  'api/v1': [
    ...['configmaps', 'persistentvolumeclaims', 'pods', 'replicationcontrollers'],
    ...['secrets', 'serviceaccounts', 'services'],
  ],
  'apis/apps/v1': ['controllerrevisions', 'daemonsets', 'deployments', 'replicasets', 'statefulsets'],
  'apis/autoscaling/v2': ['horizontalpodautoscalers'],
  'apis/batch/v1': ['cronjobs', 'jobs'],
  'apis/networking.k8s.io/v1': ['ingresses'],
  'apis/rbac.authorization.k8s.io/v1': ['rolebindings', 'roles'],
}

/** Names of every object of a namespace, as `plural/name`. */
async function inventory(ns: string): Promise<readonly string[]> {
  const paths = Object.entries(KINDS).flatMap(([group, plurals]) =>
    plurals.map(plural => [plural, `/${group}/namespaces/${ns}/${plural}`] as const),
  )
  const found: string[] = []
  // One after the other: the API server turns away who asks for all at once in many namespaces.
  for (const [plural, path] of paths) {
    const list = await api.get<{ readonly items: readonly KubeObject[] }>(path)
    if (list === undefined) throw new Error(`the API server does not serve ${path}`)
    found.push(...list.items.map(({ metadata }) => `${plural}/${metadata.name}`))
  }
  return found.sort()
}

/** What the controllers make of a new Deployment, and of a new namespace, is there. */
const settled = (ns: string): Promise<void> =>
  eventually(async () =>
    expect(await inventory(ns)).toEqual([
      'configmaps/kube-root-ca.crt',
      'deployments/tour',
      expect.stringMatching(/^replicasets\/tour-/),
      'serviceaccounts/default',
    ]),
  )

describe.concurrent('objects that were there before', () => {
  test.each([
    ['create', ['create', '-f', '-']],
    ['client-side apply', ['apply', '-f', '-']],
    ['server-side apply', ['apply', '--server-side', '-f', '-']],
  ])('made by kubectl %s come back as they were, owners too', async (label, args) => {
    const ns = await newNamespace(`adopt-${label.replaceAll(' ', '-')}`)
    await kubectl(
      args,
      deployment(ns, 'example/own:1', { env: [{ name: 'A', value: 'theirs' }], imagePullPolicy: 'Always' }),
    )
    await settled(ns)
    const before = await read('deployment', ns, 'tour')
    const names = await inventory(ns)
    const journal = await newJournal()
    const ours = deployment(ns, 'devloop/tour:abc', {
      imagePullPolicy: 'IfNotPresent',
      env: [{ name: 'A', value: 'ours' }],
      ports: [{ containerPort: 80, protocol: 'TCP' }],
      livenessProbe: { httpGet: { path: '/', port: 80 } },
    })
    const first = await apply(journal, { ...ours, spec: { ...(ours.spec as object), replicas: 0 } })
    expect(first.outcome).toBe('configured')
    expect(first.notices.join('\n')).toMatch(/\.image was taken from kubectl/)
    expect((await apply(journal, ours)).outcome).toBe('unchanged')
    await apply(journal, deployment(ns, 'devloop/tour:def', { env: [{ name: 'B', value: '2' }] }), 2)

    const report = await down(journal)
    expect(report.problems).toEqual([])
    expect(report.restored.map(item => item.left)).toEqual([[]])
    expect(essence(await read('deployment', ns, 'tour'))).toEqual(essence(before))
    expect(await inventory(ns)).toEqual(names)
    expect(journal.state().objects.size).toBe(0)
  })

  test('what somebody changed in between stays, the rest goes back', async () => {
    const ns = await newNamespace('between')
    await kubectl(
      ['create', '-f', '-'],
      deployment(ns, 'example/own:1', { env: [{ name: 'A', value: '1' }] }),
    )
    const journal = await newJournal()
    await apply(journal, deployment(ns, 'devloop/tour:abc', { env: [{ name: 'A', value: '2' }] }))
    await kubectl(['set', 'image', '-n', ns, 'deployment/tour', 'tour=example/hotfix:9'])
    await kubectl(['annotate', '-n', ns, 'deployment/tour', 'note=by-hand'])
    const report = await down(journal)
    expect(report.restored[0]?.left.join()).toMatch(/image/)
    const after = JSON.stringify(await read('deployment', ns, 'tour'))
    expect(after).toContain('example/hotfix:9')
    expect(after).toContain('"note":"by-hand"')
    expect(after).toContain('"value":"1"')
    expect(after).not.toContain('devloop.dev/')
    expect(after).not.toContain('"manager":"devloop"')
  })

  test('a scaled workload keeps its number', async () => {
    const ns = await newNamespace('scale')
    const journal = await newJournal()
    const image = 'busybox:not-there'
    await apply(journal, deployment(ns, image))
    await kubectl(['scale', '-n', ns, 'deployment/tour', '--replicas=2'])
    const scaled = await apply(journal, deployment(ns, image, { command: ['true'] }))
    expect(scaled.notices.join()).toMatch(/\.spec\.replicas is left to kubectl/)
    expect((await read('deployment', ns, 'tour')).spec).toMatchObject({ replicas: 2 })
    const unset = deployment(ns, image)
    const { replicas: _r, ...spec } = unset.spec as Record<string, unknown>
    await apply(journal, { ...unset, spec })
    expect((await read('deployment', ns, 'tour')).spec).toMatchObject({ replicas: 2 })
    await down(journal)
    expect(await inventory(ns)).toEqual(['configmaps/kube-root-ca.crt', 'serviceaccounts/default'])
  })

  test('a change by hand stays until the manifest changes it', async () => {
    const ns = await newNamespace('hand')
    const journal = await newJournal()
    await apply(journal, configMap(ns, 'settings', { level: 'info', other: '1' }))
    await kubectl(['patch', '-n', ns, 'cm/settings', '-p', '{"data":{"level":"debug"}}'])
    const kept = await apply(journal, configMap(ns, 'settings', { level: 'info', other: '2' }))
    expect(kept.notices).toHaveLength(1)
    expect((await read('cm', ns, 'settings')).data).toEqual({ level: 'debug', other: '2' })
    expect((await apply(journal, configMap(ns, 'settings', { level: 'info', other: '2' }))).outcome).toBe(
      'unchanged',
    )
    await apply(journal, configMap(ns, 'settings', { level: 'warn', other: '2' }))
    expect((await read('cm', ns, 'settings')).data).toEqual({ level: 'warn', other: '2' })
  })
})

describe.concurrent('take-down', () => {
  test('a namespace of ours with a foreign object stays, with that object only', async () => {
    const ns = `${prefix}-foreign`
    const journal = await newJournal()
    await apply(journal, namespace(ns))
    await apply(journal, configMap(ns, 'ours', { a: '1' }))
    await kubectl(['create', 'cm', 'theirs', '-n', ns])
    const report = await down(journal)
    expect(report.kept).toMatchObject([{ reason: 'holds-foreign', holds: [{ name: 'theirs' }] }])
    expect(await inventory(ns)).toEqual([
      'configmaps/kube-root-ca.crt',
      'configmaps/theirs',
      'serviceaccounts/default',
    ])
    await kubectl(['delete', 'cm', 'theirs', '-n', ns])
    expect((await down(journal)).kept).toEqual([])
    expect(await kubectl(['get', 'ns', ns, '--ignore-not-found'])).toBe('')
  })

  test('volumes of a StatefulSet stay until they are asked for, and are taken up again', async () => {
    const ns = `${prefix}-volumes`
    const journal = await newJournal()
    const set: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', namespace: ns },
      spec: {
        serviceName: 'db',
        replicas: 1,
        selector: { matchLabels: { app: 'db' } },
        template: {
          metadata: { labels: { app: 'db' } },
          spec: {
            terminationGracePeriodSeconds: 0,
            containers: [
              {
                name: 'db',
                image: 'registry.k8s.io/pause:3.10',
                imagePullPolicy: 'IfNotPresent',
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
              },
            ],
          },
        },
        volumeClaimTemplates: [
          {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
          },
        ],
      },
    }
    const foreign = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data-db-1', namespace: ns },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    }
    await apply(journal, namespace(ns))
    await kubectl(['create', '-f', '-'], foreign)
    await apply(journal, set)
    const phase = () =>
      kubectl(['get', 'pvc', 'data-db-0', '-n', ns, '-o', 'jsonpath={.status.phase}']).catch(() => '')
    await eventually(async () => expect(await phase()).toBe('Bound'))
    expect(await volumesOf(ns)).not.toEqual([])
    const first = await down(journal)
    expect(first.kept.map(item => [item.reason, item.ref.name])).toEqual([
      ['volume', 'data-db-0'],
      ['holds-volume', ns],
    ])
    expect((await apply(journal, namespace(ns))).outcome).toBe('unchanged')
    await apply(journal, set)
    const second = await down(journal, true)
    expect(second.kept).toMatchObject([{ reason: 'holds-foreign', holds: [{ name: 'data-db-1' }] }])
    await kubectl(['delete', 'pvc', 'data-db-1', '-n', ns])
    expect((await down(journal, true)).problems).toEqual([])
    expect(await kubectl(['get', 'ns', ns, '--ignore-not-found'])).toBe('')
    expect(await volumesOf(ns)).toEqual([])
  })
})

/** The volumes that the claims of a namespace have, or had: other files' may still be on their way out. */
async function volumesOf(ns: string): Promise<readonly string[]> {
  const list = await api.get<{
    readonly items: readonly (KubeObject & {
      readonly spec: { readonly claimRef?: { readonly namespace: string } }
    })[]
  }>('/api/v1/persistentvolumes')
  return (list?.items ?? [])
    .filter(({ spec }) => spec.claimRef?.namespace === ns)
    .map(({ metadata }) => metadata.name)
}

/** Points tried at once, each in namespaces of its own: most of the time goes into waiting for deletions. */
const POINTS_AT_ONCE = 20

test('ended at any point, what up brought goes and what was there stays', async () => {
  for (let first = 1; ; first += POINTS_AT_ONCE) {
    const points = Array.from({ length: POINTS_AT_ONCE }, (_, index) => first + index)
    const finished = await Promise.all(points.map(endedAt))
    if (finished.includes(true)) break
  }
})

/** Ends the work at its nth step, takes down, and compares; true where the work had fewer steps than that. */
async function endedAt(stopAt: number): Promise<boolean> {
  const ns = await newNamespace(`killed-${stopAt}`)
  await api.create(`/apis/apps/v1/namespaces/${ns}/deployments`, deployment(ns, 'example/own:1'))
  await settled(ns)
  const before = essence(await read('deployment', ns, 'tour'))
  const names = await inventory(ns)
  const made = `${prefix}-killed-made-${stopAt}`
  const file = `killed-${stopAt}`
  const journal = await openJournal(file)
  let steps = 0
  // Every second step ends before its request is sent, every other after its answer was lost.
  const guard =
    <A extends readonly unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      steps++
      if (steps === stopAt && stopAt % 2 === 0) throw new Error('killed')
      const result = await work(...args)
      if (steps === stopAt) throw new Error('killed')
      return result
    }
  const tools = {
    cluster: { ...cluster, apply: guard(cluster.apply) },
    journal: { ...journal, append: guard(journal.append) },
  }
  let finished = false
  try {
    for (const object of [
      namespace(made),
      configMap(made, 'settings', { a: '1' }),
      deployment(ns, 'devloop/tour:1', { ports: [{ containerPort: 80 }] }),
      deployment(ns, 'devloop/tour:2'),
    ]) {
      const result = await applyObject(tools, { object, signal: never() })
      expect(result.ok).toBe(true)
    }
    finished = true
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'killed') throw error
  }
  await journal.close()
  const after = await openJournal(file)
  const report = await down(after, true)
  expect({ stopAt, problems: report.problems, kept: report.kept }).toEqual({
    stopAt,
    problems: [],
    kept: [],
  })
  expect(await api.get(`/api/v1/namespaces/${made}`)).toBeUndefined()
  expect(essence(await read('deployment', ns, 'tour'))).toEqual(before)
  expect(await inventory(ns)).toEqual(names)
  await after.close()
  return finished
}

test('a Job whose template changed is made anew, one that did not is left alone', async () => {
  const ns = await newNamespace('job')
  const journal = await newJournal()
  const job = (command: string): KubeObject => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate', namespace: ns },
    spec: {
      suspend: true,
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'm', image: 'busybox:1.35', command: [command] }],
        },
      },
    },
  })
  const first = await apply(journal, job('one'))
  expect(first.outcome).toBe('created')
  await apply(journal, { ...job('one'), spec: { ...(job('one').spec as object), suspend: false } })
  const second = await apply(journal, {
    ...job('two'),
    spec: { ...(job('two').spec as object), suspend: false },
  })
  expect(second.outcome).toBe('recreated')
  expect(second.uid).not.toBe(first.uid)
  await down(journal)
  expect(await inventory(ns)).toEqual(['configmaps/kube-root-ca.crt', 'serviceaccounts/default'])
})
