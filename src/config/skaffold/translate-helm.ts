import { basename } from 'node:path'
import { type ConfigNode, list, mapping, nodeOf, plainOf, scalar } from './config-node.js'
import { type HelmValues, overrideValues, setValues } from './helm-values.js'
import { imageVariable, withoutDigest } from './image-variables.js'
import { fieldsOf, fileOf, isTrue, itemsOf, nodeAt, type SourceNode, textOf } from './source-node.js'
import { absolutePath, evaluated, evaluatedText, pathInConfig, type Translation } from './translation.js'

/** The releases of `manifests.helm` and `deploy.helm` as entries of `manifests`; one that is in both counts once. */
export function translateHelm(
  sections: readonly (SourceNode | undefined)[],
  images: readonly string[],
  translation: Translation,
): readonly ConfigNode[] {
  const seen = new Set<string>()
  return sections.flatMap(section =>
    itemsOf(nodeAt(section, 'releases')).flatMap(release => {
      const name = evaluated(nodeAt(release, 'name'), translation) ?? ''
      if (seen.has(name)) return []
      seen.add(name)
      return translateRelease(release, { name, images, flags: nodeAt(section, 'flags') }, translation)
    }),
  )
}

interface ReleasePlace {
  readonly name: string
  readonly images: readonly string[]
  readonly flags: SourceNode | undefined
}

function translateRelease(
  release: SourceNode,
  { name, images, flags }: ReleasePlace,
  translation: Translation,
): readonly ConfigNode[] {
  const { root, report } = translation
  const chart = nodeAt(release, 'chartPath')
  const chartPath = evaluated(chart, translation)
  const remote = nodeAt(release, 'remoteChart') ?? (isTrue(nodeAt(release, 'remote')) ? chart : undefined)
  const values = itemsOf(nodeAt(release, 'valuesFiles')).flatMap(file => {
    const path = evaluated(file, translation)
    return path === undefined ? [] : [scalar(pathInConfig(file, path, root), file)]
  })
  const set = [
    ...overrideValues(nodeAt(release, 'overrides'), translation),
    ...setValues(nodeAt(release, 'setValues')),
    ...templateValues(release, images, translation),
  ]
  const namespace = evaluated(nodeAt(release, 'namespace'), translation)
  const files = nodeAt(release, 'setFiles')
  const templateFlags = ['global', 'template'].flatMap(kind => itemsOf(nodeAt(flags, kind)))
  if (remote === undefined && files === undefined && templateFlags.length === 0) {
    if (chart === undefined || chartPath === undefined) {
      report(release, 'not', 'it names no chart')
      return []
    }
    tellDependencies(release, { chart, chartPath }, translation)
    return [
      mapping(
        {
          helm: scalar(pathInConfig(chart, chartPath, root), chart),
          release: scalar(name, nodeAt(release, 'name')),
          namespace: namespace === undefined ? undefined : scalar(namespace, nodeAt(release, 'namespace')),
          values: values.length === 0 ? undefined : list(values, nodeAt(release, 'valuesFiles')),
          set: set.length === 0 ? undefined : mapping(Object.fromEntries(set), release),
        },
        release,
      ),
    ]
  }
  const command = templateCommand(
    release,
    { name, chartPath, namespace, values, set, templateFlags },
    translation,
  )
  report(
    remote ?? files ?? templateFlags[0] ?? release,
    'partly',
    '`helm template` renders it as a command, so that hook Jobs of the chart do not run at their time',
  )
  return [command]
}

interface CommandParts {
  readonly name: string
  readonly chartPath: string | undefined
  readonly namespace: string | undefined
  readonly values: readonly ConfigNode[]
  readonly set: HelmValues
  readonly templateFlags: readonly SourceNode[]
}

/** What `helm:` of the config cannot say, said to helm itself. */
function templateCommand(
  release: SourceNode,
  { name, chartPath, namespace, values, set, templateFlags }: CommandParts,
  translation: Translation,
): ConfigNode {
  const { root } = translation
  const remote = evaluated(nodeAt(release, 'remoteChart'), translation)
  const chartNode = nodeAt(release, 'chartPath') ?? release
  const isRemote = isTrue(nodeAt(release, 'remote'))
  const local =
    chartPath === undefined ? '.' : isRemote ? chartPath : pathInConfig(chartNode, chartPath, root)
  const option = (flag: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [flag, value]
  const files = fieldsOf(nodeAt(release, 'setFiles')).flatMap(([key, file]) => {
    const path = evaluated(file, translation)
    return path === undefined ? [] : [[key, pathInConfig(file, path, root)] as const]
  })
  const argv = [
    'helm',
    'template',
    name,
    remote ?? (isRemote || local.startsWith('.') || local.startsWith('/') ? local : `./${local}`),
    ...option('--repo', evaluated(nodeAt(release, 'repo'), translation)),
    ...option('--version', evaluated(nodeAt(release, 'version'), translation)),
    '--include-crds',
    ...option('--namespace', namespace),
    ...values.flatMap(file => ['--values', String(plainOf(file))]),
    ...set.flatMap(([key, value]) => {
      const plain = plainOf(value)
      return [typeof plain === 'string' ? '--set-string' : '--set', `${key}=${escaped(String(plain))}`]
    }),
    ...files.flatMap(([key, path]) => ['--set-file', `${key}=${path}`]),
    ...templateFlags.flatMap(flag => textOf(flag) ?? []),
  ]
  const inputs = [
    // Without inputs it would run at each render: a chart that is far away changes with the file that names it.
    ...(remote === undefined && !isRemote ? [local] : [basename(fileOf(release))]),
    ...values.map(file => String(plainOf(file))),
    ...files.map(([, path]) => path),
  ]
  return mapping(
    {
      command: nodeOf(argv, release),
      inputs: nodeOf(inputs, release),
      name: scalar(name, nodeAt(release, 'name')),
      namespace: namespace === undefined ? undefined : scalar(namespace, nodeAt(release, 'namespace')),
    },
    release,
  )
}

const escaped = (value: string): string => value.replace(/[\\,{}]/g, '\\$&')

/** `setValueTemplates`, and `artifactOverrides` with `imageStrategy`, which v2 has for the same. */
function templateValues(
  release: SourceNode,
  images: readonly string[],
  translation: Translation,
): HelmValues {
  const lookup = (name: string): string | undefined => imageVariable(name, images) ?? translation.env[name]
  const templates = fieldsOf(nodeAt(release, 'setValueTemplates')).flatMap(([key, node]) =>
    leaves(key, node).flatMap(([path, leaf]): HelmValues => {
      const value = evaluatedText(leaf, withoutDigest(textOf(leaf) ?? ''), translation, lookup)
      return value === undefined ? [] : [[path, scalar(value, leaf)]]
    }),
  )
  const overrides = fieldsOf(nodeAt(release, 'artifactOverrides') ?? nodeAt(release, 'values')).flatMap(
    ([key, node]) =>
      leaves(key, node).flatMap(([path, leaf]) =>
        overrideParts(path, leaf, nodeAt(release, 'imageStrategy')),
      ),
  )
  return [...templates, ...overrides]
}

const leaves = (key: string, node: SourceNode): readonly (readonly [string, SourceNode])[] =>
  node.kind === 'map'
    ? fieldsOf(node).flatMap(([inner, one]) => leaves(`${key}.${inner}`, one))
    : [[key, node]]

function overrideParts(key: string, node: SourceNode, strategy: SourceNode | undefined): HelmValues {
  const image = textOf(node) ?? ''
  const part = (suffix: string, variable: string): HelmValues[number] => [
    `${key}.${suffix}`,
    scalar(imageVariable(`${variable}1`, [image]) ?? '', node),
  ]
  const helm = strategy?.kind === 'map' && strategy.fields.has('helm')
  if (!helm) return [[key, scalar(image, node)]]
  return isTrue(nodeAt(strategy, 'helm', 'explicitRegistry'))
    ? [part('registry', 'IMAGE_DOMAIN'), part('repository', 'IMAGE_REPO_NO_DOMAIN'), part('tag', 'IMAGE_TAG')]
    : [part('repository', 'IMAGE_REPO'), part('tag', 'IMAGE_TAG')]
}

/** Skaffold runs `helm dependency build` first; devloop does not write into charts. */
function tellDependencies(
  release: SourceNode,
  { chart, chartPath }: { readonly chart: SourceNode; readonly chartPath: string },
  { fileAt, report }: Translation,
): void {
  if (isTrue(nodeAt(release, 'skipBuildDependencies'))) return
  const folder = absolutePath(chart, chartPath)
  const file = fileAt(`${folder}/Chart.yaml`)
  if (file?.kind !== 'file' || !/^dependencies:/m.test(file.text)) return
  if (fileAt(`${folder}/charts`) !== undefined) return
  report(chart, 'partly', `its dependencies must be there: run \`helm dependency build ${chartPath}\` once`)
}
