import { Document, isMap, isScalar, isSeq, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { ConfigNode } from './config-node.js'

const WIDTH = 110

/** A config as YAML, with its comments, short mappings and lists on one line, and a line between its sections. */
export function writeYaml(config: ConfigNode, header: readonly string[]): string {
  const document = new Document(null)
  const contents = toNode(config)
  document.contents = contents
  if (isMap(contents)) for (const [index, pair] of contents.items.entries()) spaceOut(pair, index)
  const text = document.toString({ lineWidth: WIDTH, flowCollectionPadding: true })
  const lines = header.map(line => (line === '' ? '' : line.startsWith('#') ? line : `# ${line}`))
  return `${[...lines, ...(lines.length > 0 ? [''] : [])].join('\n')}${lines.length > 0 ? '\n' : ''}${text}`
}

function toNode(node: ConfigNode): Node {
  const made = plainNode(node)
  if (node.comment !== undefined) made.commentBefore = commentText(node.comment)
  return made
}

function plainNode(node: ConfigNode): Node {
  switch (node.kind) {
    case 'scalar': {
      const scalar = new Scalar(node.value)
      // `1.10` is to stay what it is.
      if (typeof node.value === 'number' && node.text !== undefined && node.text !== String(node.value))
        scalar.minFractionDigits = node.text.split('.')[1]?.length ?? 0
      return scalar
    }
    case 'list': {
      const list = new YAMLSeq()
      list.items = node.items.map(toNode)
      list.flow =
        node.items.length === 0 || (isShort(node) && node.items.every(item => item.kind === 'scalar'))
      return list
    }
    case 'map': {
      const map = new YAMLMap()
      for (const [key, value] of node.fields) {
        const made = toNode(value)
        const name = new Scalar(key)
        // A comment goes above the key, not between it and its value.
        const comment = made.commentBefore
        if (typeof comment === 'string') {
          name.commentBefore = comment
          made.commentBefore = null
        }
        map.items.push(new Pair(name, made))
      }
      map.flow = node.fields.size === 0
      return map
    }
  }
}

const isShort = (node: ConfigNode): boolean => JSON.stringify(lengthOf(node)).length < 60

function lengthOf(node: ConfigNode): unknown {
  if (node.kind === 'scalar') return node.value
  return node.kind === 'list' ? node.items.map(lengthOf) : [...node.fields.values()].map(lengthOf)
}

const commentText = (comment: string): string =>
  comment
    .split('\n')
    .map(line => ` ${line}`)
    .join('\n')

/** A blank line before each section. */
function spaceOut(pair: Pair, index: number): void {
  const { key, value } = pair
  if (index === 0 || !isScalar(key)) return
  if (isMap(value) || isSeq(value) || key.commentBefore !== undefined) key.spaceBefore = true
}
