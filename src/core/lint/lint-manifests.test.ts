import { describe, expect, test } from 'vitest'
import { projectOf, serviceSpec } from '../../testing/states.js'
import { linkObjects } from '../manifest/link.js'
import { parseManifests } from '../manifest/parse-manifests.js'
import { immutableChanges } from './immutable-changes.js'
import { lintManifests } from './lint-manifests.js'

const services = [serviceSpec('web')]

function link(text: string) {
  const { objects, diagnostics } = parseManifests({ file: '/shop/k8s/a.yaml', text, variables: {} })
  expect(diagnostics).toEqual([])
  return linkObjects({
    objects,
    services,
    namespace: projectOf([]).namespace,
    scope: () => undefined,
    configHashKey: 'k',
  }).objects
}

const found = (text: string, connected = true) =>
  lintManifests({ objects: link(text), services, connected }).map(({ message }) => message)

interface Web {
  /** Further fields of the container. */
  readonly container?: string
  /** Further fields of the pod. */
  readonly pod?: string
  readonly image?: string
  readonly probe?: boolean
}

const web = ({
  container = 'tty: false',
  pod = 'hostname: web',
  image = 'shop/web',
  probe = true,
}: Web = {}) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web, tier: front } }
    spec: { ${pod}, containers: [{ name: web, image: ${image}, ${container}${probe ? ', readinessProbe: { httpGet: { port: 3000 } }' : ''} }] }
`
const service = (spec: string) => `---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: ${spec}
`
const ingress = (backend: string) => `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec: { rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: ${backend} } }] } }] }
`
const port80 = '{ selector: { app: web }, ports: [{ port: 80, targetPort: 3000 }] }'

describe('what is most likely not meant', () => {
  test.each([
    ['nothing of a plain pair', web({ container: 'ports: [{ containerPort: 3000 }]' }) + service(port80), []],
    ['nothing where containers do not say what they open', web() + service(port80), []],
    ['nothing of a Service without selector', service('{ ports: [{ port: 80 }] }'), []],
    [
      'a selector that matches nothing',
      web() + service('{ selector: { app: wep }, ports: [{ port: 80 }] }'),
      ['the selector of service/web -n shop matches the pods of no workload in these manifests'],
    ],
    [
      'a port that no container opens',
      web({ container: 'ports: [{ containerPort: 8080 }]' }) + service(port80),
      ['service/web -n shop leads to port 3000 of its pods, which open 8080'],
    ],
    [
      'a named port that no container has',
      web({ container: 'ports: [{ containerPort: 8080, name: http }]' }) +
        service('{ selector: { app: web }, ports: [{ port: 80, targetPort: web }] }'),
      ['service/web -n shop wants a port named web of its pods, and they have http'],
    ],
    [
      'a named port that is there',
      web({ container: 'ports: [{ containerPort: 8080, name: http }]' }) +
        service('{ selector: { app: web }, ports: [{ port: 80, targetPort: http }] }'),
      [],
    ],
    ['a route to a Service', web() + service(port80) + ingress('{ name: web, port: { number: 80 } }'), []],
    [
      'a route to no Service',
      web() + service(port80) + ingress('{ name: wep, port: { number: 80 } }'),
      ['ingress/web -n shop leads to Service wep, which no manifest makes'],
    ],
    [
      'a route to another port',
      web() + service(port80) + ingress('{ name: web, port: { number: 81 } }'),
      ['ingress/web -n shop leads to port 81 of Service web, which has 80'],
    ],
    [
      'references that nothing makes, each once, and none that is optional',
      web({
        container:
          'envFrom: [{ secretRef: { name: s } }, { configMapRef: { name: o, optional: true } }], env: [{ name: A, valueFrom: { secretKeyRef: { name: s, key: a } } }]',
      }),
      ['deployment/web -n shop needs Secret s, which no manifest makes'],
    ],
    [
      'an account and a volume that nothing makes',
      web({ pod: 'serviceAccountName: peers, volumes: [{ name: c, configMap: { name: cfg } }]' }),
      [
        'deployment/web -n shop needs ServiceAccount peers, which no manifest makes',
        'deployment/web -n shop needs ConfigMap cfg, which no manifest makes',
      ],
    ],
    [
      'a variable that is set twice',
      web({ container: 'env: [{ name: A, value: "1" }, { name: B, value: "1" }, { name: A, value: "2" }]' }),
      ['container web of deployment/web -n shop sets A twice; the last one counts'],
    ],
    [
      'an image of ours that nothing builds',
      web({ image: 'shop/wep' }),
      ['no service builds shop/wep of deployment/web -n shop, although others of shop are built here'],
    ],
    ['a version of an image of the same owner', web({ image: 'shop/base:1.2' }), []],
    ['an image of somebody else', web({ image: 'redis' }), []],
    [
      'an image of ours as latest',
      web({ image: 'shop/web:latest' }),
      [
        'shop/web:latest, which service web builds, is tagged latest: devloop runs what it built, others would pull whatever that is',
      ],
    ],
    [
      'a container that is served before it listens',
      web({ probe: false }) + service(port80),
      [
        'container web of deployment/web -n shop has no readinessProbe: its Service sends requests before it listens',
      ],
    ],
    ['a container that nothing is sent to', web({ probe: false }), []],
    [
      'an autoscaler of nothing',
      '\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: web }\nspec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: wep }, maxReplicas: 2 }\n',
      ['horizontalpodautoscaler/web -n shop scales deployment/wep, which no manifest makes'],
    ],
  ])('%s', (_, text, expected) => {
    expect(found(text)).toEqual(expected)
  })

  test('without a cluster, versions that are gone, and the rules for what they become', () => {
    const old = `
apiVersion: extensions/v1beta1
kind: Ingress
metadata: { name: web }
spec: { backend: { serviceName: wep, servicePort: 80 } }
`
    expect(found(old, true)).toEqual([])
    expect(found(old, false)).toEqual([
      'ingress/web -n shop is in extensions/v1beta1, gone since Kubernetes 1.22: where a cluster lacks it, it is applied as networking.k8s.io/v1',
      'ingress/web -n shop leads to Service wep, which no manifest makes',
    ])
  })
})

describe('what cannot change on the object that is there', () => {
  const [deployment] = link(web())
  const base = deployment?.object ?? { apiVersion: '', kind: '', metadata: { name: '' } }
  test.each([
    ['the same', { selector: { matchLabels: { app: 'web' } } }, []],
    ['another selector', { selector: { matchLabels: { app: 'old' } } }, [['spec', 'selector']]],
  ])('%s', (_, spec, paths) => {
    if (deployment === undefined) throw new Error('no deployment')
    expect(immutableChanges(deployment, { ...base, spec }).map(({ path }) => path)).toEqual(paths)
  })
})
