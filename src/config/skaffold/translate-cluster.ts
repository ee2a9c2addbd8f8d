import { type ConfigNode, mapping, scalar } from './config-node.js'
import type { SourceNode } from './source-node.js'
import { evaluated, type Translation } from './translation.js'

/** `deploy.kubeContext`: local clusters by what made them, any other by its context, which a person must allow. */
export function translateCluster(
  node: SourceNode | undefined,
  translation: Translation,
): ConfigNode | undefined {
  const context = evaluated(node, translation)
  if (node === undefined || context === undefined || context === '') return undefined
  const kind = /^kind-(.+)$/.exec(context)?.[1]
  if (kind !== undefined) return mapping({ kind: scalar(kind, node) }, node)
  const k3d = /^k3d-(.+)$/.exec(context)?.[1]
  if (k3d !== undefined) return mapping({ k3d: scalar(k3d, node) }, node)
  if (context === 'minikube') return mapping({ minikube: scalar(context, node) }, node)
  return mapping({ context: scalar(context, node) }, node)
}
