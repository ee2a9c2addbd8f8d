import { type FieldPath, isFields, itemsOf } from './fields.js'

/** One step of a path to values: a key, a place in a list, or every item of a list. */
export type ReplaceStep = string | number | { readonly every: true }

/** Where objects of a kind name images besides the containers of their pods. */
export interface ReplaceSpec {
  readonly kind: string
  readonly path: readonly ReplaceStep[]
}

const STEP = /\.?([\w-]+)|\[(\d+)\]|\[(\*)\]|\['([^']+)'\]/y

/** The steps of `spec.template.spec.containers[*].image` or `metadata.annotations['example.com/image']`; undefined for what is no path. */
export function parseReplacePath(text: string): readonly ReplaceStep[] | undefined {
  const steps: ReplaceStep[] = []
  const matcher = new RegExp(STEP)
  while (matcher.lastIndex < text.length) {
    const isFirst = matcher.lastIndex === 0
    const found = matcher.exec(text)
    // Keys have a dot between them, and none before the first.
    if (found === null || (found[1] !== undefined && found[0].startsWith('.') === isFirst)) return undefined
    const [, key, place, every, quoted] = found
    steps.push(every === undefined ? (key ?? quoted ?? Number(place)) : { every: true })
  }
  return steps.length === 0 || typeof steps[0] === 'number' ? undefined : steps
}

/** The places in a value that a path leads to, and the texts there. */
export function textsAt(
  value: unknown,
  steps: readonly ReplaceStep[],
  above: FieldPath = [],
): readonly { readonly path: FieldPath; readonly text: string }[] {
  const [step, ...rest] = steps
  if (step === undefined) return typeof value === 'string' ? [{ path: above, text: value }] : []
  if (typeof step === 'object')
    return itemsOf(value).flatMap((item, at) => textsAt(item, rest, [...above, at]))
  const next =
    typeof step === 'number'
      ? itemsOf(value)[step]
      : isFields(value) && Object.hasOwn(value, step)
        ? value[step]
        : undefined
  return textsAt(next, rest, [...above, step])
}
