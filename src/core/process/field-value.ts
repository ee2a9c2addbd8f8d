import type { KubeObject } from '../kube-object.js'
import { type Fields, fieldsOf, itemsOf, stringOf } from '../manifest/fields.js'

/** What the downward API gives of a pod that runs on this machine; undefined for a field that it does not have. */
export function podField(pod: KubeObject, path: string): string | undefined {
  const subscript = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path)
  if (subscript !== null) {
    const [, map = '', key = ''] = subscript
    return stringOf(fieldsOf(pod.metadata[map])[key]) ?? ''
  }
  const spec = fieldsOf(pod.spec)
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name
    case 'metadata.namespace':
      return pod.metadata.namespace ?? 'default'
    case 'metadata.uid':
      return pod.metadata.uid ?? ''
    case 'metadata.labels':
    case 'metadata.annotations':
      return Object.entries(fieldsOf(pod.metadata[path.slice('metadata.'.length)]))
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .sort()
        .join('\n')
    case 'spec.nodeName':
      return stringOf(spec.nodeName) ?? 'this-machine'
    case 'spec.serviceAccountName':
      return stringOf(spec.serviceAccountName) ?? 'default'
    case 'status.podIP':
    case 'status.podIPs':
    case 'status.hostIP':
    case 'status.hostIPs':
      return '127.0.0.1'
    default:
      return undefined
  }
}

const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** `resourceFieldRef` of a container: rounded up, in units of its divisor. Undefined where the container does not say, for then the node's own size counts. */
export function resourceField(pod: KubeObject, container: Fields, reference: Fields): string | undefined {
  const [list, resource] = (stringOf(reference.resource) ?? '').split('.')
  if (list === undefined || resource === undefined) return undefined
  const named = stringOf(reference.containerName)
  const whose =
    named === undefined
      ? container
      : fieldsOf(itemsOf(fieldsOf(pod.spec).containers).find(item => fieldsOf(item).name === named))
  const resources = fieldsOf(whose.resources)
  const amount = quantityOf(fieldsOf(resources[list])[resource] ?? fieldsOf(resources.limits)[resource])
  const divisor = quantityOf(reference.divisor ?? '1')
  if (amount === undefined || divisor === undefined) return undefined
  return `${Math.ceil(amount / (divisor === 0 ? 1 : divisor))}`
}

function quantityOf(value: unknown): number | undefined {
  const found = /^([+-]?[0-9.]+(?:[eE][+-]?\d+)?)([numkMGTPE]i?|)$/.exec(`${value ?? ''}`)
  const unit = UNITS[found?.[2] ?? '?']
  return found === null || unit === undefined ? undefined : Number(found[1]) * unit
}
