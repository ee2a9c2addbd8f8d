import { type DesiredObject, desiredObject, objectsOf, specOf } from './desired.js'
import { refKey } from './kube-object.js'
import { memo } from './memo.js'
import { isRolledOut } from './rolled-out.js'
import type { ObjectState, State } from './state.js'

/** Why something is not happening now. */
export type Hold =
  /** All build slots are taken. */
  | { readonly kind: 'build-slot' }
  /** Another service builds the same image. */
  | { readonly kind: 'shared-build'; readonly service: string }
  /** The image of a service that this one builds upon is not there yet. */
  | { readonly kind: 'requires'; readonly service: string }
  | { readonly kind: 'engine' }
  | { readonly kind: 'cluster' }
  | { readonly kind: 'manifests' }
  /** An object needs the image of a service. */
  | { readonly kind: 'image'; readonly service: string }
  /** An object needs an image that is on its way to the nodes. */
  | { readonly kind: 'preload'; readonly image: string }
  /** `dependsOn`: a service, or `kind/name`, that was not live yet. */
  | { readonly kind: 'depends-on'; readonly name: string }
  /** An object that must be there first. */
  | { readonly kind: 'object'; readonly key: string }

/** The tier of workloads: what comes after them does not wait for them, except webhooks. */
const WORKLOAD_TIER = 7
const WEBHOOK_TIER = 9

export interface ObjectHolds {
  readonly desired: (key: string) => DesiredObject
  /** What an object waits for before it can be applied; undefined when nothing stands in its way. */
  readonly holdOf: (key: string) => Hold | undefined
}

/** Answers, for one state, what each object waits for. Looks at every object once, whatever is asked. */
export const objectHolds: (state: State) => ObjectHolds = memo(computeHolds)

function computeHolds(state: State): ObjectHolds {
  const desiredByKey = new Map<string, DesiredObject>()
  const desired = (key: string): DesiredObject => {
    const known = desiredByKey.get(key)
    if (known !== undefined) return known
    const object = state.objects[key]
    const result: DesiredObject =
      object === undefined
        ? { kind: 'known', version: '', images: new Map(), save: 0 }
        : desiredObject(state, object.linked)
    desiredByKey.set(key, result)
    return result
  }
  const firstUnsettled = new Map<number, string>()
  for (const [key, object] of Object.entries(state.objects)) {
    const { tier } = object.linked
    if (!firstUnsettled.has(tier) && !isSettled(object, desired(key))) firstUnsettled.set(tier, key)
  }
  const tiers = [...firstUnsettled.keys()].sort((a, b) => a - b)

  const holdOf = (key: string): Hold | undefined => {
    const object = state.objects[key]
    if (object === undefined) return undefined
    if (state.cluster.kind !== 'connected' || !state.cluster.link.up) return { kind: 'cluster' }
    const { linked } = object
    const earlier = tiers.find(
      tier => tier < linked.tier && (tier !== WORKLOAD_TIER || linked.tier === WEBHOOK_TIER),
    )
    if (earlier !== undefined) return { kind: 'object', key: firstUnsettled.get(earlier) ?? '' }
    const namespace = linked.ref.namespace === undefined ? undefined : namespaceKey(linked.ref.namespace)
    if (namespace !== undefined && state.objects[namespace]?.apply.kind === 'failed')
      return { kind: 'object', key: namespace }
    const wanted = desired(key)
    if (wanted.kind === 'image') return { kind: 'image', service: wanted.service }
    if (wanted.kind === 'preload') return { kind: 'preload', image: wanted.image }
    const dependency = missingDependency(state, linked.services)
    return dependency === undefined ? undefined : { kind: 'depends-on', name: dependency }
  }
  return { desired, holdOf }
}

function namespaceKey(name: string): string {
  return refKey({ apiVersion: 'v1', kind: 'Namespace', name })
}

/** Applied as it should be, or failed with nothing newer to try. */
function isSettled(object: ObjectState, desired: DesiredObject): boolean {
  const { apply } = object
  if (desired.kind !== 'known') return false
  switch (apply.kind) {
    case 'applied':
      return apply.version === desired.version
    case 'failed':
      return apply.version === desired.version && !apply.retry
    case 'pending':
    case 'applying':
      return false
  }
}

/** The first of the services' dependencies that was not live in this session. */
function missingDependency(state: State, services: readonly string[]): string | undefined {
  for (const name of services) {
    const spec = specOf(state, name)
    for (const dependency of spec?.dependsOn ?? []) {
      if (services.includes(dependency)) continue
      if (!wasLive(state, dependency)) return dependency
    }
  }
  return undefined
}

/** Whether a dependency (a service, or `kind/name`) has been live since the session began. */
function wasLive(state: State, dependency: string): boolean {
  const slash = dependency.indexOf('/')
  if (slash === -1) {
    const service = state.services[dependency]
    const objects = objectsOf(state, dependency).map(key => state.objects[key])
    // One that only others build upon is there as soon as it is built.
    if (objects.length === 0) return service?.image !== undefined
    if (service?.deployable === undefined) return false
    return objects.every(
      object => object === undefined || !isRolledOut(object.linked.ref) || object.rollout?.everDone === true,
    )
  }
  const kind = dependency.slice(0, slash)
  const name = dependency.slice(slash + 1)
  const found = Object.values(state.objects).filter(
    ({ linked }) => linked.ref.kind.toLowerCase() === kind && linked.ref.name === name,
  )
  return (
    found.length > 0 && found.every(object => object.rollout?.everDone ?? object.apply.kind === 'applied')
  )
}
