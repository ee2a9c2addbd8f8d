import { fingerprintOf } from './fingerprint.js'
import type { LinkedObject } from './manifest/link.js'
import type { ServiceSpec } from './project.js'
import type { BuiltImage, Inputs, State } from './state.js'

/** What a state asks for, as far as it can be known: the questions that the planner, the screens and `--once` share. */

export function specOf(state: State, service: string): ServiceSpec | undefined {
  return state.project.services.find(spec => spec.name === service)
}

/** The inputs that a service's next build takes; undefined until its files were read once. */
export function inputsOf(state: State, service: string): Inputs | undefined {
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
  return { kind: 'known', fingerprint: fingerprintOf(spec, { ...inputs, required }), buildArgs, inputs }
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
      readonly save: number
    }
  | { readonly kind: 'image'; readonly service: string }
  | { readonly kind: 'preload'; readonly image: string }

/** What an object should be in the cluster now: its content, with the images that the nodes have. */
export function desiredObject(state: State, linked: LinkedObject): DesiredObject {
  const images = new Map<string, string>()
  const parts = [linked.contentHash]
  let save = state.render.save
  for (const service of linked.services) {
    const image = state.services[service]?.deployable
    if (image === undefined) return { kind: 'image', service }
    images.set(service, image.podReference)
    save = Math.max(save, image.save)
    parts.push(`${service}=${image.podReference}`)
  }
  for (const { image, service } of linked.images) {
    if (service !== undefined) continue
    const load = state.loads[image]
    if (load === undefined || load.kind === 'loading') return { kind: 'preload', image }
    if (load.kind === 'loaded') parts.push(image)
  }
  return { kind: 'known', version: parts.join(' '), images, save }
}

/** Whether the nodes have this image from us, so that a pull policy may be relaxed. */
export function onNodes(state: State, reference: string): boolean {
  return state.loads[reference]?.kind === 'loaded'
}

/** The objects that run or configure pods of a service. */
export function objectsOf(state: State, service: string): readonly string[] {
  return Object.keys(state.objects).filter(key => state.objects[key]?.linked.services.includes(service))
}
