import { parseDocument } from 'yaml'
import { fieldsOf, itemsOf } from './fields.js'

/**
 * A template as it is in the chart's folder, where helm names it by the alias of a dependency: `shop/charts/cache/templates/a.yaml` is
 * `shop/charts/redis/templates/a.yaml`. `chartFileOf` gives the Chart.yaml of the chart in a folder such as `shop/charts/redis`.
 */
export function withoutAliases(named: string, chartFileOf: (folder: string) => string | undefined): string {
  const parts = named.split('/')
  parts.forEach((part, at) => {
    const alias = parts[at + 1]
    if (part !== 'charts' || alias === undefined || at === 0) return
    const text = chartFileOf(parts.slice(0, at).join('/'))
    const dependency = itemsOf(
      fieldsOf(text === undefined ? undefined : parseDocument(text).toJS()).dependencies,
    )
      .map(fieldsOf)
      .find(one => one.alias === alias)
    if (typeof dependency?.name === 'string') parts[at + 1] = dependency.name
  })
  return parts.join('/')
}
