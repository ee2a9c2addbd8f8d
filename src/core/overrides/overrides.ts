import { isFields, itemsOf } from '../manifest/fields.js'
import type { RolledBack, State } from '../state.js'
import type { Switch } from './switch.js'

/** What people asked to be otherwise than the files say, until they take it back. Plain JSON. */
export type Override =
  | { readonly type: 'paused'; readonly service: string; readonly since: number }
  | { readonly type: 'scaled-to-zero'; readonly service: string }
  | { readonly type: 'rolled-back'; readonly service: string; readonly image: RolledBack['image'] }
  | ({ readonly type: 'switched' } & Switch)

/** All overrides of a session. */
export function overridesOf({
  services,
  switches = {},
}: Pick<State, 'services' | 'switches'>): readonly Override[] {
  return [
    ...Object.values(services).flatMap(({ name, steering }): readonly Override[] => [
      ...(steering.paused === undefined
        ? []
        : [{ type: 'paused' as const, service: name, since: steering.paused.since }]),
      ...(steering.scaledToZero ? [{ type: 'scaled-to-zero' as const, service: name }] : []),
      ...(steering.rolledBack === undefined
        ? []
        : [{ type: 'rolled-back' as const, service: name, image: steering.rolledBack.image }]),
    ]),
    ...Object.values(switches).map(one => ({ type: 'switched' as const, ...one })),
  ]
}

/** `web to green`, `auth paused`: each in a few words. */
export function overrideText(override: Override): string {
  switch (override.type) {
    case 'paused':
      return `${override.service} paused`
    case 'scaled-to-zero':
      return `${override.service} at zero`
    case 'rolled-back':
      return `${override.service} rolled back`
    case 'switched': {
      const name = override.service.split('/').at(-1) ?? ''
      return `${name} on ${override.version}${override.stage === 'done' ? '' : ` (${override.stage})`}`
    }
  }
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
        return isFields(one.image) && typeof one.image.podReference === 'string'
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
