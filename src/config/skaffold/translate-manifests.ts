import { dirname, relative } from 'node:path'
import { type ConfigNode, mapping, nodeOf, scalar } from './config-node.js'
import { fileOf, itemsOf, nodeAt, type SourceMap, type SourceNode, textOf } from './source-node.js'
import { translateHelm } from './translate-helm.js'
import { absolutePath, evaluated, pathInConfig, type Translation } from './translation.js'

const ADDRESS = /^(https?|gs|git|ssh):\/\/|^git@|^github\.com\//
/** What Skaffold renders where a module says nothing. */
const DEFAULT = 'k8s/*.yaml'

/** What a module renders, as entries of `manifests`, in the order in which Skaffold has them. */
export function translateManifests(
  module: SourceMap,
  images: readonly string[],
  translation: Translation,
): readonly ConfigNode[] {
  const manifests = nodeAt(module, 'manifests')
  const raw = itemsOf(nodeAt(manifests, 'rawYaml'))
  const kustomize = nodeAt(manifests, 'kustomize')
  const helm = [nodeAt(manifests, 'helm'), nodeAt(module, 'deploy', 'helm')]
  const others = ['docker', 'cloudrun', 'kpt'].some(name => nodeAt(module, 'deploy', name) !== undefined)
  const isSilent =
    raw.length === 0 &&
    kustomize === undefined &&
    nodeAt(manifests, 'kpt') === undefined &&
    helm.every(section => section === undefined) &&
    !others
  if (isSilent) {
    const folder = translation.fileAt(absolutePath(module, dirname(DEFAULT)))
    return folder?.kind === 'folder' ? [scalar(pathInConfig(module, DEFAULT, translation.root), module)] : []
  }
  return [
    ...raw.flatMap(path => rawPath(path, translation)),
    ...kustomizations(kustomize, translation),
    ...translateHelm(helm, images, translation),
  ]
}

function rawPath(node: SourceNode, translation: Translation): readonly ConfigNode[] {
  const path = evaluated(node, translation)
  if (path === undefined) return []
  if (ADDRESS.test(path)) {
    translation.report(node, 'not', 'devloop fetches nothing; save it as a file here, and name that')
    return []
  }
  tellMore(node, path, translation)
  return [scalar(pathInConfig(node, path, translation.root), node)]
}

/** Skaffold reads `**` as exactly one folder, so that it leaves out what lies beside the first folders. */
function tellMore(node: SourceNode, path: string, { fileAt, report }: Translation): void {
  const segments = path.split('/')
  const stars = segments.indexOf('**')
  if (stars === -1) return
  const base = segments.slice(0, stars).join('/')
  const folder = /[*?[{]/.test(base) ? undefined : fileAt(absolutePath(node, base === '' ? '.' : base))
  if (folder?.kind !== 'folder') return
  const more = folder.names.filter(name => /\.(ya?ml|json)$/.test(name))
  if (more.length > 0)
    report(
      node,
      'partly',
      `${more.join(', ')} in ${base === '' ? 'that folder' : base} ${more.length === 1 ? 'is' : 'are'} taken, too; Skaffold reads "**" as one folder. Leave out what you do not want: { path, exclude }`,
    )
}

function kustomizations(kustomize: SourceNode | undefined, translation: Translation): readonly ConfigNode[] {
  if (kustomize === undefined) return []
  const { root } = translation
  const args = itemsOf(nodeAt(kustomize, 'buildArgs')).flatMap(arg => textOf(arg)?.split(/\s+/) ?? [])
  const named = itemsOf(nodeAt(kustomize, 'paths'))
  const paths = named.length > 0 ? named : [undefined]
  return paths.flatMap(node => {
    const written = node === undefined ? '.' : evaluated(node, translation)
    if (written === undefined) return []
    const place = node ?? kustomize
    const isAddress = ADDRESS.test(written)
    const path = isAddress ? written : pathInConfig(place, written, root)
    if (!isAddress && args.length === 0) return [mapping({ kustomize: scalar(path, place) }, place)]
    if (isAddress)
      translation.report(
        place,
        'partly',
        '`kubectl kustomize` renders it as a command, when the config changes',
      )
    const inputs = isAddress ? [relative(root, fileOf(place)).replaceAll('\\', '/')] : [path]
    return [
      mapping(
        {
          command: nodeOf(['kubectl', 'kustomize', ...args, path], place),
          inputs: nodeOf(inputs, place),
        },
        place,
      ),
    ]
  })
}
