import { type ConfigNode, list, mapping, scalar } from './config-node.js'
import { itemsOf, nodeAt, type SourceNode, textOf } from './source-node.js'
import type { Translation } from './translation.js'

/** Kinds in which devloop finds the images of pods by itself. */
const OWN_KINDS = new Set([
  'Pod',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
])
/** Skaffold's word for every field with the name `image`, wherever it is. */
const ANYWHERE = '.*'
/** Where kinds that run pods have their images. */
const POD_PLACES = ['spec.template.spec.containers[*].image', 'spec.template.spec.initContainers[*].image']

/** `resourceSelector.allow` as entries of `replace`; undefined where it asks for nothing that devloop does not do by itself. */
export function translateSelectors(
  selectors: readonly (SourceNode | undefined)[],
  translation: Translation,
): ConfigNode | undefined {
  const entries = selectors
    .flatMap(selector => itemsOf(nodeAt(selector, 'allow')))
    .flatMap(rule => replacements(rule, translation))
  return entries.length === 0 ? undefined : list(entries)
}

function replacements(rule: SourceNode, { report }: Translation): readonly ConfigNode[] {
  const groupKind = nodeAt(rule, 'groupKind')
  const paths = itemsOf(nodeAt(rule, 'image'))
  // The group follows the kind: `Rollout.argoproj.io`.
  const kind = textOf(groupKind)?.split('.')[0] ?? ''
  if (groupKind === undefined || paths.length === 0) return []
  if (!/^[A-Za-z]\w*$/.test(kind)) {
    report(groupKind, 'not', 'devloop takes no pattern of kinds; name each kind and its path in replace')
    return []
  }
  return paths.flatMap(node => {
    const path = textOf(node) ?? ''
    if (path === ANYWHERE && OWN_KINDS.has(kind)) return []
    if (path === ANYWHERE)
      report(
        node,
        'partly',
        `an image is looked for in the containers of spec.template of ${kind}; name any other place in replace`,
      )
    const places = path === ANYWHERE ? POD_PLACES : [replacePath(path)]
    return places.map(place => mapping({ kind: scalar(kind, groupKind), path: scalar(place, node) }, node))
  })
}

/** `.spec.steps.*.image` as `spec.steps[*].image`. */
const replacePath = (path: string): string =>
  path
    .split('.')
    .filter(step => step !== '')
    .map((step, at) => {
      if (step === '*') return '[*]'
      if (/^\d+$/.test(step)) return `[${step}]`
      if (!/^[\w-]+$/.test(step)) return `['${step}']`
      return at === 0 ? step : `.${step}`
    })
    .join('')
