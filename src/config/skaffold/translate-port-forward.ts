import { type ConfigNode, list, mapping, scalar } from './config-node.js'
import { itemsOf, nodeAt, type SourceNode, textOf } from './source-node.js'
import { evaluated, evaluatedScalar, type Translation } from './translation.js'

const KINDS = ['service', 'pod', 'deployment', 'statefulset', 'daemonset', 'job']

/** `portForward` of all modules. */
export function translatePortForward(
  sections: readonly (SourceNode | undefined)[],
  translation: Translation,
): ConfigNode | undefined {
  const entries = sections.flatMap(section => itemsOf(section).flatMap(entry => forward(entry, translation)))
  return entries.length === 0
    ? undefined
    : list(
        entries,
        sections.find(section => section !== undefined),
      )
}

function forward(entry: SourceNode, translation: Translation): readonly ConfigNode[] {
  const type = nodeAt(entry, 'resourceType')
  const resource = nodeAt(entry, 'resourceName')
  const kind = textOf(type)?.toLowerCase() ?? ''
  const name = evaluated(resource, translation)
  if (name === undefined) return []
  if (!KINDS.includes(kind)) {
    translation.report(type ?? entry, 'not', `devloop forwards ports of ${KINDS.join(', ')}`)
    return []
  }
  const port = nodeAt(entry, 'port')
  const local = nodeAt(entry, 'localPort')
  const address = nodeAt(entry, 'address')
  const given = textOf(address)
  return [
    mapping(
      {
        to: scalar(`${kind}/${name}`, resource),
        port: portOf(port),
        local: portOf(local),
        namespace: evaluatedScalar(nodeAt(entry, 'namespace'), translation),
        address:
          given === undefined ? undefined : scalar(given === 'localhost' ? '127.0.0.1' : given, address),
      },
      entry,
    ),
  ]
}

function portOf(node: SourceNode | undefined): ConfigNode | undefined {
  const text = textOf(node)
  if (node === undefined || text === undefined || text === '0') return undefined
  return scalar(/^\d+$/.test(text) ? Number(text) : text, node)
}
