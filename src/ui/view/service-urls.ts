import { forwardUrl } from '../../core/forwards/forward-state.js'
import type { KubeObject } from '../../core/kube-object.js'
import { memo } from '../../core/memo.js'
import type { State } from '../../core/state.js'

/** What a browser can open, by service: what the gateway on this machine serves, else where the cluster is said to answer, else a port of this machine that leads to it. */
export function browserUrls({
  objects,
  gateway,
  forwards,
}: Pick<State, 'objects' | 'gateway' | 'forwards'>): Readonly<Record<string, string>> {
  const forwarded: Record<string, string> = {}
  for (const { service, address } of forwards)
    if (service !== undefined && address !== undefined) forwarded[service] ??= forwardUrl(address)
  const served = gateway?.kind === 'serving' ? gateway.urls : {}
  return { ...forwarded, ...serviceUrls(objects), ...served }
}

/** What a browser can open, by service: the first name of an Ingress that leads to it. */
export const serviceUrls: (objects: State['objects']) => Readonly<Record<string, string>> = memo(compute)

function compute(objects: State['objects']): Readonly<Record<string, string>> {
  const all = Object.values(objects).map(({ linked }) => linked)
  const urls: Record<string, string> = {}
  const ingresses = all.filter(({ ref }) => ref.kind === 'Ingress')
  for (const { object, ref, services } of all) {
    if (services.length === 0) continue
    const labels = podLabels(object)
    const routed = all
      .filter(
        ({ ref: of, object: service }) =>
          of.kind === 'Service' && of.namespace === ref.namespace && selects(service, labels),
      )
      .map(({ ref: { name } }) => name)
    const url = ingresses
      .filter(ingress => ingress.ref.namespace === ref.namespace)
      .flatMap(ingress => urlsOf(ingress.object, routed))[0]
    for (const service of services) if (url !== undefined) urls[service] ??= url
  }
  return urls
}

function urlsOf({ spec }: KubeObject, services: readonly string[]): readonly string[] {
  const secure = new Set(list(at(spec, 'tls')).flatMap(tls => list(at(tls, 'hosts'))))
  return list(at(spec, 'rules')).flatMap(rule => {
    const host = at(rule, 'host')
    if (typeof host !== 'string' || host.includes('*')) return []
    return list(at(rule, 'http', 'paths'))
      .filter(path => services.includes(String(at(path, 'backend', 'service', 'name'))))
      .map(path => `${secure.has(host) ? 'https' : 'http'}://${host}${plainPath(at(path, 'path'))}`)
  })
}

/** A path with a regular expression in it is no address. */
const plainPath = (path: unknown): string =>
  typeof path === 'string' && /^\/[\w\-./~]*$/.test(path) ? path : '/'

function podLabels(object: KubeObject): Readonly<Record<string, unknown>> {
  const labels =
    object.kind === 'Pod' ? object.metadata.labels : at(object.spec, 'template', 'metadata', 'labels')
  return isFields(labels) ? labels : {}
}

function selects({ spec }: KubeObject, labels: Readonly<Record<string, unknown>>): boolean {
  const selector = at(spec, 'selector')
  if (!isFields(selector)) return false
  const wanted = Object.entries(selector)
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value)
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isFields(inner) ? inner[key] : undefined), value)
