import { describe, expect, it } from 'vitest'
import { serviceSpec } from '../../testing/states.js'
import type { KubeObject, ManifestObject } from '../kube-object.js'
import type { ServiceSpec } from '../project.js'
import { externalImages } from './external-images.js'
import { valueAt } from './fields.js'
import { type LinkedManifests, type LinkOptions, linkObjects } from './link.js'
import { missingImages, withImages } from './with-images.js'

const service = (name: string, overrides: Partial<ServiceSpec> = {}): ServiceSpec =>
  serviceSpec(name, { image: name, ...overrides })

const simple = (
  apiVersion: string,
  kind: string,
  name: string,
  rest: object = {},
  namespace?: string,
): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...rest,
})

const workload = (kind: string, containers: readonly object[], spec: object = {}): KubeObject =>
  simple('apps/v1', kind, 'w', { spec: { template: { spec: { containers, ...spec } } } })

function link(objects: readonly KubeObject[], options: Partial<LinkOptions> = {}): LinkedManifests {
  const manifests = objects.map(
    (object, at): ManifestObject => ({
      object,
      source: { file: 'a.yaml', line: at + 1, column: 1, endLine: at + 1, endColumn: 2 },
    }),
  )
  return linkObjects({
    objects: manifests,
    services: [],
    namespace: { default: 'shop', create: true, override: false },
    scope: () => undefined,
    configHashKey: 'key',
    ...options,
  })
}

const keys = (linked: LinkedManifests): readonly string[] => linked.objects.map(({ key }) => key)

function one(object: KubeObject, services: readonly ServiceSpec[]) {
  const linked = link([object], { services })
  const [first] = linked.objects
  if (first === undefined) throw new Error('nothing linked')
  return { linked: first, diagnostics: linked.diagnostics }
}

describe('order and namespaces', () => {
  it('orders by tier and keeps the order of the manifests within one', () => {
    const objects = [
      simple('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'hook'),
      simple('networking.k8s.io/v1', 'Ingress', 'in'),
      workload('Deployment', []),
      simple('v1', 'Service', 'b'),
      simple('v1', 'Service', 'a'),
      simple('v1', 'PersistentVolumeClaim', 'pvc'),
      simple('v1', 'Secret', 's'),
      simple('rbac.authorization.k8s.io/v1', 'ClusterRole', 'cr'),
      simple('storage.k8s.io/v1', 'StorageClass', 'sc'),
      simple('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'crd'),
      simple('v1', 'Namespace', 'other'),
    ]
    const linked = link(objects)
    expect(linked.objects.map(({ tier }) => tier)).toEqual([0, 1, 2, 3, 4, 5, 6, 6, 7, 8, 9])
    expect(keys(linked).slice(6, 8)).toEqual(['/Service/shop/b', '/Service/shop/a'])
    expect(keys(linked)[2]).toBe('storage.k8s.io/StorageClass//sc')
    expect(linked.namespacesNeeded).toEqual(['shop'])
  })

  it('fills only absent namespaces, and needs none that a manifest makes', () => {
    const linked = link([
      simple('v1', 'Service', 'a'),
      simple('v1', 'Service', 'a', {}, 'db'),
      simple('v1', 'Namespace', 'shop'),
    ])
    expect(keys(linked)).toEqual(['/Namespace//shop', '/Service/shop/a', '/Service/db/a'])
    expect(linked.namespacesNeeded).toEqual(['db'])
    expect(linked.diagnostics).toEqual([])
  })

  it('override moves everything, what refers to it follows, and a collision is named with both places', () => {
    const binding = simple('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'crb', {
      subjects: [
        { kind: 'ServiceAccount', name: 'sa', namespace: 'old' },
        { kind: 'ServiceAccount', name: 'theirs', namespace: 'old' },
        { kind: 'User', name: 'sa' },
      ],
    })
    const linked = link(
      [
        simple('v1', 'ServiceAccount', 'sa', {}, 'old'),
        binding,
        simple('v1', 'Service', 'a', {}, 'x'),
        simple('v1', 'Service', 'a', {}, 'y'),
      ],
      { namespace: { default: 'shop', create: true, override: true } },
    )
    expect(linked.objects.find(({ ref }) => ref.name === 'crb')?.object.subjects).toEqual([
      { kind: 'ServiceAccount', name: 'sa', namespace: 'shop' },
      { kind: 'ServiceAccount', name: 'theirs', namespace: 'old' },
      { kind: 'User', name: 'sa' },
    ])
    expect(linked.diagnostics.map(({ message }) => message)).toEqual([
      'service/a -n shop is already defined at a.yaml:3',
    ])
  })

  it('fills the namespace of the root that an object came from, before that of the project', () => {
    const source = { file: 'a.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 }
    const objects: readonly ManifestObject[] = [
      { object: simple('v1', 'Service', 'a'), source, home: 'db' },
      { object: simple('v1', 'Service', 'b', {}, 'own'), source, home: 'db' },
      { object: simple('storage.k8s.io/v1', 'StorageClass', 'c'), source, home: 'db' },
      { object: simple('v1', 'Service', 'd'), source },
    ]
    expect(keys(link([], { objects }))).toEqual([
      'storage.k8s.io/StorageClass//c',
      '/Service/db/a',
      '/Service/own/b',
      '/Service/shop/d',
    ])
    const override = { namespace: { default: 'shop', create: true, override: true } }
    expect(keys(link([], { objects, ...override })).slice(1)).toEqual([
      '/Service/shop/a',
      '/Service/shop/b',
      '/Service/shop/d',
    ])
  })

  it('takes the scope from the cluster before the CRDs of the manifests', () => {
    const crd = simple('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'crd', {
      spec: { group: 'x.dev', scope: 'Cluster', names: { kind: 'Thing' } },
    })
    const thing = simple('x.dev/v1', 'Thing', 't', {}, 'ns')
    expect(keys(link([crd, thing]))[1]).toBe('x.dev/Thing//t')
    expect(keys(link([crd, thing], { scope: () => 'namespaced' }))[1]).toBe('x.dev/Thing/ns/t')
  })
})

describe('images', () => {
  it.each([
    ['apps/v1', 'Deployment', ['spec', 'template']],
    ['apps/v1', 'StatefulSet', ['spec', 'template']],
    ['apps/v1', 'DaemonSet', ['spec', 'template']],
    ['apps/v1', 'ReplicaSet', ['spec', 'template']],
    ['v1', 'ReplicationController', ['spec', 'template']],
    ['batch/v1', 'Job', ['spec', 'template']],
    ['batch/v1', 'CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
    ['v1', 'Pod', []],
  ])('of a %s %s are found, in init containers too, and replaced', (apiVersion, kind, path) => {
    const pod = {
      spec: {
        initContainers: [{ name: 'i', image: 'tour:1' }],
        containers: [
          { name: 'c', image: 'redis' },
          { name: 'd', image: 'docker.io/library/tour' },
        ],
      },
    }
    const nested = path.toReversed().reduce<object>((inner, step) => ({ [step]: inner }), pod)
    const { linked } = one({ ...simple(apiVersion, kind, 'w'), ...nested }, [service('tour')])
    expect(linked.isWorkload).toBe(true)
    expect(linked.services).toEqual(['tour'])
    expect(linked.images.map(({ container, init, service: by }) => [container, init, by])).toEqual([
      ['i', true, 'tour'],
      ['c', false, undefined],
      ['d', false, 'tour'],
    ])
    expect(externalImages([linked])).toEqual(['redis'])
    expect(missingImages(linked, new Map())).toEqual(['tour'])
    const before = structuredClone(linked.object)
    const spec = valueAt(
      withImages(linked, new Map([['tour', 'tour:built']]), () => false),
      [...path, 'spec'],
    )
    expect(spec).toEqual({
      initContainers: [{ name: 'i', image: 'tour:built' }],
      containers: [
        { name: 'c', image: 'redis' },
        { name: 'd', image: 'tour:built', imagePullPolicy: 'IfNotPresent' },
      ],
    })
    expect(linked.object).toEqual(before)
  })

  it.each([
    ['tour:1', 'Always', 'IfNotPresent'],
    ['tour:1', undefined, undefined],
    ['tour', 'Never', 'Never'],
    ['redis:7', 'Always', 'IfNotPresent'],
    ['redis', undefined, 'IfNotPresent'],
    ['nats', undefined, undefined],
    ['nats', 'Always', 'Always'],
  ])('%s with policy %s gets %s', (image, policy, expected) => {
    const container = { name: 'c', image, ...(policy === undefined ? {} : { imagePullPolicy: policy }) }
    const { linked } = one(workload('Deployment', [container]), [service('tour')])
    const object = withImages(linked, new Map([['tour', 'tour:built']]), reference =>
      reference.startsWith('redis'),
    )
    expect(valueAt(object, ['spec', 'template', 'spec', 'containers', 0, 'imagePullPolicy'])).toBe(expected)
  })

  it.each([
    ['by the name after', 'registry/web:v2', ['web'], 'registry/web'],
    ['by the name before', 'registry/web:v2', ['web'], 'shop/web'],
    ['by a tag before', 'registry/web:v2', ['web'], 'shop/web:v1'],
    ['not by another tag', 'registry/web:v2', [], 'shop/web:v7'],
    ['not where nothing was renamed', 'registry/api:v2', [], 'shop/web'],
  ])('a service matches a renamed image %s', (_name, image, expected, own) => {
    const linked = link([], {
      services: [service('web', { image: own })],
      objects: [
        {
          object: workload('Deployment', [{ name: 'c', image }]),
          source: { file: 'a.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 },
          formerImages: new Map([['registry/web:v2', ['shop/web:v1']]]),
        },
      ],
    })
    expect(linked.objects[0]?.services).toEqual(expected)
    expect(linked.objects[0]?.images[0]?.image).toBe(image)
  })

  it('a tag of a service means that tag alone', () => {
    const services = [service('any', { image: 'x/t' }), service('v1', { image: 'x/t:V1' })]
    const { linked } = one(
      workload('Deployment', [
        { name: 'a', image: 'x/t:V1' },
        { name: 'b', image: 'x/t:V2' },
      ]),
      services,
    )
    expect(linked.images.map(image => image.service)).toEqual(['v1', 'any'])
  })

  it.each([
    ['the only container', [{ name: 'a', image: 'x' }], undefined, ['tour'], undefined],
    [
      'the named container',
      [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'y' },
      ],
      'b',
      [undefined, 'tour'],
      undefined,
    ],
    [
      'what the image says first',
      [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'tour' },
      ],
      'a',
      [undefined, 'tour'],
      undefined,
    ],
    [
      'no one of several',
      [
        { name: 'a', image: 'x' },
        { name: 'b', image: 'y' },
      ],
      undefined,
      [undefined, undefined],
      'deployment/w -n shop has 2 containers (a, b), and service tour does not say which is its own',
    ],
    [
      'a misspelt name',
      [{ name: 'server', image: 'x' }],
      'servr',
      [undefined],
      'deployment/w -n shop has no container "servr" for service tour, but server',
    ],
  ])('workloads: %s', (_, containers, container, expected, message) => {
    const { linked, diagnostics } = one(workload('Deployment', containers), [
      service('tour', { workloads: ['deployment/w'], container }),
    ])
    expect(linked.images.map(image => image.service)).toEqual(expected)
    expect(diagnostics.find(({ severity }) => severity === 'error')?.message).toBe(message)
  })

  it('tells of services that nothing runs, with what was meant', () => {
    const { diagnostics } = one(workload('Deployment', [{ name: 'c', image: 'me/tour-api:1' }]), [
      service('tour'),
      service('base'),
      service('auth', { workloads: ['deployment/ww'], requires: [{ service: 'base', arg: 'BASE' }] }),
    ])
    expect(diagnostics.map(({ severity, message, suggestion }) => [severity, message, suggestion])).toEqual([
      ['error', 'service auth names deployment/ww, but no manifest has it', 'did you mean deployment/w?'],
      [
        'warning',
        'no manifest uses image tour of service tour',
        'the manifests use me/tour-api:1: did you mean that?',
      ],
      [
        'warning',
        'no manifest uses image auth of service auth',
        'set image: of service auth to what its manifest says, or name its workloads by "workloads"',
      ],
    ])
  })
})

describe('config hash', () => {
  const config = (data: object): KubeObject => simple('v1', 'ConfigMap', 'c', { data })
  const secret = (rest: object): KubeObject => simple('v1', 'Secret', 's', rest)
  const uses = workload(
    'Deployment',
    [{ name: 'a', image: 'x', envFrom: [{ configMapRef: { name: 'c' } }] }],
    {
      volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 's' } }] } }],
    },
  )
  const hash = (objects: readonly KubeObject[], configHashKey = 'key'): unknown => {
    const found = link(objects, { configHashKey }).objects.find(({ isWorkload }) => isWorkload)
    return valueAt(found?.object, ['spec', 'template', 'metadata', 'annotations', 'devloop.dev/config-hash'])
  }

  it('changes with the data that the pods use, and with nothing else', () => {
    const first = hash([uses, config({ a: '1', b: '2' }), secret({ stringData: { p: 'x' } })])
    expect(first).toMatch(/^[0-9a-f]{16}$/)
    expect(
      hash([
        uses,
        config({ b: '2', a: '1' }),
        secret({ data: { p: 'eA==' } }),
        simple('v1', 'ConfigMap', 'other', { data: { a: '9' } }),
      ]),
    ).toBe(first)
    expect(hash([uses, config({ a: '2', b: '2' }), secret({ stringData: { p: 'x' } })])).not.toBe(first)
    expect(hash([uses, config({ a: '1', b: '2' }), secret({ stringData: { p: 'y' } })])).not.toBe(first)
    expect(hash([uses, config({ a: '1', b: '2' }), secret({ stringData: { p: 'x' } })], 'other')).not.toBe(
      first,
    )
  })

  it('is not there for config from elsewhere, nor on a CronJob', () => {
    expect(hash([uses])).toBeUndefined()
    const cron = simple('batch/v1', 'CronJob', 'w', { spec: { jobTemplate: { spec: uses.spec } } })
    const linked = link([cron, config({ a: '1' })]).objects.find(({ isWorkload }) => isWorkload)
    expect(linked?.object).toEqual({ ...cron, metadata: { name: 'w', namespace: 'shop' } })
  })

  it('does not depend on the order of keys', () => {
    const [a] = link([config({ a: '1', b: '2' })]).objects
    const [b] = link([config({ b: '2', a: '1' })]).objects
    expect(a?.contentHash).toBe(b?.contentHash)
  })
})

describe('images in other kinds', () => {
  const rollout = simple('argoproj.io/v1alpha1', 'Rollout', 'tour', {
    spec: {
      template: {
        spec: {
          containers: [
            { name: 'tour', image: 'tour', imagePullPolicy: 'Always' },
            { name: 'proxy', image: 'envoy:1' },
          ],
        },
      },
    },
  })
  const path = ['spec', 'template', 'spec', 'containers', { every: true } as const, 'image']
  const built = new Map([['tour', 'tour:built']])

  it.each([
    ['are replaced where the config says, and nothing else is', [{ kind: 'Rollout', path }], 'tour:built'],
    ['stay in a kind that it does not name', [{ kind: 'Runner', path }], 'tour'],
    ['stay where it names nothing', [], 'tour'],
  ])('%s', (_, replace, image) => {
    const { objects } = link([rollout], { services: [service('tour')], replace })
    const [linked] = objects
    if (linked === undefined) throw new Error('no object')
    const containers = valueAt(
      withImages(linked, built, () => true),
      ['spec', 'template', 'spec', 'containers'],
    )
    expect(containers).toEqual([
      { name: 'tour', image, imagePullPolicy: 'Always' },
      { name: 'proxy', image: 'envoy:1' },
    ])
    expect(linked.services).toEqual(image === 'tour' ? [] : ['tour'])
  })

  it('names the image of a container once', () => {
    const object = workload('Deployment', [{ name: 'tour', image: 'tour' }])
    const { objects } = link([object], {
      services: [service('tour')],
      replace: [{ kind: 'Deployment', path }],
    })
    expect(objects[0]?.images).toHaveLength(1)
  })
})
