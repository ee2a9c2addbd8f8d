import type { KubeObject } from '../kube-object.js'
import { type Fields, fieldsOf, isFields, itemsOf } from './fields.js'

/**
 * An Ingress of `extensions/v1beta1` or `networking.k8s.io/v1beta1` as `networking.k8s.io/v1` has it: backends name their Service and port in maps,
 * `spec.backend` is `spec.defaultBackend`, and a path's type, which was optional, is as it was by default.
 */
export function ingressOfV1(object: KubeObject): KubeObject {
  const { backend, rules, ...spec } = fieldsOf(object.spec)
  return {
    ...object,
    spec: {
      ...spec,
      ...(backend === undefined ? {} : { defaultBackend: backendOfV1(backend) }),
      ...(rules === undefined ? {} : { rules: itemsOf(rules).map(ruleOfV1) }),
    },
  }
}

function ruleOfV1(rule: unknown): unknown {
  const { http } = fieldsOf(rule)
  if (!isFields(rule) || !isFields(http)) return rule
  const paths = itemsOf(http.paths).map(path => {
    if (!isFields(path)) return path
    const { backend, pathType = 'ImplementationSpecific', ...rest } = path
    return { ...rest, pathType, ...(backend === undefined ? {} : { backend: backendOfV1(backend) }) }
  })
  return { ...rule, http: { ...http, paths } }
}

function backendOfV1(backend: unknown): unknown {
  if (!isFields(backend)) return backend
  const { serviceName, servicePort, ...rest } = backend
  if (serviceName === undefined) return rest
  const service: Fields = {
    name: serviceName,
    ...(servicePort === undefined
      ? {}
      : { port: isNumber(servicePort) ? { number: Number(servicePort) } : { name: servicePort } }),
  }
  return { ...rest, service }
}

/** A port was an int-or-string: `"80"` in quotes meant the number, too. */
function isNumber(port: unknown): boolean {
  return typeof port === 'number' || (typeof port === 'string' && /^\d+$/.test(port))
}
