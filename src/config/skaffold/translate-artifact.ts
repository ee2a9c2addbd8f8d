import { isAbsolute, join, relative, resolve } from 'node:path'
import { type ConfigMap, type ConfigNode, list, mapping, plainOf, scalar } from './config-node.js'
import { isFalse, isTrue, itemsOf, nodeAt, type SourceNode, textOf } from './source-node.js'
import { translateBuildArgs } from './translate-build-args.js'
import { translateHooks } from './translate-hooks.js'
import { translateSync } from './translate-sync.js'
import { absolutePath, evaluated, evaluatedScalar, pathInConfig, type Translation } from './translation.js'

/** Builders that devloop has no counterpart of; what each needs instead. */
const OTHER_BUILDERS = ['bazel', 'buildpacks', 'custom', 'jib', 'ko'] as const
const PLATFORM = /^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9_.]+)?$/

interface ArtifactPlace {
  readonly name: string
  readonly image: string
  /** Names of services by their images. */
  readonly services: ReadonlyMap<string, string>
  /** `build.platforms`, for artifacts that name none. */
  readonly platforms: SourceNode | undefined
}

/** Whether devloop can build an artifact; it is told where it cannot, and where it does otherwise. */
export function isBuildable(node: SourceNode, translation: Translation): boolean {
  const other = OTHER_BUILDERS.find(name => hasField(node, name))
  if (other === undefined) return true
  const context = absolutePath(node, textOf(contextOf(node)) ?? '.')
  const { fact } = findDockerfile(node, { builder: undefined, context }, translation)
  return tellOther(node, { other, found: fact?.kind === 'file' }, translation)
}

const contextOf = (node: SourceNode): SourceNode | undefined =>
  nodeAt(node, 'context') ?? nodeAt(node, 'workspace')

/** An artifact that devloop can build, as a service. */
export function translateArtifact(
  node: SourceNode,
  place: ArtifactPlace,
  translation: Translation,
): ConfigMap {
  const contextNode = contextOf(node)
  const written = textOf(contextNode) ?? '.'
  const context = absolutePath(node, written)
  const kaniko = nodeAt(node, 'kaniko')
  const builder = nodeAt(node, 'docker') ?? kaniko
  const dockerfile = findDockerfile(node, { builder, context }, translation)
  const buildArgs = translateBuildArgs(nodeAt(builder, 'buildArgs'), translation)
  const target = nodeAt(builder, 'target')
  const inRoot = pathInConfig(contextNode ?? node, written, translation.root)
  // The rules of sync are made from its WORKDIR and its COPY.
  if (nodeAt(node, 'sync') !== undefined) translation.dependsOn(dockerfile.at)
  return mapping(
    {
      context: inRoot === place.name ? undefined : scalar(inRoot, contextNode ?? node),
      dockerfile:
        dockerfile.path === 'Dockerfile'
          ? undefined
          : scalar(dockerfile.path, nodeAt(builder, 'dockerfile') ?? node),
      image: place.image === place.name ? undefined : scalar(place.image, nodeAt(node, 'image')),
      target: evaluatedScalar(target, translation),
      platform: platformOf(nodeAt(node, 'platforms') ?? place.platforms, translation),
      buildArgs,
      secrets: secretsOf(nodeAt(builder, 'secrets'), translation),
      requires: requiresOf(nodeAt(node, 'requires'), place, translation),
      hooks: hooksOf(node, context, translation),
      sync: translateSync(
        nodeAt(node, 'sync'),
        {
          dockerfile: dockerfile.fact,
          target: textOf(target),
          buildArgs: knownArgs(buildArgs, translation),
          inContext: path => translation.fileAt(resolve(context, path)),
        },
        translation,
      ),
    },
    node,
  )
}

const hasField = (node: SourceNode, name: string): boolean => node.kind === 'map' && node.fields.has(name)

const WHAT_TO_DO: Readonly<Record<(typeof OTHER_BUILDERS)[number], string>> = {
  bazel:
    'devloop builds Dockerfiles; write one that copies what bazel built, with bazel as a hook beforeBuild',
  buildpacks: 'devloop builds Dockerfiles; write one (`pack` shows in its output what it installs)',
  custom:
    'devloop builds Dockerfiles; where the command ends with docker build, name its Dockerfile and put what comes before into a hook beforeBuild',
  jib: 'devloop builds Dockerfiles; write one that copies the jar, with the Maven or Gradle build as a hook beforeBuild',
  ko: 'devloop builds Dockerfiles; write one with `go build` in a first stage',
}

/** Whether the artifact can be built all the same: by a Dockerfile in its folder. */
function tellOther(
  node: SourceNode,
  { other, found }: { readonly other: (typeof OTHER_BUILDERS)[number]; readonly found: boolean },
  { report }: Translation,
): boolean {
  const place = (node.kind === 'map' ? node.fields.get(other) : undefined) ?? node
  if (found) report(place, 'partly', `the Dockerfile in the folder of the artifact is built instead of it`)
  else report(place, 'not', `${WHAT_TO_DO[other]}. Until then the artifact is left out`)
  return found
}

/** Skaffold looks for a Dockerfile from the context first, then from its own folder. */
function findDockerfile(
  node: SourceNode,
  { builder, context }: { readonly builder: SourceNode | undefined; readonly context: string },
  translation: Translation,
) {
  const given = evaluated(nodeAt(builder, 'dockerfile'), translation) ?? 'Dockerfile'
  const inContext = resolve(context, given)
  const fact = translation.fileAt(inContext)
  const fromFile = absolutePath(node, given)
  if (fact?.kind === 'file' || isAbsolute(given)) return { path: given, at: inContext, fact }
  const other = translation.fileAt(fromFile)
  if (other?.kind !== 'file') return { path: join(given).replaceAll('\\', '/'), at: inContext, fact }
  return { path: relative(context, fromFile).replaceAll('\\', '/'), at: fromFile, fact: other }
}

function platformOf(node: SourceNode | undefined, { report }: Translation): ConfigNode | undefined {
  const [first, ...others] = itemsOf(node)
  if (node === undefined || first === undefined) return undefined
  const platform = textOf(first) ?? ''
  if (others.length > 0) {
    report(
      node,
      'partly',
      "an image of devloop is for one platform: the engine's own, which is that of a local cluster",
    )
    return undefined
  }
  if (PLATFORM.test(platform)) return scalar(platform, first)
  report(first, 'not', `"${platform}" is no OS/ARCHITECTURE, as in linux/amd64`)
  return undefined
}

function secretsOf(node: SourceNode | undefined, { root, report }: Translation): ConfigNode | undefined {
  const secrets = itemsOf(node).flatMap(secret => {
    const id = nodeAt(secret, 'id')
    const src = nodeAt(secret, 'src')
    const env = nodeAt(secret, 'env')
    const name = textOf(id)
    const file = textOf(src)
    if (name === undefined) {
      report(secret, 'not', 'it has no id')
      return []
    }
    return [
      mapping(
        src === undefined || file === undefined
          ? // As docker has it: without a source, the variable with the name of the secret.
            { id: scalar(name, id), env: scalar(textOf(env) ?? name, env ?? id) }
          : { id: scalar(name, id), file: scalar(pathInConfig(src, file, root), src) },
        secret,
      ),
    ]
  })
  return secrets.length === 0 ? undefined : list(secrets, node)
}

function requiresOf(
  node: SourceNode | undefined,
  { services }: ArtifactPlace,
  translation: Translation,
): ConfigNode | undefined {
  const required = itemsOf(node).flatMap(entry => {
    const image = evaluated(nodeAt(entry, 'image'), translation)
    const alias = nodeAt(entry, 'alias')
    const service = image === undefined ? undefined : services.get(image)
    const arg = textOf(alias) ?? image ?? ''
    if (service === undefined) {
      translation.report(entry, 'not', `no artifact that devloop builds has the image "${image ?? ''}"`)
      return []
    }
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(arg)) {
      translation.report(entry, 'not', `"${arg}" is no name that an ARG can have; give it an alias`)
      return []
    }
    return [
      mapping({ service: scalar(service, nodeAt(entry, 'image')), arg: scalar(arg, alias ?? entry) }, entry),
    ]
  })
  return required.length === 0 ? undefined : list(required, node)
}

function hooksOf(node: SourceNode, context: string, translation: Translation): ConfigNode | undefined {
  const stage = (at: 'hooks' | 'sync', when: 'before' | 'after'): ConfigNode | undefined =>
    translateHooks(
      itemsOf(at === 'hooks' ? nodeAt(node, 'hooks', when) : nodeAt(node, 'sync', 'hooks', when)),
      context,
      translation,
    )
  const hooks = mapping(
    {
      beforeBuild: stage('hooks', 'before'),
      afterBuild: stage('hooks', 'after'),
      beforeSync: stage('sync', 'before'),
      afterSync: stage('sync', 'after'),
    },
    nodeAt(node, 'hooks') ?? nodeAt(node, 'sync', 'hooks'),
  )
  return hooks.fields.size === 0 ? undefined : hooks
}

/** The values of build arguments as far as they are known now. */
function knownArgs(node: ConfigNode | undefined, { env }: Translation): Readonly<Record<string, string>> {
  const args = node === undefined ? {} : (plainOf(node) as Readonly<Record<string, unknown>>)
  return Object.fromEntries(
    Object.entries(args).flatMap(([name, value]) => {
      if (typeof value !== 'object' || value === null) return [[name, String(value)]]
      const { env: variable, default: fallback } = value as {
        readonly env: string
        readonly default?: string
      }
      const known = env[variable] ?? fallback
      return known === undefined ? [] : [[name, known]]
    }),
  )
}

/** `build.local`: what Docker is asked for. */
export function tellLocalBuild(
  local: SourceNode | undefined,
  { report }: Translation,
): ConfigNode | undefined {
  const push = nodeAt(local, 'push')
  if (push !== undefined && isTrue(push))
    report(
      push,
      'partly',
      'images go to the nodes of a local cluster without a registry; for another one name it: cluster.context.registry',
    )
  const buildKit = nodeAt(local, 'useBuildkit')
  if (buildKit !== undefined && isFalse(buildKit))
    report(buildKit, 'not', 'devloop builds through BuildKit where the engine has it')
  const concurrency = nodeAt(local, 'concurrency')
  if (concurrency?.kind !== 'scalar' || typeof concurrency.value !== 'number') return undefined
  if (concurrency.value >= 1)
    return mapping({ concurrency: scalar(concurrency.value, concurrency) }, concurrency)
  report(
    concurrency,
    'partly',
    'there is always a limit: as many as CPUs, at most 4; build.concurrency sets another',
  )
  return undefined
}
