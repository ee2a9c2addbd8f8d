import {
  fieldsOf,
  itemsOf,
  listAt,
  mapAt,
  nodeAt,
  type SourceMap,
  type SourceNode,
  scalarAt,
  textOf,
  withFields,
} from './source-node.js'

/**
 * A document of any version from v2beta1 on in the shape of v4, so that one translation serves them all: what v2 renders under `deploy` is under
 * `manifests`, as Skaffold's own upgrade has it. Helm releases stay under `deploy`, where v4 may have them, too. Every value keeps its place.
 */
export function normalise(document: SourceMap): SourceMap {
  const pipeline = normalisePipeline(document, isOld(document))
  const profiles = nodeAt(pipeline, 'profiles')
  if (profiles === undefined) return pipeline
  return withFields(pipeline, {
    profiles: listAt(
      profiles,
      itemsOf(profiles).map(profile =>
        profile.kind === 'map' ? withPatches(normalisePipeline(profile, isOld(document))) : profile,
      ),
    ),
  })
}

/** `skaffold/v2beta29` and before: manifests are named under `deploy`. */
const isOld = (document: SourceMap): boolean =>
  /^skaffold\/v[12]/.test(textOf(nodeAt(document, 'apiVersion')) ?? '')

function normalisePipeline(pipeline: SourceMap, old: boolean): SourceMap {
  const build = nodeAt(pipeline, 'build')
  const artifacts = nodeAt(build, 'artifacts')
  const withArtifacts =
    build?.kind === 'map' && artifacts !== undefined
      ? withFields(pipeline, {
          build: withFields(build, {
            artifacts: listAt(artifacts, itemsOf(artifacts).map(normaliseArtifact)),
          }),
        })
      : pipeline
  return old ? withManifests(withArtifacts) : withArtifacts
}

/** `docker.secret` of v2beta15 and before is a list with one secret now; `buildpack` is called `buildpacks`. */
function normaliseArtifact(artifact: SourceNode): SourceNode {
  if (artifact.kind !== 'map') return artifact
  const docker = nodeAt(artifact, 'docker')
  const secret = nodeAt(docker, 'secret')
  const buildpack = artifact.fields.get('buildpack')
  return withFields(artifact, {
    ...(docker?.kind === 'map' && secret !== undefined
      ? { docker: withFields(docker, { secret: undefined, secrets: listAt(secret, [secret]) }) }
      : {}),
    ...(buildpack === undefined ? {} : { buildpack: undefined, buildpacks: buildpack }),
  })
}

function withManifests(pipeline: SourceMap): SourceMap {
  const deploy = nodeAt(pipeline, 'deploy')
  if (deploy?.kind !== 'map') return pipeline
  const kubectl = deploy.fields.get('kubectl')
  const kustomize = deploy.fields.get('kustomize')
  if (kubectl === undefined && kustomize === undefined) return pipeline
  const place = kubectl ?? kustomize ?? deploy
  const manifests = mapAt(place, {
    rawYaml:
      kubectl === undefined
        ? undefined
        : (nodeAt(kubectl, 'manifests') ?? listAt(kubectl, [scalarAt(kubectl, 'k8s/*.yaml')])),
    kustomize:
      kustomize === undefined
        ? undefined
        : mapAt(kustomize, {
            paths: nodeAt(kustomize, 'paths') ?? listAt(kustomize, [scalarAt(kustomize, '.')]),
            buildArgs: nodeAt(kustomize, 'buildArgs'),
          }),
  })
  return withFields(pipeline, {
    manifests,
    deploy: withFields(deploy, { kustomize: undefined, kubectl: mergeDeployers(kubectl, kustomize) }),
  })
}

/** What v2 says of how kubectl applies the output of Kustomize is said of kubectl alone in v4. */
function mergeDeployers(
  kubectl: SourceNode | undefined,
  kustomize: SourceNode | undefined,
): SourceNode | undefined {
  const place = kubectl ?? kustomize
  if (place === undefined) return undefined
  const hooks = (when: string) => [
    ...itemsOf(nodeAt(kubectl, 'hooks', when)),
    ...itemsOf(nodeAt(kustomize, 'hooks', when)),
  ]
  const hooksPlace = nodeAt(kubectl, 'hooks') ?? nodeAt(kustomize, 'hooks')
  return mapAt(place, {
    ...Object.fromEntries(fieldsOf(kubectl).filter(([key]) => key !== 'manifests')),
    defaultNamespace: nodeAt(kubectl, 'defaultNamespace') ?? nodeAt(kustomize, 'defaultNamespace'),
    hooks:
      hooksPlace === undefined
        ? undefined
        : mapAt(hooksPlace, {
            before: listAt(hooksPlace, hooks('before')),
            after: listAt(hooksPlace, hooks('after')),
          }),
  })
}

const MOVED: readonly (readonly [string, string])[] = [
  ['/deploy/kubectl/manifests', '/manifests/rawYaml'],
  ['/deploy/kustomize/paths', '/manifests/kustomize/paths'],
  ['/deploy/kustomize/buildArgs', '/manifests/kustomize/buildArgs'],
  ['/deploy/kustomize', '/deploy/kubectl'],
]

/** Patches of a profile name the fields where v2 has them. */
function withPatches(profile: SourceMap): SourceMap {
  const patches = nodeAt(profile, 'patches')
  if (patches === undefined) return profile
  const moved = (node: SourceNode | undefined): SourceNode | undefined => {
    const path = textOf(node)
    const [from, to] = MOVED.find(([old]) => path === old || path?.startsWith(`${old}/`)) ?? []
    return node === undefined || path === undefined || from === undefined || to === undefined
      ? node
      : scalarAt(node, `${to}${path.slice(from.length)}`)
  }
  return withFields(profile, {
    patches: listAt(
      patches,
      itemsOf(patches).map(patch =>
        patch.kind === 'map'
          ? withFields(patch, {
              path: moved(patch.fields.get('path')),
              from: moved(patch.fields.get('from')),
            })
          : patch,
      ),
    ),
  })
}
