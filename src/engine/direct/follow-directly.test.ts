import { expect, it } from 'vitest'
import { type KubeObject, refKey, refOf } from '../../core/kube-object.js'
import { valueAt } from '../../core/manifest/fields.js'
import type { LinkedObject } from '../../core/manifest/link.js'
import { observeWorkload } from '../../core/observe/observe-workload.js'
import type { Override } from '../../core/overrides/overrides.js'
import { ok } from '../../core/result.js'
import { createFakeClock } from '../../testing/fake-clock.js'
import { createFakeCluster } from '../../testing/fake-cluster.js'
import { createFakeImageLoader } from '../../testing/fake-image-loader.js'
import { createFakeJournal } from '../../testing/fake-journal.js'
import { deploymentOf } from '../../testing/session-rig.js'
import { projectOf, SOURCE } from '../../testing/states.js'
import { applyObject } from '../apply-object.js'
import type { DirectTools } from './direct-tools.js'
import { type DirectIntent, followDirectly } from './follow-directly.js'

const { signal } = new AbortController()

function side(name: string, image: string, replicas: number): KubeObject {
  const object = deploymentOf(name, image)
  const spec = object.spec as { readonly template: object }
  const template = { ...spec.template, metadata: { labels: { app: 'web', version: name } } }
  return { ...object, spec: { ...spec, replicas, template } }
}

const web: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { app: 'web', version: 'blue' } },
}

/** Two sides and their Service, as an `up` that ended left them. */
async function left() {
  const cluster = createFakeCluster()
  const journal = createFakeJournal()
  const manifests = [side('blue', 'shop/blue:dev-new', 2), side('green', 'shop/green:dev-new', 0), web]
  for (const object of manifests) {
    const done = await applyObject({ cluster, journal }, { object, signal })
    if (!done.ok) throw new Error(JSON.stringify(done.error))
  }
  const written: (readonly Override[])[] = [[]]
  const sinks = new Set<(object: KubeObject) => void>()
  const rig = { ready: true }
  const seen = (object: KubeObject): KubeObject => {
    const replicas = valueAt(object, ['spec', 'replicas'])
    const status = { observedGeneration: object.metadata.generation, updatedReplicas: replicas }
    return { ...object, status: { ...status, availableReplicas: rig.ready ? replicas : 0 } }
  }
  const tools: DirectTools = {
    project: projectOf(['blue', 'green']),
    cluster,
    journal,
    loader: createFakeImageLoader(),
    clock: createFakeClock(),
    observer: {
      observe: (_namespace, sink) => {
        const tell = (object: KubeObject) =>
          object.kind === 'Deployment' && sink({ type: 'workload', workload: observeWorkload(seen(object)) })
        for (const object of cluster.objects.values()) tell(object)
        sinks.add(tell)
      },
      follow: () => {},
      track: () => {},
    },
    overrides: {
      read: () => written.at(-1) ?? [],
      write: async next => {
        written.push(next)
        return ok(undefined)
      },
    },
    declared: async () =>
      ok(
        manifests.map((object): LinkedObject => {
          const ref = refOf(object)
          return {
            key: refKey(ref),
            ref,
            object,
            source: SOURCE,
            tier: 0,
            isWorkload: object.kind === 'Deployment',
            images: [],
            services: object.kind === 'Deployment' ? [object.metadata.name] : [],
            contentHash: '',
          }
        }),
      ),
    tell: () => {},
    signal,
  }
  cluster.onApplied = object => {
    for (const tell of sinks) tell(object)
  }
  const object = (kind: string, name: string) =>
    [...cluster.objects.values()].find(one => one.kind === kind && one.metadata.name === name)
  return {
    cluster,
    tools,
    rig,
    written,
    follow: (intent: DirectIntent) => followDirectly(tools, intent),
    recorded: () => (written.at(-1) ?? []).map(one => `${one.type} ${one.service.split('/').at(-1)}`),
    replicas: () => ['blue', 'green'].map(name => valueAt(object('Deployment', name), ['spec', 'replicas'])),
    image: (name: string) =>
      valueAt(object('Deployment', name), ['spec', 'template', 'spec', 'containers', 0, 'image']),
    version: () => valueAt(object('Service', 'web'), ['spec', 'selector', 'version']),
  }
}

/** A ReplicaSet of the Deployment `blue`, as its controller keeps it. */
function revision(owner: KubeObject | undefined, number: number, image: string): KubeObject {
  const { uid = '' } = owner?.metadata ?? {}
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `blue-${number}`,
      namespace: 'shop',
      uid: `${number}`,
      annotations: { 'deployment.kubernetes.io/revision': `${number}` },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'blue', uid, controller: true }],
    },
    spec: { template: { spec: { containers: [{ name: 'blue', image }] } } },
  }
}

async function withRevisions() {
  const found = await left()
  const { objects } = found.cluster
  const key = 'apps/Deployment/shop/blue'
  const blue = objects.get(key)
  if (blue === undefined) throw new Error('no Deployment')
  const annotations = { ...blue.metadata.annotations, 'deployment.kubernetes.io/revision': '3' }
  objects.set(key, { ...blue, metadata: { ...blue.metadata, annotations } })
  const images = ['shop/blue:dev-oldest', 'shop/blue:dev-old', 'shop/blue:dev-new']
  images.forEach((image, at) => {
    objects.set(`rs${at}`, revision(blue, at + 1, image))
  })
  return found
}

it('scales to zero and back to what the manifest says, and records it', async () => {
  const { follow, replicas, recorded } = await left()
  expect(await follow({ type: 'scale-to-zero', service: 'blue' })).toMatchObject({ ok: true })
  expect([replicas(), recorded()]).toEqual([[0, 0], ['scaled-to-zero blue']])
  expect(await follow({ type: 'scale-to-zero', service: 'blue' })).toMatchObject({ ok: false })
  expect(await follow({ type: 'scale-back', service: 'blue' })).toMatchObject({ ok: true })
  expect([replicas(), recorded()]).toEqual([[2, 0], []])
})

it('records a pause, and touches nothing', async () => {
  const { follow, cluster, recorded } = await left()
  const before = cluster.applied.length
  expect(await follow({ type: 'pause', service: 'blue' })).toMatchObject({ ok: true })
  expect(recorded()).toEqual(['paused blue'])
  expect(await follow({ type: 'resume', service: 'blue' })).toMatchObject({ ok: true })
  expect(await follow({ type: 'resume', service: 'blue' })).toMatchObject({ ok: false })
  expect([recorded(), cluster.applied.length]).toEqual([[], before])
})

it('goes back to the revision before, or to one by its number, and on to the newest when cleared', async () => {
  const { follow, image, written, recorded } = await withRevisions()
  expect(await follow({ type: 'rollback', service: 'blue', to: undefined })).toMatchObject({ ok: true })
  expect(image('blue')).toBe('shop/blue:dev-old')
  const to = { workload: undefined, revision: 1 }
  expect(await follow({ type: 'rollback', service: 'blue', to })).toMatchObject({ ok: true })
  expect(image('blue')).toBe('shop/blue:dev-oldest')
  expect(written.at(-1)).toMatchObject([
    {
      type: 'rolled-back',
      service: 'blue',
      image: { podReference: 'shop/blue:dev-oldest' },
      to: 'revision 1',
      newest: { podReference: 'shop/blue:dev-new' },
    },
  ])
  expect(await follow({ type: 'clear', service: 'blue' })).toEqual(
    ok('cleared: blue rolled back to revision 1'),
  )
  expect([image('blue'), recorded()]).toEqual(['shop/blue:dev-new', []])
})

it.each([
  [9, /keeps no revision 9 of blue, but 3, 2, 1/],
  [3, /runs revision 3 already/],
])('does not go to revision %i', async (number, message) => {
  const { follow, recorded } = await withRevisions()
  const done = await follow({
    type: 'rollback',
    service: 'blue',
    to: { workload: undefined, revision: number },
  })
  expect(done).toMatchObject({ ok: false, error: { message: expect.stringMatching(message) } })
  expect(recorded()).toEqual([])
})

it('is as before where the cluster does not take it', async () => {
  const { follow, cluster, recorded, replicas } = await left()
  cluster.refuse = () => ({
    kind: 'apply-rejected',
    object: 'x',
    reason: 'denied',
    message: 'no',
    fields: [],
  })
  expect(await follow({ type: 'scale-to-zero', service: 'blue' })).toMatchObject({ ok: false })
  expect([recorded(), replicas()]).toEqual([[], [2, 0]])
})

it('switches step by step, and clears only what is where its manifest says', async () => {
  const { follow, replicas, version, recorded, written } = await left()
  expect(await follow({ type: 'switch', service: 'web', version: 'green' })).toMatchObject({ ok: true })
  expect([version(), replicas()]).toEqual(['green', [0, 2]])
  expect(written.flat().map(one => (one.type === 'switched' ? one.stage : ''))).toEqual([
    'raising',
    'moving',
    'done',
  ])
  expect(await follow({ type: 'switch', service: 'web', version: 'green' })).toMatchObject({ ok: false })
  expect(await follow({ type: 'clear', service: 'green' })).toMatchObject({ ok: false })
  expect(await follow({ type: 'switch', service: 'blue', version: 'blue' })).toMatchObject({ ok: true })
  expect([version(), replicas()]).toEqual(['blue', [2, 0]])
  expect(await follow({ type: 'clear', service: 'web' })).toEqual(ok('cleared: web on blue'))
  expect([version(), replicas(), recorded()]).toEqual(['blue', [2, 0], []])
})

it('a switch that was broken off leaves the Service where it was, and is gone on with', async () => {
  const { follow, replicas, version, rig, tools } = await left()
  const abort = new AbortController()
  rig.ready = false
  const broken = followDirectly(
    {
      ...tools,
      tell: message => message.includes('comes up') && abort.abort(),
      signal: abort.signal,
    },
    { type: 'switch', service: 'web', version: 'green' },
  )
  expect(await broken).toMatchObject({ ok: false, error: { kind: 'cancelled' } })
  expect([version(), replicas()]).toEqual(['blue', [2, 2]])
  expect(tools.overrides.read()).toMatchObject([{ stage: 'raising' }])
  rig.ready = true
  expect(await follow({ type: 'switch', service: 'web', version: 'green' })).toMatchObject({ ok: true })
  expect([version(), replicas()]).toEqual(['green', [0, 2]])
})

it('touches nothing of what is not deployed', async () => {
  const { follow, tools, cluster } = await left()
  const project = projectOf(['blue', 'green', 'api'])
  expect(
    await followDirectly({ ...tools, project }, { type: 'scale-to-zero', service: 'api' }),
  ).toMatchObject({ ok: false, error: { message: 'nothing of api is deployed' } })
  cluster.objects.delete('apps/Deployment/shop/blue')
  await follow({ type: 'scale-to-zero', service: 'blue' })
  expect(cluster.objects.has('apps/Deployment/shop/blue')).toBe(false)
})
