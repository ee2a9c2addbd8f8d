import type { SourceRange } from '../../core/problem.js'

export type Scalar = string | number | boolean | null

/** A value of a `skaffold.yaml` that knows where a person wrote it, whatever it was merged into since. */
export type SourceNode = SourceScalar | SourceList | SourceMap

interface Written {
  /** As a person would name it: `build.artifacts[0].image`. */
  readonly path: string
  /** Of its key; of the value itself in a list and at the top. */
  readonly range: SourceRange
  /** Of the value. */
  readonly valueRange: SourceRange
}

export interface SourceScalar extends Written {
  readonly kind: 'scalar'
  readonly value: Scalar
  /** As it was written, without quotes: `1.10` for the number 1.1. */
  readonly text: string
}

export interface SourceList extends Written {
  readonly kind: 'list'
  readonly items: readonly SourceNode[]
}

export interface SourceMap extends Written {
  readonly kind: 'map'
  readonly fields: ReadonlyMap<string, SourceNode>
}

/** The node at a path of keys and places in lists; undefined where there is none or it has no value. */
export function nodeAt(
  node: SourceNode | undefined,
  ...path: readonly (string | number)[]
): SourceNode | undefined {
  let current = node
  for (const step of path) {
    if (current?.kind === 'map') current = current.fields.get(String(step))
    else if (current?.kind === 'list' && typeof step === 'number') current = current.items[step]
    else return undefined
  }
  return isEmpty(current) ? undefined : current
}

/** The items of a list; none of anything else. */
export const itemsOf = (node: SourceNode | undefined): readonly SourceNode[] =>
  node?.kind === 'list' ? node.items : []

/** The fields of a mapping, in their order; none of anything else. */
export const fieldsOf = (node: SourceNode | undefined): readonly (readonly [string, SourceNode])[] =>
  node?.kind === 'map' ? [...node.fields] : []

/** A scalar as text; undefined for anything else. */
export const textOf = (node: SourceNode | undefined): string | undefined =>
  node?.kind === 'scalar' && node.value !== null ? node.text : undefined

/** Whether a scalar says true. */
export const isTrue = (node: SourceNode | undefined): boolean =>
  node?.kind === 'scalar' && node.value === true

/** Whether a scalar says false. */
export const isFalse = (node: SourceNode | undefined): boolean =>
  node?.kind === 'scalar' && node.value === false

/** The file that a node is written in. */
export const fileOf = (node: SourceNode): string => node.range.file

const isEmpty = (node: SourceNode | undefined): boolean => node?.kind === 'scalar' && node.value === null

/** The same mapping with some fields put in place of others; undefined takes a field out. */
export function withFields(
  node: SourceMap,
  changes: Readonly<Record<string, SourceNode | undefined>>,
): SourceMap {
  const fields = new Map(node.fields)
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) fields.delete(key)
    else fields.set(key, value)
  }
  return { ...node, fields }
}

/** A mapping that nobody wrote, at the place of the one that it came from. */
export const mapAt = (
  place: SourceNode,
  fields: Readonly<Record<string, SourceNode | undefined>>,
): SourceMap => ({
  kind: 'map',
  path: place.path,
  range: place.range,
  valueRange: place.valueRange,
  fields: new Map(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  ),
})

/** A list that nobody wrote, at the place of the node that it came from. */
export const listAt = (place: SourceNode, items: readonly SourceNode[]): SourceList => ({
  kind: 'list',
  path: place.path,
  range: place.range,
  valueRange: place.valueRange,
  items,
})

/** A scalar that nobody wrote, at the place of the node that it came from. */
export const scalarAt = (place: SourceNode, value: Scalar): SourceScalar => ({
  kind: 'scalar',
  path: place.path,
  range: place.range,
  valueRange: place.valueRange,
  value,
  text: String(value),
})
