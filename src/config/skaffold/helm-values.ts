import { type ConfigNode, scalar } from './config-node.js'
import { fieldsOf, itemsOf, type SourceNode, type SourceScalar } from './source-node.js'
import type { Translation } from './translation.js'

export type HelmValues = readonly (readonly [string, ConfigNode])[]

/** `setValues`: what `helm --set` makes of each text, numbers and lists too. */
export function setValues(node: SourceNode | undefined): HelmValues {
  return flattened(node, key => key).flatMap(([key, value]) => cast(key, value))
}

/** `overrides`: a values file in the config, each value of the type that it is written with. */
export function overrideValues(node: SourceNode | undefined, { report }: Translation): HelmValues {
  return flattened(node, escapeKey).flatMap(([key, value]): HelmValues => {
    if (value.value !== null) return [[key, scalar(value.value, value)]]
    report(value, 'not', `devloop cannot take "${key}" out; write it into a values file`)
    return []
  })
}

type Flat = readonly (readonly [string, SourceScalar])[]

/** Each scalar by its path, as helm's `--set` has it. */
function flattened(node: SourceNode | undefined, keyOf: (key: string) => string, above = ''): Flat {
  if (node === undefined) return []
  switch (node.kind) {
    case 'scalar':
      return above === '' ? [] : [[above, node]]
    case 'list':
      return itemsOf(node).flatMap((item, index) => flattened(item, keyOf, `${above}[${index}]`))
    case 'map':
      return fieldsOf(node).flatMap(([key, value]) =>
        flattened(value, keyOf, above === '' ? keyOf(key) : `${above}.${keyOf(key)}`),
      )
  }
}

const escapeKey = (key: string): string => key.replace(/[.,=[\]\\]/g, '\\$&')

/** Skaffold hands every value to `--set` as text, and helm reads its type from it. */
function cast(key: string, node: SourceScalar): HelmValues {
  const text = node.value === null ? '' : node.text
  const items = /^\{(.*)\}$/s.exec(text)?.[1]
  if (items !== undefined)
    return items
      .split(',')
      .filter(item => item !== '')
      .map((item, index) => [`${key}[${index}]`, scalar(item, node)] as const)
  if (text === 'true' || text === 'false') return [[key, scalar(text === 'true', node)]]
  if (/^-?(0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text)))
    return [[key, scalar(Number(text), node)]]
  return [[key, scalar(text, node)]]
}
