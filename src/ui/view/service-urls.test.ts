import { expect, it } from 'vitest'
import type { KubeObject } from '../../core/kube-object.js'
import type { ObjectState } from '../../core/state.js'
import { linkedObject } from '../../testing/states.js'
import { serviceUrls } from './service-urls.js'

function objectOf(
  kind: string,
  name: string,
  over: Partial<KubeObject>,
  services: readonly string[] = [],
): ObjectState {
  const apiVersion = kind === 'Ingress' ? 'networking.k8s.io/v1' : kind === 'Deployment' ? 'apps/v1' : 'v1'
  const linked = linkedObject(kind, name, { services, apiVersion })
  return {
    linked: { ...linked, object: { ...linked.object, ...over } },
    apply: { kind: 'pending' },
    rollout: undefined,
    restart: { kind: 'none' },
  }
}

const deployment = objectOf(
  'Deployment',
  'tour-depl',
  { spec: { template: { metadata: { labels: { app: 'tour', tier: 'web' } } } } },
  ['tour'],
)
const service = objectOf('Service', 'tour-srv', { spec: { selector: { app: 'tour' } } })
const ingress = (path: string, tls: unknown = undefined) =>
  objectOf('Ingress', 'all', {
    spec: {
      tls,
      rules: [{ host: 'tour.xyz', http: { paths: [{ path, backend: { service: { name: 'tour-srv' } } }] } }],
    },
  })

it.each([
  [
    'by its pods, their Service and its Ingress',
    [deployment, service, ingress('/api')],
    { tour: 'http://tour.xyz/api' },
  ],
  [
    'by https where the name has a certificate',
    [deployment, service, ingress('/', [{ hosts: ['tour.xyz'] }])],
    { tour: 'https://tour.xyz/' },
  ],
  [
    'by the root where the path is an expression',
    [deployment, service, ingress('/api/?(.*)')],
    { tour: 'http://tour.xyz/' },
  ],
  ['not without an Ingress', [deployment, service], {}],
  [
    'not without a Service of its pods',
    [deployment, objectOf('Service', 'tour-srv', { spec: { selector: { app: 'auth' } } }), ingress('/')],
    {},
  ],
])('a service is opened %s', (_, objects, expected) => {
  expect(serviceUrls(Object.fromEntries(objects.map(object => [object.linked.key, object])))).toEqual(
    expected,
  )
})
