import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { projectOf, serviceSpec } from '../testing/states.js'
import { wantedPorts } from './doctor/wanted-ports.js'
import { foreignServices, wantedForwards } from './forwards/wanted-forwards.js'
import { wantedHosts } from './hosts/wanted-hosts.js'
import { immutableChanges } from './lint/immutable-changes.js'
import { lintManifests } from './lint/lint-manifests.js'
import { externalImages } from './manifest/external-images.js'
import { linkObjects } from './manifest/link.js'
import { parseManifests } from './manifest/parse-manifests.js'
import { withStorageClasses } from './manifest/storage-classes.js'
import { modernise } from './manifest/successors.js'
import { withDebugger } from './manifest/with-debugger.js'
import { buildRouteTable } from './routes/build-table.js'
import { matchRoute } from './routes/match.js'
import { routeRows } from './routes/route-rows.js'
import { namedServices, routeSources } from './routes/route-sources.js'
import { servedNames } from './routes/served-names.js'
import { tableBackends } from './routes/table-backends.js'
import { toGateway } from './routes/to-gateway.js'

const web = serviceSpec('web')
const project = projectOf([web], {
  portForward: { auto: true, forwards: [] },
  gateway: { mode: 'on', port: 8080 },
  storageClasses: { nfs: 'standard' },
})

/** What half a line of YAML leaves, and what nobody means. */
const ODD: readonly unknown[] = [null, [null], 300_000, '(((*+?{1000000000}']

const TEMPLATE = `
    metadata: { labels: { app: web }, annotations: { a: b } }
    spec:
      hostNetwork: true
      serviceAccountName: web
      terminationGracePeriodSeconds: 5
      imagePullSecrets: [{ name: pull }]
      initContainers: [{ name: init, image: busybox, command: [sh] }]
      volumes: [{ name: v, configMap: { name: c, items: [{ key: k, path: p }] } }, { name: d, persistentVolumeClaim: { claimName: d } }]
      containers:
        - name: web
          image: shop/web
          env: [{ name: A, value: b }, { name: C, valueFrom: { secretKeyRef: { name: s, key: k } } }]
          envFrom: [{ configMapRef: { name: c } }]
          ports: [{ name: http, containerPort: 3000, hostPort: 3000, protocol: TCP }]
          resources: { requests: { cpu: 100m, memory: 1Gi }, limits: { memory: 2Gi } }
          volumeMounts: [{ name: v, mountPath: /v }]
          readinessProbe: { httpGet: { path: /, port: http }, periodSeconds: 5, failureThreshold: 3, initialDelaySeconds: 1 }
          lifecycle: { preStop: { exec: { command: [sleep, '5'] } } }
`

const DOCUMENTS: Readonly<Record<string, string>> = {
  Deployment: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, labels: { app: web }, annotations: { 'argocd.argoproj.io/hook': PreSync, 'helm.sh/hook': pre-install, 'helm.sh/hook-weight': '1', 'helm.sh/hook-delete-policy': hook-succeeded } }
spec:
  replicas: 2
  minReadySeconds: 1
  progressDeadlineSeconds: 60
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 25% } }
  selector: { matchLabels: { app: web } }
  template:${TEMPLATE}
status: { replicas: 2, readyReplicas: 1, observedGeneration: 3, conditions: [{ type: Progressing, status: 'True', reason: r, message: m }] }
`,
  StatefulSet: `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: web, namespace: shop, uid: u, generation: 2, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [a], managedFields: [{ manager: m, operation: Apply, fieldsV1: { 'f:spec': {} } }] }
spec:
  serviceName: web
  updateStrategy: { type: RollingUpdate, rollingUpdate: { partition: 1 } }
  selector: { matchLabels: { app: web } }
  template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web, image: shop/web }] } }
  volumeClaimTemplates: [{ metadata: { name: data }, spec: { storageClassName: nfs, accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }]
`,
  CronJob: `
apiVersion: batch/v1beta1
kind: CronJob
metadata: { name: nightly }
spec: { schedule: '* * * * *', jobTemplate: { spec: { backoffLimit: 1, activeDeadlineSeconds: 5, template: { spec: { containers: [{ name: a, image: shop/web }] } } } } }
`,
  Service: `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { type: NodePort, clusterIP: None, selector: { app: web }, ports: [{ name: http, port: 80, targetPort: http, nodePort: 30017, protocol: TCP }, { port: 81 }] }
`,
  Ingress: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/use-regex: 'true'
    nginx.ingress.kubernetes.io/rewrite-target: /$1
    nginx.ingress.kubernetes.io/proxy-body-size: 8m
    nginx.ingress.kubernetes.io/proxy-read-timeout: '60'
    nginx.ingress.kubernetes.io/enable-cors: 'true'
    nginx.ingress.kubernetes.io/cors-allow-origin: http://a.com
    nginx.ingress.kubernetes.io/affinity: cookie
    nginx.ingress.kubernetes.io/session-cookie-path: /
    nginx.ingress.kubernetes.io/canary: 'true'
    nginx.ingress.kubernetes.io/canary-weight: '10'
    nginx.ingress.kubernetes.io/canary-by-header: x
    nginx.ingress.kubernetes.io/canary-by-header-pattern: a
    nginx.ingress.kubernetes.io/permanent-redirect: http://b.com
spec:
  ingressClassName: nginx
  defaultBackend: { service: { name: web, port: { number: 80 } } }
  tls: [{ hosts: [shop.test], secretName: s }]
  rules: [{ host: shop.test, http: { paths: [{ path: '/api/(.*)', pathType: ImplementationSpecific, backend: { service: { name: web, port: { name: http } } } }] } }]
`,
  OldIngress: `
apiVersion: extensions/v1beta1
kind: Ingress
metadata: { name: old, annotations: { kubernetes.io/ingress.class: nginx } }
spec: { backend: { serviceName: web, servicePort: 80 }, rules: [{ host: old.test, http: { paths: [{ path: /, backend: { serviceName: web, servicePort: http } }] } }] }
`,
  HTTPRoute: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: shop }
spec:
  parentRefs: [{ name: edge, namespace: shop, sectionName: http, port: 80 }]
  hostnames: [api.test]
  rules:
    - matches: [{ path: { type: RegularExpression, value: /a+ }, method: GET, headers: [{ name: x, type: Exact, value: y }], queryParams: [{ name: q, value: z }] }]
      filters:
        - { type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: a, value: b }], add: [], remove: [c] } }
        - { type: URLRewrite, urlRewrite: { hostname: b, path: { type: ReplacePrefixMatch, replacePrefixMatch: / } } }
        - { type: RequestRedirect, requestRedirect: { scheme: https, port: 443, statusCode: 301 } }
        - { type: CORS, cors: { allowOrigins: ['*'], maxAge: 5 } }
      timeouts: { request: 5s }
      backendRefs: [{ name: web, namespace: shop, port: 80, weight: 1 }]
`,
  Gateway: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec: { gatewayClassName: a, listeners: [{ name: http, hostname: '*.test', port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { a: b } } }, kinds: [{ kind: HTTPRoute }] } }] }
`,
  HorizontalPodAutoscaler: `
apiVersion: autoscaling/v2beta1
kind: HorizontalPodAutoscaler
metadata: { name: web }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web }, minReplicas: 1, maxReplicas: 3, metrics: [{ type: Resource, resource: { name: cpu, targetAverageUtilization: 50 } }] }
`,
  PersistentVolumeClaim: `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: d, namespace: shop }
spec: { storageClassName: cinder, volumeName: v, accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`,
  Pod: `
apiVersion: v1
kind: Pod
metadata: { name: web-1, namespace: shop, uid: u, creationTimestamp: '2026-01-01T00:00:00Z', labels: { app: web }, ownerReferences: [{ kind: ReplicaSet, uid: r, name: r, controller: true }] }
spec: { containers: [{ name: web, image: shop/web, ports: [{ containerPort: 3000 }] }] }
`,
  ConfigMap: `
apiVersion: v1
kind: ConfigMap
metadata: { name: c, namespace: shop }
data: { k: v }
binaryData: { b: AA== }
`,
}

type Path = readonly (string | number)[]

/** Every place below the kind, those with values of their own too. */
function placesIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [path, ...entries.flatMap(([key, below]) => placesIn(below, [...path, key]))]
}

function withValue(value: unknown, [key, ...rest]: Path, odd: unknown): unknown {
  if (key === undefined) return odd
  if (Array.isArray(value)) return value.map((one, at) => (at === key ? withValue(one, rest, odd) : one))
  const fields = value as Readonly<Record<string, unknown>>
  return { ...fields, [key]: withValue(fields[key], rest, odd) }
}

const objectsOf = (text: string) => parseManifests({ file: '/shop/k8s/all.yaml', text, variables: {} })
/** What the others lead to. */
const others = ['Deployment', 'Service'].map(kind => ({
  kind,
  objects: objectsOf(DOCUMENTS[kind] ?? '').objects,
}))

const ROUTING = ['Deployment', 'Service', 'Ingress', 'OldIngress', 'HTTPRoute', 'Gateway', 'Pod']

/** All that an `up` makes of its manifests before anything is sent. */
function prepare(kind: string, text: string): void {
  const parsed = objectsOf(text)
  if (parsed.diagnostics.length > 0 || parsed.objects.length === 0) return
  const written = [...others.flatMap(other => (other.kind === kind ? [] : other.objects)), ...parsed.objects]
  const { objects: modern } = modernise(written, () => true)
  const { objects } = linkObjects({
    objects: withStorageClasses(modern, project.storageClasses ?? {}),
    services: [{ ...web, fastRollout: true }],
    namespace: project.namespace,
    scope: () => undefined,
    configHashKey: 'k',
  })
  lintManifests({ objects, services: [web], connected: false })
  for (const linked of objects) {
    immutableChanges(linked, linked.object)
    withDebugger(linked.object, linked, new Map([['web', 'node'] as const]))
  }
  externalImages(objects)
  if (!ROUTING.includes(kind)) return
  const sources = routeSources(objects, project.root)
  const named = namedServices(objects, sources)
  const table = buildRouteTable({ objects: sources, named, hosts: [] })
  for (const host of ['shop.test', 'api.test', 'web.localhost'])
    matchRoute(table, { method: 'GET', host, target: '/api/x?q=z', headers: {}, random: 0 })
  routeRows(table)
  servedNames(table)
  toGateway(table, sources)
  wantedHosts(objects, project)
  const services = new Map(
    objects.map(({ object, ref }) => [`${ref.namespace ?? 'default'}/${ref.name}`, object]),
  )
  foreignServices({ project, objects })
  wantedForwards({ project, objects, services, routed: tableBackends(table) })
  wantedPorts(project, objects)
}

/** Each place and value at which it throws, with what it says. */
function thrown(kind: string): readonly string[] {
  const whole: unknown = parse(DOCUMENTS[kind] ?? '')
  return placesIn(whole)
    .filter(([first]) => first !== undefined && first !== 'apiVersion' && first !== 'kind')
    .flatMap(path =>
      ODD.flatMap(odd => {
        try {
          prepare(kind, stringify(withValue(whole, path, odd)))
          return []
        } catch (error) {
          return [`${path.join('.')}: ${JSON.stringify(odd)}: ${String(error)}`]
        }
      }),
    )
}

test.each(Object.keys(DOCUMENTS))('no value at any place of a manifest ends an up: %s', kind => {
  expect(thrown(kind)).toEqual([])
})
