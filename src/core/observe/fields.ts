import { fieldsOf, itemsOf, stringOf, valueAt } from '../manifest/fields.js'
import type { ObservedCondition } from '../rollout-observation.js'

/** The number at a path; 0 where there is none, as the API leaves counts of 0 out. */
export function countAt(value: unknown, ...path: readonly string[]): number {
  return numberAt(value, ...path) ?? 0
}

export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, path)
  return typeof found === 'number' ? found : undefined
}

/** The text at a path; undefined where there is none or an empty one, which the API takes for the same. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  return stringOf(valueAt(value, path)) || undefined
}

/** The string values of a map, such as labels. */
export function textMapAt(value: unknown, ...path: readonly string[]): Readonly<Record<string, string>> {
  const entries = Object.entries(fieldsOf(valueAt(value, path)))
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** The whole number that an annotation holds. */
export function annotatedNumber(object: unknown, annotation: string): number | undefined {
  const number = Number(textAt(object, 'metadata', 'annotations', annotation) ?? Number.NaN)
  return Number.isSafeInteger(number) ? number : undefined
}

/** `status.conditions`. Kinds whose conditions have no lastUpdateTime give the lastTransitionTime for it. */
export function conditionsOf(object: unknown): readonly ObservedCondition[] {
  return itemsOf(valueAt(object, ['status', 'conditions'])).map(condition => ({
    type: textAt(condition, 'type') ?? '',
    status: textAt(condition, 'status') ?? 'Unknown',
    ...optional('reason', textAt(condition, 'reason')),
    ...optional('message', textAt(condition, 'message')),
    ...optional(
      'lastUpdateTime',
      textAt(condition, 'lastUpdateTime') ?? textAt(condition, 'lastTransitionTime'),
    ),
  }))
}

/** A property that is there only where it has a value. */
export function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Value }
}
