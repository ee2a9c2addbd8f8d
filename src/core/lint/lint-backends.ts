import { apiGroup, displayRef } from '../kube-object.js'
import { type FieldPath, fieldsOf, itemsOf, stringOf, valueAt } from '../manifest/fields.js'
import type { LinkedObject } from '../manifest/link.js'
import type { LintFinding } from './lint-finding.js'

interface Backend {
  readonly path: FieldPath
  readonly service: string
  readonly namespace: string
  readonly port: string | number | undefined
}

/** Routes that lead to Services that are not there, or to ports that they do not have. */
export function lintBackends(objects: readonly LinkedObject[]): readonly LintFinding[] {
  const services = new Map(
    objects
      .filter(({ ref }) => ref.apiVersion === 'v1' && ref.kind === 'Service')
      .map(service => [`${service.ref.namespace}/${service.ref.name}`, service]),
  )
  return objects.flatMap(object =>
    backendsOf(object).flatMap(({ path, service: name, namespace, port }): LintFinding[] => {
      const service = services.get(`${namespace}/${name}`)
      if (service === undefined)
        return [
          {
            object,
            path,
            message: `${displayRef(object.ref)} leads to Service ${name}, which no manifest makes`,
            missing: { kind: 'Service', namespace, name },
          },
        ]
      const ports = itemsOf(valueAt(service.object, ['spec', 'ports'])).map(fieldsOf)
      const fits = ports.some(candidate =>
        typeof port === 'number' ? candidate.port === port : candidate.name === port,
      )
      if (port === undefined || fits) return []
      const has = ports.map(candidate => candidate.port).join(', ')
      return [
        {
          object,
          path,
          message: `${displayRef(object.ref)} leads to port ${port} of Service ${name}, which has ${has}`,
        },
      ]
    }),
  )
}

function backendsOf(object: LinkedObject): readonly Backend[] {
  const { ref } = object
  const namespace = ref.namespace ?? 'default'
  if (ref.apiVersion === 'networking.k8s.io/v1' && ref.kind === 'Ingress') return ofIngress(object, namespace)
  const isRoute = ref.kind === 'HTTPRoute' || ref.kind === 'GRPCRoute'
  return isRoute && apiGroup(ref.apiVersion) === 'gateway.networking.k8s.io' ? ofRoute(object, namespace) : []
}

function ofIngress({ object }: LinkedObject, namespace: string): readonly Backend[] {
  const paths = itemsOf(valueAt(object, ['spec', 'rules'])).flatMap((rule, at) =>
    itemsOf(valueAt(rule, ['http', 'paths'])).map((_, index) => [
      'spec',
      'rules',
      at,
      'http',
      'paths',
      index,
      'backend',
    ]),
  )
  return [['spec', 'defaultBackend'], ...paths].flatMap(path => {
    const service = fieldsOf(valueAt(object, [...path, 'service']))
    const name = stringOf(service.name)
    const { number, name: portName } = fieldsOf(service.port)
    const port = typeof number === 'number' ? number : stringOf(portName)
    return name === undefined ? [] : [{ path: [...path, 'service', 'name'], service: name, namespace, port }]
  })
}

function ofRoute({ object }: LinkedObject, home: string): readonly Backend[] {
  return itemsOf(valueAt(object, ['spec', 'rules'])).flatMap((rule, at) =>
    itemsOf(fieldsOf(rule).backendRefs).flatMap((entry, index) => {
      const { kind = 'Service', group = '', name, namespace, port } = fieldsOf(entry)
      if (kind !== 'Service' || group !== '' || typeof name !== 'string') return []
      return [
        {
          path: ['spec', 'rules', at, 'backendRefs', index, 'name'],
          service: name,
          namespace: stringOf(namespace) ?? home,
          port: typeof port === 'number' ? port : undefined,
        },
      ]
    }),
  )
}
