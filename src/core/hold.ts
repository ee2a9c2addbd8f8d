import { checkId, type EndpointCheck } from './checks/endpoint-check.js'
import {
  type DesiredObject,
  desiredObject,
  isScaledToZero,
  isServiceScaledToZero,
  objectsOf,
  pausedServiceOf,
  specOf,
} from './desired.js'
import { isStageOpen, stageHooks, stageOf } from './hooks/deploy-hooks.js'
import type { DeployStage } from './hooks/hook-state.js'
import { type ObjectRef, refKey } from './kube-object.js'
import type { LinkedObject } from './manifest/link.js'
import { mountedClaims } from './manifest/storage-classes.js'
import { memo } from './memo.js'
import { objectEntries } from './object-entries.js'
import { earlierInRelease, isTimed, releasesOf } from './release-order.js'
import { isRolledOut } from './rolled-out.js'
import type { ObjectState, ServiceState, State } from './state.js'

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
  | {
      readonly kind: 'depends-on'
      readonly name: string
      /** Somebody asked that it run no pods. */
      readonly scaledToZero?: true
    }
  /** `dependsOn`: an endpoint that did not answer yet; `message` says what was found instead. */
  | {
      readonly kind: 'check'
      readonly id: string
      readonly check: EndpointCheck
      readonly namespace: string
      readonly message: string | undefined
    }
  /** An object that must be there first. */
  | { readonly kind: 'object'; readonly key: string }
  /** Hooks that run before or after a deployment; of the project where no service is named. */
  | { readonly kind: 'hook'; readonly stage: DeployStage; readonly service: string | undefined }
  /** Another hook has the lock. */
  | { readonly kind: 'hook-lock'; readonly hook: string; readonly by: string }
  /** Somebody asked to leave the service as it is; `saves` wait since. */
  | { readonly kind: 'paused'; readonly service: string; readonly saves: number }

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
        ? {
            kind: 'known',
            version: '',
            images: new Map(),
            programs: new Map(),
            debug: new Map(),
            save: 0,
            scaledToZero: false,
            switched: {},
            redeploys: 0,
          }
        : desiredObject(state, object.linked)
    desiredByKey.set(key, result)
    return result
  }
  const settled = (key: string): boolean => {
    const object = state.objects[key]
    return object === undefined || isSettled(object, desired(key))
  }
  const releases = releasesOf(state.objects)
  const firstUnsettled = new Map<number, string>()
  for (const [key, object] of objectEntries(state.objects)) {
    const { tier } = object.linked
    // What waits for a hook holds up its own release alone.
    if (isTimed(object, releases)) continue
    if (!firstUnsettled.has(tier) && !settled(key)) firstUnsettled.set(tier, key)
  }
  const tiers = [...firstUnsettled.keys()].sort((a, b) => a - b)

  const holdOf = (key: string): Hold | undefined => {
    const object = state.objects[key]
    if (object === undefined) return undefined
    if (state.cluster.kind !== 'connected' || !state.cluster.link.up) return { kind: 'cluster' }
    const { linked } = object
    const paused = pausedServiceOf(state, linked)
    if (paused !== undefined) return pausedHold(paused)
    if (isStageOpen(state, 'beforeDeploy', undefined))
      return { kind: 'hook', stage: 'beforeDeploy', service: undefined }
    const earlier = tiers.find(
      tier => tier < linked.tier && (tier !== WORKLOAD_TIER || linked.tier === WEBHOOK_TIER),
    )
    if (earlier !== undefined) return { kind: 'object', key: firstUnsettled.get(earlier) ?? '' }
    const inRelease = earlierInRelease(state, key, { releases, settled })
    if (inRelease !== undefined) return { kind: 'object', key: inRelease }
    const namespace = linked.ref.namespace === undefined ? undefined : namespaceKey(linked.ref.namespace)
    if (namespace !== undefined && state.objects[namespace]?.apply.kind === 'failed')
      return { kind: 'object', key: namespace }
    const claim = missingClaim(state, linked)
    if (claim !== undefined) return { kind: 'object', key: claim }
    const wanted = desired(key)
    if (wanted.kind === 'image') return { kind: 'image', service: wanted.service }
    if (wanted.kind === 'preload') return { kind: 'preload', image: wanted.image }
    return (
      missingDependency(state, linked.services) ?? missingEndpoint(state, linked) ?? openHook(state, linked)
    )
  }
  return { desired, holdOf }
}

/** Hooks that have to run before the workloads of a service are applied. */
function openHook(state: State, { services, ref }: LinkedObject): Hold | undefined {
  if (!isRolledOut(ref)) return undefined
  const service = services.find(name => name in state.services && isStageOpen(state, 'beforeDeploy', name))
  return service === undefined ? undefined : { kind: 'hook', stage: 'beforeDeploy', service }
}

function namespaceKey(name: string): string {
  return refKey({ apiVersion: 'v1', kind: 'Namespace', name })
}

const claimsOf = memo(({ object, ref }: LinkedObject) =>
  mountedClaims(object).map(name =>
    refKey({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, ...inNamespaceOf(ref) }),
  ),
)

function inNamespaceOf({ namespace }: ObjectRef): Pick<ObjectRef, 'namespace'> {
  return namespace === undefined ? {} : { namespace }
}

/** A claim that the pods would mount, and that was not made for the want of its storage class: they would only be Pending. */
function missingClaim(state: State, linked: LinkedObject): string | undefined {
  return claimsOf(linked).find(key => {
    const apply = state.objects[key]?.apply
    return (
      apply?.kind === 'failed' &&
      apply.problem.kind === 'apply-rejected' &&
      apply.problem.reason === 'storage-class' &&
      apply.before === undefined
    )
  })
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

/** What a paused service waits for. */
export function pausedHold({ name, steering }: ServiceState): Hold {
  return { kind: 'paused', service: name, saves: steering.paused?.saves ?? 0 }
}

/** The first of the services' dependencies that was not live in this session, or has no pods by somebody's wish. */
function missingDependency(state: State, services: readonly string[]): Hold | undefined {
  for (const name of services) {
    const spec = specOf(state, name)
    for (const dependency of spec?.dependsOn ?? []) {
      if (services.includes(dependency)) continue
      if (isWithoutPods(state, dependency))
        return { kind: 'depends-on', name: dependency, scaledToZero: true }
      if (!wasLive(state, dependency)) return { kind: 'depends-on', name: dependency }
    }
  }
  return undefined
}

/** The first endpoint of the services that did not answer in this session. */
function missingEndpoint(state: State, { services, ref }: LinkedObject): Hold | undefined {
  const namespace = ref.namespace ?? 'default'
  for (const name of services) {
    for (const check of specOf(state, name)?.checks ?? []) {
      const id = checkId(check, namespace)
      const asked = state.checks[id]
      if (asked?.kind === 'passed') continue
      return { kind: 'check', id, check, namespace, message: asked?.failure?.message }
    }
  }
  return undefined
}

function isWithoutPods(state: State, dependency: string): boolean {
  return dependency.includes('/')
    ? workloadsNamed(state, dependency).some(({ linked }) => isScaledToZero(state, linked))
    : isServiceScaledToZero(state, dependency)
}

/** The workloads of a `kind/name` in lower case. */
function workloadsNamed(state: State, dependency: string): readonly ObjectState[] {
  return Object.values(state.objects).filter(
    ({ linked: { ref } }) => `${ref.kind.toLowerCase()}/${ref.name}` === dependency,
  )
}

/** Whether a dependency (a service, or `kind/name`) has been live since the session began. */
function wasLive(state: State, dependency: string): boolean {
  if (!dependency.includes('/')) {
    const service = state.services[dependency]
    const objects = objectsOf(state, dependency).map(key => state.objects[key])
    // One that only others build upon is there as soon as it is built.
    if (objects.length === 0) return service?.image !== undefined
    if (service?.deployable === undefined) return false
    if (
      stageHooks(state, 'afterDeploy', dependency).length > 0 &&
      stageOf(state, 'afterDeploy', dependency)?.everDone !== true
    )
      return false
    return objects.every(
      object => object === undefined || !isRolledOut(object.linked.ref) || object.rollout?.everDone === true,
    )
  }
  const found = workloadsNamed(state, dependency)
  return (
    found.length > 0 && found.every(object => object.rollout?.everDone ?? object.apply.kind === 'applied')
  )
}
