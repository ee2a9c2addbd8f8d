import { describe, expect, test } from 'vitest'
import { linkedObject } from '../../testing/states.js'
import type { LinkedObject } from '../manifest/link.js'
import type { ForwardSpec } from '../project.js'
import { foreignServices, serviceKey, wantedForwards } from './wanted-forwards.js'

const spec = (over: Partial<ForwardSpec>): ForwardSpec => ({
  kind: 'service',
  name: 'tour-srv',
  port: undefined,
  local: undefined,
  namespace: undefined,
  address: undefined,
  ...over,
})

const service = (name: string, app: string, ports: readonly object[]): LinkedObject => {
  const linked = linkedObject('Service', name)
  return { ...linked, object: { ...linked.object, spec: { selector: { app }, ports } } }
}

const workload = (kind: string, name: string, services: readonly string[]): LinkedObject => {
  const linked = linkedObject(kind, name, { services, apiVersion: 'apps/v1' })
  const ports = [{ name: 'web', containerPort: 3000 }]
  const template = {
    metadata: { labels: { app: name } },
    spec: { containers: [{ name: 'app', image: name, ports }] },
  }
  return { ...linked, object: { ...linked.object, spec: { template } } }
}

const objects = [
  workload('Deployment', 'tour', ['tour']),
  service('tour-srv', 'tour', [
    { name: 'http', port: 80, targetPort: 'web' },
    { name: 'admin', port: 9000 },
  ]),
  workload('StatefulSet', 'mysql', []),
  service('mysql', 'mysql', [{ port: 3306 }, { port: 53, protocol: 'UDP' }]),
]

function wanted(forwards: readonly ForwardSpec[], { auto = false, routed = false } = {}) {
  const services = new Map(
    objects
      .filter(({ ref }) => ref.kind === 'Service')
      .map(({ object, ref }) => [serviceKey(ref.namespace ?? '', ref.name), object]),
  )
  const { forwards: found, unclear } = wantedForwards({
    project: {
      portForward: { auto, forwards },
      namespace: { default: 'shop', create: true, override: false },
    },
    objects,
    services,
    routed: routed ? [{ namespace: 'shop', service: 'tour-srv', port: 80 }] : [],
  })
  return {
    ids: found.map(({ id, number, service: of }) => `${id} ${number} ${of}`),
    unclear: unclear.map(({ target, message }) => `${target} ${message}`),
  }
}

describe('what the config says', () => {
  test.each<[Partial<ForwardSpec>, string]>([
    [{ port: 9000 }, 'shop/service/tour-srv:9000 9000 tour'],
    [{ port: 'http' }, 'shop/service/tour-srv:http 80 tour'],
    [{ name: 'mysql' }, 'shop/service/mysql:3306 3306 undefined'],
    [{ kind: 'deployment', name: 'tour' }, 'shop/deployment/tour:3000 3000 tour'],
    [{ kind: 'pod', name: 'mysql-0', port: 'web' }, 'shop/pod/mysql-0:web 3000 undefined'],
    [{ kind: 'statefulset', name: 'mysql-1' }, 'shop/statefulset/mysql-1:3000 3000 undefined'],
    [{ kind: 'pod', name: 'x', port: 1, namespace: 'far' }, 'far/pod/x:1 1 undefined'],
  ])('%j', (over, id) => {
    expect(wanted([spec(over)])).toEqual({ ids: [id], unclear: [] })
  })

  test.each<[Partial<ForwardSpec>, string]>([
    [{}, 'service/tour-srv it has the ports 80, 9000; add the one that you mean, as in service/tour-srv:80'],
    [{ port: 3000 }, 'service/tour-srv it has no port 3000; its ports are 80, 9000'],
    [{ name: 'gone' }, 'service/gone there is no service/gone in the namespace shop'],
    [{ kind: 'pod', name: 'x' }, 'pod/x it does not say which ports it has; add one, as in pod/x:8080'],
  ])('%j leads nowhere', (over, message) => {
    expect(wanted([spec(over)])).toEqual({ ids: [], unclear: [message] })
  })

  test('Services of others have to be looked up', () => {
    const project = {
      portForward: { auto: false, forwards: [spec({}), spec({ name: 'dns', namespace: 'kube-system' })] },
      namespace: { default: 'shop', create: true, override: false },
    }
    expect(foreignServices({ project, objects })).toEqual([{ namespace: 'kube-system', name: 'dns' }])
  })
})

describe('by default', () => {
  const own = ['shop/service/tour-srv:80 80 tour', 'shop/service/tour-srv:9000 9000 tour']
  test.each([
    ['every port of Services of built pods', [], { auto: true }, own],
    ['not those that a route serves', [], { auto: true, routed: true }, []],
    ['nothing where that is off', [], { auto: false }, []],
    [
      'not those that the config names',
      [spec({ port: 80 })],
      { auto: true },
      ['shop/service/tour-srv:80 80 tour'],
    ],
    [
      'those of which the config names the workload',
      [spec({ kind: 'deployment', name: 'tour' })],
      { auto: true },
      ['shop/deployment/tour:3000 3000 tour', ...own],
    ],
  ])('%s', (_what, forwards, options, ids) => {
    expect(wanted(forwards, options).ids).toEqual(ids)
  })
})
