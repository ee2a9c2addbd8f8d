import { fieldsOf, itemsOf, stringOf, valueAt } from '../manifest/fields.js'
import { LONGEST_TIMER } from '../timer-limit.js'
import type { RouteSource } from './route-table.js'

export const textIn = (value: unknown, ...path: readonly (string | number)[]): string | undefined =>
  stringOf(valueAt(value, path))

export const listIn = (value: unknown, ...path: readonly (string | number)[]): readonly unknown[] =>
  itemsOf(valueAt(value, path))

export const numberIn = (value: unknown, ...path: readonly (string | number)[]): number | undefined => {
  const found = valueAt(value, path)
  return typeof found === 'number' ? found : undefined
}

export const fieldsIn = (value: unknown, ...path: readonly (string | number)[]) =>
  fieldsOf(valueAt(value, path))

export const namespaceOf = ({ object }: RouteSource): string => object.metadata.namespace ?? 'default'

/** `ingress/tour`. */
export const objectName = ({ object }: RouteSource): string =>
  `${object.kind.toLowerCase()}/${object.metadata.name}`

/** `ingress/tour in k8s/ingress.yaml:3`. */
export const placedName = (source: RouteSource): string =>
  `${objectName(source)}${source.place === undefined ? ` -n ${namespaceOf(source)}` : ` in ${source.place}`}`

/** Milliseconds that text in the forms of Go (`1m30s`) or GEP-2257 stands for, no more than a timer takes; undefined for what is none. */
export function goDuration(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d+(\.\d+)?(h|m|s|ms))+$/.test(text)) return text === '0' ? 0 : undefined
  const unit: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  const duration = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)].reduce(
    (sum, [, count, name = '']) => sum + Number(count) * (unit[name] ?? 0),
    0,
  )
  return Math.min(duration, LONGEST_TIMER)
}
