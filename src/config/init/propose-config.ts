import { posix } from 'node:path'
import {
  type ConfigMap,
  type ConfigNode,
  list,
  mapping,
  nodeOf,
  scalar,
  withComment,
} from '../skaffold/config-node.js'
import { serviceNames } from '../skaffold/service-names.js'
import { baseImageOf, isMadeHere, withoutTag } from './base-images.js'
import { isBelow } from './folders.js'
import type { FoundDockerfile, FoundImage, ProjectFacts } from './project-facts.js'

/** What was decided about what was found. */
export interface Decisions {
  readonly pairs: readonly { readonly dockerfile: FoundDockerfile; readonly image: FoundImage }[]
  /** Dockerfiles that get no service, each with the reason. */
  readonly alone: readonly { readonly dockerfile: FoundDockerfile; readonly why: string }[]
  readonly foreign: readonly FoundImage[]
  /** The kustomizations that are rendered; others stay as comments. */
  readonly kustomizations: readonly string[]
}

/** A commented config of what was found. */
export function proposeConfig(facts: ProjectFacts, decisions: Decisions): ConfigMap {
  return mapping({
    variables: variables(facts),
    services: services(facts, decisions),
    manifests: manifests(facts, decisions),
  })
}

/** Every one with a default, so that the config is whole where the environment has none of them. */
function variables({ variables, folder }: ProjectFacts): ConfigNode | undefined {
  if (variables.length === 0) return undefined
  const entries = variables.map(name => {
    const value = /NAMESPACE/i.test(name) ? nameFrom(folder) : ''
    return [name, mapping({ env: scalar(name), default: scalar(value) })] as const
  })
  return withComment(
    mapping(Object.fromEntries(entries)),
    'What stands for $NAME in the manifests: the value of the environment, else the default.',
  )
}

function services(facts: ProjectFacts, { pairs, alone }: Decisions): ConfigNode | undefined {
  const isBare = facts.images.length === 0
  // Without manifests there is nothing to pair with: what can be built is built.
  const built = isBare ? alone.map(({ dockerfile }) => ({ dockerfile, image: undefined })) : pairs
  // Any tag of the repository is meant.
  const images = built.map(({ dockerfile, image }) =>
    withoutTag(image?.image ?? imageNameOf(dockerfile, facts)),
  )
  const names = serviceNames(images)
  const entries = built.flatMap(({ dockerfile }, index) => {
    const image = images[index] ?? ''
    const name = names.get(image)
    return name === undefined ? [] : [[name, serviceOf(dockerfile, { name, image, names })] as const]
  })
  const comment = [
    'What is built and watched: one image each. The files that its Dockerfile copies start a build.',
    ...(isBare ? [] : alone).flatMap(({ dockerfile, why }) => [
      `${dockerfile.path}: ${why}`,
      `  ${dockerfile.names[0] ?? 'web'}: { context: ${dockerfile.context} }`,
    ]),
  ].join('\n')
  return entries.length === 0 && (isBare || alone.length === 0)
    ? undefined
    : withComment(mapping(Object.fromEntries(entries)), comment)
}

function serviceOf(
  dockerfile: FoundDockerfile,
  of: { readonly name: string; readonly image: string; readonly names: ReadonlyMap<string, string> },
): ConfigMap {
  const { context, target, buildArgs, bases, secrets } = dockerfile
  const file = posix.relative(context, dockerfile.path)
  const requires = bases.flatMap(({ arg, image }) => {
    const service = of.names.get(withoutTag(image))
    return service === undefined || !isMadeHere(image) ? [] : [{ service, arg }]
  })
  const made = mapping({
    context: context === of.name ? undefined : scalar(context),
    dockerfile: file === 'Dockerfile' ? undefined : scalar(file),
    image: of.image === of.name ? undefined : scalar(of.image),
    target: target === undefined ? undefined : scalar(target),
    buildArgs: Object.keys(buildArgs).length === 0 ? undefined : nodeOf(buildArgs),
    requires: requires.length === 0 ? undefined : nodeOf(requires),
  })
  return withComment(made, secrets.length === 0 ? undefined : secretsComment(secrets))
}

/** Where a secret is on this machine is not written anywhere in a repository. */
const secretsComment = (ids: readonly string[]): string =>
  `Its Dockerfile mounts build secrets; say where they are: secrets: [${ids.map(id => `{ id: ${id}, file: … }`).join(', ')}]`

const imageNameOf = (dockerfile: FoundDockerfile, { dockerfiles }: ProjectFacts): string =>
  dockerfile.image ?? baseImageOf(dockerfile, dockerfiles)?.image ?? nameFrom(dockerfile.names[0] ?? '')

/** A folder's name as that of an image or a namespace. */
const nameFrom = (folder: string): string =>
  folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '') || 'web'

/** Folders that people keep manifests in. */
const MANIFEST_FOLDER = /^(k8s|kube|kubernetes|manifests?|deploy|deployments?|infra)$/i

function manifests(facts: ProjectFacts, { kustomizations, foreign }: Decisions): ConfigNode | undefined {
  const entries: ConfigNode[] = [
    ...rawFolders(facts.manifests).map(path => rawEntry(path, facts)),
    ...kustomizations.map(path => mapping({ kustomize: scalar(path) })),
    ...facts.charts.map(path => mapping({ helm: scalar(path) })),
  ]
  const others = facts.kustomizations.filter(path => !kustomizations.includes(path))
  const comment = [
    'What is applied, in this order.',
    ...(others.length === 0 ? [] : [`Other kustomizations: ${others.join(', ')}`]),
    ...(foreign.length === 0
      ? []
      : [
          'Images that nothing here builds; they are pulled, or taken from the local Docker:',
          ...foreign.map(({ image, file }) => `  ${image} (${file})`),
        ]),
  ].join('\n')
  return entries.length === 0 ? undefined : withComment(list(entries), comment)
}

/** The folders that hold the files, each as far up as its name says that it holds manifests; files at the top by themselves. */
export function rawFolders(files: readonly string[]): readonly string[] {
  const folders = files.map(file => {
    const parts = file.split('/').slice(0, -1)
    const named = parts.findIndex(part => MANIFEST_FOLDER.test(part))
    return parts.length === 0 ? file : parts.slice(0, named === -1 ? parts.length : named + 1).join('/')
  })
  const once = [...new Set(folders)]
  return once.filter(folder => !once.some(other => other !== folder && isBelow(folder, other)))
}

/** What other entries or nobody renders is left out of a folder. */
function rawEntry(path: string, facts: ProjectFacts): ConfigNode {
  const claimed = [...facts.kustomized, ...facts.charts].filter(folder => isBelow(folder, path))
  const top = claimed.filter(folder => !claimed.some(other => other !== folder && isBelow(folder, other)))
  if (top.length === 0) return scalar(path)
  return mapping({
    path: scalar(path),
    exclude: nodeOf(top.map(folder => `${posix.relative(path, folder)}/**`)),
  })
}
