import { fingerprintOf } from './fingerprint.js'
import { apiGroup, type ObjectRef } from './kube-object.js'
import { valueAt } from './manifest/fields.js'
import type { LinkedObject } from './manifest/link.js'
import type { DebugRuntime } from './manifest/with-debugger.js'
import { memo } from './memo.js'
import { objectEntries } from './object-entries.js'
import { ledTo } from './overrides/switch.js'
import type { Project, ServiceSpec } from './project.js'
import type { BuiltImage, DeployableImage, Inputs, LoadState, ServiceState, State } from './state.js'
import { isLasting } from './sync/is-lasting.js'
import { restarts } from './sync/match-rule.js'
import type { ImageProgram } from './sync/supervise.js'

/** What a state asks for, as far as it can be known: the questions that the planner, the screens and `--once` share. */

export function specOf(state: State, service: string): ServiceSpec | undefined {
  return specsByName(state.project).get(service)
}

const specsByName = memo((project: Project) => new Map(project.services.map(spec => [spec.name, spec])))

/** The inputs that a service's next build takes; undefined until its files were read once. */
function inputsOf(state: State, service: string): Inputs | undefined {
  const source = state.services[service]?.source
  return source?.kind === 'known' ? source : undefined
}

export type DesiredBuild =
  | {
      readonly kind: 'known'
      readonly fingerprint: string
      readonly buildArgs: Readonly<Record<string, string>>
      readonly inputs: Inputs
    }
  /** The files are still being read, or cannot be. */
  | { readonly kind: 'unread' }
  /** The image of a service in `requires` is not there yet. */
  | { readonly kind: 'requires'; readonly service: string }

/** The image that a service should have now. Its `requires` must be current first, for their images are part of it. */
export function desiredBuild(state: State, service: string): DesiredBuild {
  const known = builds(state)
  let desired = known.get(service)
  if (desired === undefined) {
    desired = computeBuild(state, service)
    known.set(service, desired)
  }
  return desired
}

const builds = memo((_: State) => new Map<string, DesiredBuild>())

function computeBuild(state: State, service: string): DesiredBuild {
  const spec = specOf(state, service)
  const inputs = inputsOf(state, service)
  if (spec === undefined || inputs === undefined) return { kind: 'unread' }
  const required: Record<string, string> = {}
  const buildArgs: Record<string, string> = { ...spec.buildArgs }
  for (const { service: base, arg } of spec.requires) {
    const image = currentImage(state, base)
    if (image === undefined) return { kind: 'requires', service: base }
    required[base] = image.imageId
    buildArgs[arg] = image.reference
  }
  return { kind: 'known', fingerprint: fingerprintOfInputs(inputs, spec, required), buildArgs, inputs }
}

interface Fingerprinted {
  readonly spec: ServiceSpec
  readonly required: string
  readonly fingerprint: string
}

const fingerprints = memo((_: Inputs): { last: Fingerprinted | undefined } => ({ last: undefined }))

/** Hashing is what deciding costs most: done once for the inputs of a save, unless something else that counts changes. */
function fingerprintOfInputs(
  inputs: Inputs,
  spec: ServiceSpec,
  images: Readonly<Record<string, string>>,
): string {
  const memory = fingerprints(inputs)
  const required = JSON.stringify(images)
  if (memory.last?.spec === spec && memory.last.required === required) return memory.last.fingerprint
  const fingerprint = fingerprintOf(spec, { ...inputs, required: images })
  memory.last = { spec, required, fingerprint }
  return fingerprint
}

/** A service's image, if it is of the service's present inputs. */
export function currentImage(state: State, service: string): BuiltImage | undefined {
  const image = state.services[service]?.image
  if (image === undefined) return undefined
  const desired = desiredBuild(state, service)
  return desired.kind === 'known' && desired.fingerprint === image.fingerprint ? image : undefined
}

export type DesiredObject =
  | {
      readonly kind: 'known'
      readonly version: string
      readonly images: ReadonlyMap<string, string>
      /** By service, what a supervisor has to start, where a sync starts its process anew. */
      readonly programs: ReadonlyMap<string, ImageProgram>
      readonly save: number
      /** What its services are debugged as, by their names. */
      readonly debug: ReadonlyMap<string, DebugRuntime>
      /** Runs no pods, whatever the manifest says. */
      readonly scaledToZero: boolean
      /** What a switch wants in place of the manifest's: pods of a Deployment, the selector of a Service. */
      readonly switched: Switched
      /** `Steering.redeploys` of its services in all. */
      readonly redeploys: number
    }
  | { readonly kind: 'image'; readonly service: string }
  | { readonly kind: 'preload'; readonly image: string }

/** What an object should be in the cluster now: its content, with the images that the nodes have. */
export function desiredObject(state: State, linked: LinkedObject): DesiredObject {
  const memory = desiredObjects(linked)
  const { last } = memory
  // Most events change neither services nor loads: then it is not even asked which of them count.
  if (last !== undefined && isSameGround(last.state, state)) return last.desired
  const parts = partsOf(state, linked)
  const desired =
    last?.parts.length === parts.length && parts.every((part, at) => part === last.parts[at])
      ? last.desired
      : computeObject(state, linked)
  const { services, loads, switches, project, render } = state
  memory.last = { state: { services, loads, switches, project, render }, parts, desired }
  return desired
}

type Ground = Pick<State, 'services' | 'loads' | 'project' | 'render'> & {
  readonly switches?: State['switches'] | undefined
}

interface Desired {
  readonly state: Ground
  readonly parts: readonly unknown[]
  readonly desired: DesiredObject
}

/** Whether all that an object may be made of is what it was. */
function isSameGround(before: Ground, after: Ground): boolean {
  return (
    before.services === after.services &&
    before.loads === after.loads &&
    before.switches === after.switches &&
    before.project === after.project &&
    before.render === after.render
  )
}

const desiredObjects = memo((_: LinkedObject): { last: Desired | undefined } => ({ last: undefined }))

/** All of the state that decides what an object should be. */
function partsOf(state: State, { services, images }: LinkedObject): readonly unknown[] {
  const parts: unknown[] = [state.render.save, state.switches]
  for (const name of services) {
    const service = state.services[name]
    parts.push(service !== undefined, service?.deployable, service?.steering, specOf(state, name)?.sync)
    parts.push(rollbackLoad(state, service)?.kind)
  }
  for (const { image, service } of images) {
    if (service === undefined) parts.push(state.loads[image]?.kind)
  }
  return parts
}

function computeObject(state: State, linked: LinkedObject): DesiredObject {
  const images = new Map<string, string>()
  const programs = new Map<string, ImageProgram>()
  const debug = new Map<string, DebugRuntime>()
  const parts = [linked.contentHash]
  let save = state.render.save
  let redeploys = 0
  for (const name of linked.services) {
    const service = state.services[name]
    // Not among the services that were asked for: its image is as the manifest has it.
    if (service === undefined) continue
    const image = runningImage(service)
    if (image === undefined) return { kind: 'image', service: name }
    if (isRollbackUnderWay(state, service)) return { kind: 'preload', image: image.reference }
    images.set(name, image.podReference)
    save = Math.max(save, image.save)
    redeploys += service.steering.redeploys
    if (service.steering.debug !== undefined) {
      debug.set(name, service.steering.debug)
      parts.push(`debug=${name}:${service.steering.debug}`)
    }
    parts.push(`${name}=${image.podReference}`)
    if (image.program?.supervisor !== undefined && restarts(specOf(state, name)?.sync) && isLasting(linked)) {
      programs.set(name, image.program)
      parts.push(`supervised=${name}`)
    }
  }
  for (const { image, service } of linked.images) {
    if (service !== undefined) continue
    const load = state.loads[image]
    if (load === undefined || load.kind === 'loading') return { kind: 'preload', image }
    if (load.kind === 'loaded') parts.push(image)
  }
  const scaledToZero = isScaledToZero(state, linked)
  if (scaledToZero) parts.push('replicas=0')
  const switched = switchedFields(state, linked)
  if (switched.replicas !== undefined) parts.push(`replicas=${switched.replicas}`)
  if (switched.selector !== undefined) parts.push(`selector=${JSON.stringify(switched.selector)}`)
  if (redeploys > 0) parts.push(`redeploys=${redeploys}`)
  return {
    kind: 'known',
    version: parts.join(' '),
    images,
    programs,
    debug,
    save,
    scaledToZero,
    switched,
    redeploys,
  }
}

/** Fields that a switch sets in place of the manifest. */
export interface Switched {
  readonly replicas?: number
  readonly selector?: Readonly<Record<string, string>>
}

function switchedFields(state: State, { key, object }: LinkedObject): Switched {
  const own = state.switches?.[key]
  if (own !== undefined) {
    const selector = ledTo(own)
    return selector === undefined ? {} : { selector }
  }
  const serves = Object.values(state.switches ?? {}).find(({ target }) => target === key)
  return serves !== undefined && valueAt(object, ['spec', 'replicas']) === 0
    ? { replicas: serves.replicas }
    : {}
}

/** The image that the pods of a service should have now. */
export function runningImage({ deployable, steering }: ServiceState): DeployableImage | undefined {
  return steering.rolledBack?.image ?? deployable
}

function rollbackLoad({ loads }: State, service: ServiceState | undefined): LoadState | undefined {
  const { rolledBack } = service?.steering ?? {}
  return rolledBack === undefined ? undefined : loads[rolledBack.image.reference]
}

/** Whether the image that a service goes back to is not known to be on the nodes yet. Where the local engine has not got it, they are taken to have it. */
function isRollbackUnderWay(state: State, service: ServiceState): boolean {
  if (service.steering.rolledBack === undefined) return false
  const load = rollbackLoad(state, service)
  return load === undefined || load.kind === 'loading'
}

/** Whether a service runs an image that is not its newest, because somebody asked for it. */
export function isRolledBack({ steering: { rolledBack }, deployable }: ServiceState): boolean {
  return rolledBack !== undefined && rolledBack.image.podReference !== deployable?.podReference
}

const SCALABLE: Readonly<Record<string, readonly string[]>> = {
  apps: ['Deployment', 'StatefulSet', 'ReplicaSet'],
  '': ['ReplicationController'],
}

/** Whether a workload of this kind has a number of replicas. */
export function isScalable(ref: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean {
  return SCALABLE[apiGroup(ref.apiVersion)]?.includes(ref.kind) ?? false
}

/** Whether a workload runs no pods because one of its services is scaled to zero. */
export function isScaledToZero(
  state: State,
  { ref, services, key }: Pick<LinkedObject, 'ref' | 'services' | 'key'>,
): boolean {
  if (!isScalable(ref)) return false
  const isOtherSide = Object.values(state.switches ?? {}).some(({ lowered }) => lowered.includes(key))
  return isOtherSide || services.some(name => state.services[name]?.steering.scaledToZero === true)
}

/** Whether a service has a workload that runs no pods: its own, or one that it shares with a service that is scaled to zero. */
export function isServiceScaledToZero(state: State, service: string): boolean {
  return objectsOf(state, service).some(key => {
    const object = state.objects[key]
    return object !== undefined && isScaledToZero(state, object.linked)
  })
}

/** The paused one of an object's services, if there is one. */
export function pausedServiceOf(
  state: State,
  { services }: Pick<LinkedObject, 'services'>,
): ServiceState | undefined {
  const paused = services.find(name => state.services[name]?.steering.paused !== undefined)
  return paused === undefined ? undefined : state.services[paused]
}

/** Whether the nodes have this image from us, so that a pull policy may be relaxed. */
export function onNodes(state: State, reference: string): boolean {
  const load = state.loads[reference]
  return load?.kind === 'loaded' || (load?.kind === 'loading' && load.again === true)
}

/** The objects that run or configure pods of a service. */
export function objectsOf(state: State, service: string): readonly string[] {
  return keysByService(state.objects).get(service) ?? []
}

const keysByService = memo((objects: State['objects']) => {
  const keys = new Map<string, string[]>()
  for (const [key, { linked }] of objectEntries(objects)) {
    for (const service of linked.services) {
      const same = keys.get(service)
      if (same === undefined) keys.set(service, [key])
      else same.push(key)
    }
  }
  return keys
})
