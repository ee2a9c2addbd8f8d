import type { ConfigPath } from '../finding.js'
import type { Scalar, SourceNode } from './source-node.js'

/** A value of a config that is about to be, with what it was made of and what is worth saying above it. */
export type ConfigNode = ConfigScalar | ConfigList | ConfigMap

interface Made {
  /** Where a person wrote it; absent: nobody did. */
  readonly from?: SourceNode | undefined
  /** Lines above it in a written config. */
  readonly comment?: string | undefined
}

export interface ConfigScalar extends Made {
  readonly kind: 'scalar'
  readonly value: Scalar
  /** How a number is to be written: `1.10`. */
  readonly text?: string
}

export interface ConfigList extends Made {
  readonly kind: 'list'
  readonly items: readonly ConfigNode[]
}

export interface ConfigMap extends Made {
  readonly kind: 'map'
  readonly fields: ReadonlyMap<string, ConfigNode>
}

export const scalar = (value: Scalar, from?: SourceNode): ConfigScalar => ({
  kind: 'scalar',
  value,
  from,
  ...(typeof value === 'number' && from?.kind === 'scalar' ? { text: from.text } : {}),
})

export const list = (items: readonly ConfigNode[], from?: SourceNode): ConfigList => ({
  kind: 'list',
  items,
  from,
})

/** A mapping of the fields that have a value. */
export const mapping = (
  fields: Readonly<Record<string, ConfigNode | undefined>>,
  from?: SourceNode,
): ConfigMap => ({
  kind: 'map',
  from,
  fields: new Map(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  ),
})

/** Plain data made into a config, all of it from one place. */
export function nodeOf(value: unknown, from?: SourceNode): ConfigNode {
  if (Array.isArray(value))
    return list(
      value.map(item => nodeOf(item, from)),
      from,
    )
  if (typeof value === 'object' && value !== null)
    return mapping(
      Object.fromEntries(Object.entries(value).map(([key, one]) => [key, nodeOf(one, from)])),
      from,
    )
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? scalar(value, from)
    : scalar(null, from)
}

export const withComment = <Node extends ConfigNode>(node: Node, comment: string | undefined): Node =>
  comment === undefined ? node : { ...node, comment }

/** What the config loader reads. */
export function plainOf(node: ConfigNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(plainOf)
    case 'map':
      return Object.fromEntries([...node.fields].map(([key, value]) => [key, plainOf(value)]))
  }
}

/** The node at a path and all above it, from the top, as far as they are there. */
export function chainTo(node: ConfigNode, path: ConfigPath): readonly ConfigNode[] {
  const chain: ConfigNode[] = [node]
  let current: ConfigNode | undefined = node
  for (const step of path) {
    if (current.kind === 'map') current = current.fields.get(String(step))
    else if (current.kind === 'list' && typeof step === 'number') current = current.items[step]
    else return chain
    if (current === undefined) return chain
    chain.push(current)
  }
  return chain
}
