import { dirname, relative } from 'node:path'
import { type ConfigNode, list, mapping, nodeOf, scalar } from './config-node.js'
import { fileOf, itemsOf, nodeAt, type SourceNode, textOf } from './source-node.js'
import { absolutePath, type Translation } from './translation.js'

/** What devloop tells hooks under the names of Skaffold. */
const KNOWN =
  /^SKAFFOLD_(IMAGE|IMAGE_REPO|IMAGE_TAG|BUILD_CONTEXT|PUSH_IMAGE|KUBE_CONTEXT|NAMESPACES|WORK_DIR)$/

const SYSTEMS = ['linux', 'darwin', 'windows']

/**
 * Hooks of one moment as a stage of the config's `hooks`; undefined where there are none. `folder` is where hooks of the config run that say
 * nothing else, absolute; those of Skaffold run in the folder of its file.
 */
export function translateHooks(
  nodes: readonly SourceNode[],
  folder: string,
  translation: Translation,
): ConfigNode | undefined {
  const made = nodes.flatMap(node => {
    const host = nodeAt(node, 'host')
    const container = nodeAt(node, 'container')
    if (container !== undefined) return containerHook(container, translation)
    return hostHook(host ?? node, folder, translation)
  })
  return made.length === 0 ? undefined : list(made, nodes[0])
}

function hostHook(node: SourceNode, folder: string, translation: Translation): readonly ConfigNode[] {
  const command = nodeAt(node, 'command')
  const run = commandOf(command)
  if (command === undefined || run === undefined) return []
  const unknown = itemsOf(command)
    .flatMap(item => textOf(item)?.match(/SKAFFOLD_\w+/g) ?? [])
    .filter(name => !KNOWN.test(name))
  if (unknown.length > 0)
    translation.report(command, 'partly', `devloop does not set ${[...new Set(unknown)].join(', ')}`)
  const dir = textOf(nodeAt(node, 'dir'))
  const place = dir === undefined ? dirname(fileOf(node)) : absolutePath(node, dir)
  const cwd = relative(folder, place).replaceAll('\\', '/')
  const systems = itemsOf(nodeAt(node, 'os')).flatMap(item => {
    const name = textOf(item)
    if (name === undefined || SYSTEMS.includes(name)) return name ?? []
    translation.report(item, 'not', `a hook of devloop can be for ${SYSTEMS.join(', ')}`)
    return []
  })
  return [
    mapping(
      {
        run: nodeOf(run, command),
        cwd: cwd === '' ? undefined : scalar(cwd, nodeAt(node, 'dir') ?? node),
        os: systems.length === 0 ? undefined : nodeOf(systems, nodeAt(node, 'os')),
      },
      node,
    ),
  ]
}

function containerHook(node: SourceNode, translation: Translation): readonly ConfigNode[] {
  const command = nodeAt(node, 'command')
  const run = commandOf(command)
  if (command === undefined || run === undefined) return []
  const pod = nodeAt(node, 'podName')
  const container = nodeAt(node, 'containerName')
  // The sync hooks of an artifact run in its own container.
  if (pod === undefined) return [mapping({ run: nodeOf(run, command), container: scalar(true, node) }, node)]
  const workload = workloadOf(textOf(pod) ?? '')
  const name = textOf(container)?.replace(/-?\*$/, '')
  if (workload === undefined || name === undefined || /[*?[]/.test(name)) {
    translation.report(
      pod,
      'not',
      'devloop names the workload and the container, not a pattern of them; write a hook with container and workload',
    )
    return []
  }
  translation.report(
    pod,
    'partly',
    `taken for a pod of deployment/${workload}; name another workload where it is of one`,
  )
  return [
    mapping(
      {
        run: nodeOf(run, command),
        container: scalar(name, container),
        workload: scalar(`deployment/${workload}`, pod),
      },
      node,
    ),
  ]
}

/** The name that a pattern of its pods begins with: `web-*` and `web*` are those of `web`. */
function workloadOf(pattern: string): string | undefined {
  const name = pattern.replace(/-?\*$/, '')
  return /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name) ? name : undefined
}

/** `[sh, -c, LINE]` is a line for the shell, as people would write it. */
function commandOf(node: SourceNode | undefined): string | readonly string[] | undefined {
  const words = itemsOf(node).flatMap(item => textOf(item) ?? [])
  const [program, flag, line, ...rest] = words
  if (program === undefined) return undefined
  return program === 'sh' && flag === '-c' && line !== undefined && rest.length === 0 ? line : words
}
