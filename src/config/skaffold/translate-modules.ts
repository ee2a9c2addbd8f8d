import { type ConfigMap, type ConfigNode, list, mapping, scalar } from './config-node.js'
import { serviceNames } from './service-names.js'
import { itemsOf, nodeAt, type SourceMap, type SourceNode, textOf } from './source-node.js'
import { isBuildable, tellLocalBuild, translateArtifact } from './translate-artifact.js'
import { translateCluster } from './translate-cluster.js'
import { translateHooks } from './translate-hooks.js'
import { translateManifests } from './translate-manifests.js'
import { translatePortForward } from './translate-port-forward.js'
import { translateSelectors } from './translate-selector.js'
import { evaluated, evaluatedScalar, type Translation } from './translation.js'

/** The config of modules that run together. What only one of them can say, the last says, as it comes after those that it requires. */
export function translateModules(modules: readonly SourceMap[], translation: Translation): ConfigMap {
  const artifacts = modules.flatMap(module =>
    itemsOf(nodeAt(module, 'build', 'artifacts')).flatMap(node => {
      const image = evaluated(nodeAt(node, 'image'), translation)
      return image === undefined || !isBuildable(node, translation)
        ? []
        : [{ node, image, platforms: nodeAt(module, 'build', 'platforms') }]
    }),
  )
  const images = [...new Set(artifacts.map(({ image }) => image))]
  const names = serviceNames(images)
  const services = new Map<string, ConfigMap>()
  for (const { node, image, platforms } of artifacts) {
    const name = names.get(image) ?? image
    if (services.has(name)) continue
    services.set(name, translateArtifact(node, { name, image, services: names, platforms }, translation))
  }
  const manifests = modules.flatMap(module => translateManifests(module, images, translation))
  const last = (...path: readonly string[]): SourceNode | undefined =>
    modules.map(module => nodeAt(module, ...path)).findLast(node => node !== undefined)
  const builds = modules.flatMap(
    module => tellLocalBuild(nodeAt(module, 'build', 'local'), translation) ?? [],
  )
  const deadline = last('deploy', 'statusCheckDeadlineSeconds')
  const seconds = deadline?.kind === 'scalar' && typeof deadline.value === 'number' ? deadline.value : 0
  return mapping({
    name: nameOf(modules),
    cluster: translateCluster(last('deploy', 'kubeContext'), translation),
    namespace: evaluatedScalar(last('deploy', 'kubectl', 'defaultNamespace'), translation),
    services: services.size === 0 ? undefined : mapping(Object.fromEntries(services)),
    manifests: manifestsOf(manifests, translation),
    replace: translateSelectors(
      modules.map(module => nodeAt(module, 'resourceSelector')),
      translation,
    ),
    hooks: hooksOf(modules, translation),
    portForward: translatePortForward(
      modules.map(module => nodeAt(module, 'portForward')),
      translation,
    ),
    build: builds.at(-1),
    waitTimeout: seconds > 0 ? scalar(seconds, deadline) : undefined,
  })
}

/** Of one module its name, if it can be one here. */
function nameOf(modules: readonly SourceMap[]): ConfigNode | undefined {
  const node = modules.length === 1 ? nodeAt(modules[0], 'metadata', 'name') : undefined
  const name = textOf(node)
    ?.toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')
  return name === undefined || name === '' ? undefined : scalar(name, node)
}

/** Where nothing is rendered, a folder k8s that happens to be there is no part of it. */
function manifestsOf(entries: readonly ConfigNode[], { fileAt, root }: Translation): ConfigNode | undefined {
  if (entries.length > 0) return list(entries)
  return fileAt(`${root}/k8s`)?.kind === 'folder' ? list([]) : undefined
}

function hooksOf(modules: readonly SourceMap[], translation: Translation): ConfigNode | undefined {
  const gather = (...path: readonly string[]): readonly SourceNode[] =>
    modules.flatMap(module => itemsOf(nodeAt(module, ...path)))
  const stage = (nodes: readonly SourceNode[]): ConfigNode | undefined =>
    translateHooks(nodes, translation.root, translation)
  const deploy = (when: string) => [
    ...gather('deploy', 'kubectl', 'hooks', when),
    ...gather('deploy', 'helm', 'hooks', when),
  ]
  for (const when of ['before', 'after']) {
    const [first] = gather('build', 'hooks', when)
    if (first !== undefined)
      translation.report(first, 'partly', 'it runs with each image that is built, not once for all of them')
  }
  const hooks = mapping({
    beforeRender: stage(gather('manifests', 'hooks', 'before')),
    afterRender: stage(gather('manifests', 'hooks', 'after')),
    beforeBuild: stage(gather('build', 'hooks', 'before')),
    afterBuild: stage(gather('build', 'hooks', 'after')),
    beforeDeploy: stage(deploy('before')),
    afterDeploy: stage(deploy('after')),
  })
  return hooks.fields.size === 0 ? undefined : hooks
}
