import { parseImageRef } from '../image-ref.js'
import { isFields, itemsOf } from '../manifest/fields.js'
import type { DeployableImage, RolledBack, State } from '../state.js'
import type { Switch } from './switch.js'

/** What people asked to be otherwise than the files say, until they take it back. Plain JSON. */
export type Override =
  | { readonly type: 'paused'; readonly service: string; readonly since: number }
  | { readonly type: 'scaled-to-zero'; readonly service: string }
  | {
      readonly type: 'rolled-back'
      readonly service: string
      readonly image: DeployableImage
      /** What it went back to, as people call it. */
      readonly to?: string
      /** What runs again once it is cleared, as far as that is known. */
      readonly newest?: DeployableImage
    }
  | ({ readonly type: 'switched' } & Switch)

/** All overrides of a session. */
export function overridesOf({
  services,
  switches = {},
}: Pick<State, 'services' | 'switches'>): readonly Override[] {
  return [
    ...Object.values(services).flatMap(({ name, steering, deployable }): readonly Override[] => [
      ...(steering.paused === undefined
        ? []
        : [{ type: 'paused' as const, service: name, since: steering.paused.since }]),
      ...(steering.scaledToZero ? [{ type: 'scaled-to-zero' as const, service: name }] : []),
      ...(steering.rolledBack === undefined
        ? []
        : [rolledBackOverride(name, steering.rolledBack, deployable)]),
    ]),
    ...Object.values(switches).map(one => ({ type: 'switched' as const, ...one })),
  ]
}

function rolledBackOverride(
  service: string,
  { image, to, newest: known }: RolledBack,
  deployable: DeployableImage | undefined,
): Override {
  const newest = deployable ?? known
  return { type: 'rolled-back', service, image, to, ...(newest === undefined ? {} : { newest }) }
}

/** `web to green`, `auth paused`: each in a few words. */
export function overrideText(override: Override): string {
  switch (override.type) {
    case 'paused':
      return `${override.service} paused`
    case 'scaled-to-zero':
      return `${override.service} at zero`
    case 'rolled-back':
      return `${override.service} rolled back to ${override.to ?? imageName(override.image)}`
    case 'switched': {
      const name = override.service.split('/').at(-1) ?? ''
      return `${name} on ${override.version}${override.stage === 'done' ? '' : ` (${override.stage})`}`
    }
  }
}

/** An image in short: its tag, for all of one service have the same repository. */
export function imageName({ podReference }: Pick<DeployableImage, 'podReference'>): string {
  const parsed = parseImageRef(podReference)
  return parsed.ok ? (parsed.value.tag ?? podReference) : podReference
}

/** The overrides that a value from a file is, without those that this version does not know. */
export function parseOverrides(value: unknown): readonly Override[] {
  return itemsOf(value).flatMap(one => {
    if (!isFields(one) || typeof one.service !== 'string') return []
    switch (one.type) {
      case 'paused':
        return typeof one.since === 'number' ? [one as unknown as Override] : []
      case 'scaled-to-zero':
        return [one as unknown as Override]
      case 'rolled-back':
        return isImage(one.image) && (one.newest === undefined || isImage(one.newest))
          ? [one as unknown as Override]
          : []
      case 'switched':
        return isFields(one.selector) && typeof one.target === 'string' && Array.isArray(one.lowered)
          ? [one as unknown as Override]
          : []
      default:
        return []
    }
  })
}

const isImage = (value: unknown): boolean =>
  isFields(value) && typeof value.podReference === 'string' && typeof value.reference === 'string'
