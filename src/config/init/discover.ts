import { posix } from 'node:path'
import { isMap, parseAllDocuments, parseDocument } from 'yaml'
import { normalizeImageRef, repositoryOf } from '../../core/image-ref.js'
import { variablesIn } from '../../core/manifest/check-object.js'
import { kustomizationNames } from '../../core/manifest/kustomization-names.js'
import { type ComposeBuild, composeBuilds } from './compose-builds.js'
import { isBelow } from './folders.js'
import type { FoundDockerfile, FoundImage, ProjectFacts } from './project-facts.js'
import { inferContext, readDockerfile } from './read-dockerfile.js'

type Read = (path: string) => Promise<string | undefined>
type Plain = Readonly<Record<string, unknown>>

const DOCKERFILE = /^(?:(?:Dockerfile|Containerfile)(?:\.([\w.-]+))?|([\w.-]+)\.Dockerfile)$/i
const COMPOSE = /^(docker-)?compose(\.[\w-]+)?\.ya?ml$/
const OWN_CONFIG = /^(dev\.config|skaffold)\.ya?ml$/
/** Suffixes of a Dockerfile that say what it is for, not what it builds. */
const PURPOSES = ['dev', 'development', 'prod', 'production', 'test', 'local', 'ci', 'debug', 'dockerignore']

const isDockerfile = (path: string): boolean =>
  DOCKERFILE.test(posix.basename(path)) && !path.endsWith('.dockerignore')

/** Finds Dockerfiles, manifests, kustomizations and charts among the files of a folder; `files` are relative to it. */
export async function discover(folder: string, files: readonly string[], read: Read): Promise<ProjectFacts> {
  const sorted = files.toSorted()
  const folderOf = (path: string): string => posix.dirname(path)
  const chartFolders = sorted.filter(path => posix.basename(path) === 'Chart.yaml').map(folderOf)
  const charts = chartFolders.filter(chart => !chartFolders.some(other => isBelow(chart, other)))
  const kustomizationFiles = sorted.filter(path => kustomizationNames.includes(posix.basename(path)))
  const kustomized = kustomizationFiles.map(folderOf)
  const bases = new Set<string>()
  const images: FoundImage[] = []
  const renames: { readonly name: string; readonly newName: string }[] = []
  const variables = new Set<string>()
  for (const file of kustomizationFiles) {
    const content = plainOf(await read(file))
    for (const reference of ['resources', 'bases', 'components'].flatMap(key => texts(content[key])))
      bases.add(posix.join(folderOf(file), reference))
    for (const image of listOf(content.images))
      if (typeof image.newName === 'string') {
        images.push({ image: image.newName, file })
        if (typeof image.name === 'string') renames.push({ name: image.name, newName: image.newName })
      }
  }
  const manifests: string[] = []
  const builds: ComposeBuild[] = []
  for (const file of sorted.filter(path => /\.(ya?ml|json)$/.test(path))) {
    const name = posix.basename(file)
    if (COMPOSE.test(name)) builds.push(...composeBuilds(plainOf(await read(file)), folderOf(file)))
    const chart = charts.find(one => isBelow(file, one))
    if (chart !== undefined) {
      if (file === posix.join(chart, 'values.yaml'))
        images.push(...valuesImages(plainOf(await read(file))).map(image => ({ image, file })))
      continue
    }
    if (COMPOSE.test(name) || OWN_CONFIG.test(name) || kustomizationNames.includes(name)) continue
    const objects = apiObjects(await read(file))
    if (objects.length === 0) continue
    images.push(...objects.flatMap(containerImages).map(image => ({ image, file })))
    if (kustomized.some(one => isBelow(file, one))) continue
    manifests.push(file)
    for (const name of objects.flatMap(variablesIn)) variables.add(name)
  }
  const dockerfiles: FoundDockerfile[] = []
  for (const path of sorted.filter(isDockerfile))
    dockerfiles.push(dockerfileOf(path, (await read(path)) ?? '', { folder, files: sorted, builds }))
  return {
    folder,
    dockerfiles,
    images: images
      .filter(
        ({ image }, index) =>
          images.findIndex(other => sameImage(other.image) === sameImage(image)) === index,
      )
      .map(image => withRenames(image, renames)),
    variables: [...variables],
    manifests,
    kustomizations: kustomized.filter(one => !bases.has(one)),
    kustomized,
    charts,
  }
}

/** An image with the names that kustomizations put in its place. */
function withRenames(
  image: FoundImage,
  renames: readonly { readonly name: string; readonly newName: string }[],
): FoundImage {
  const becomes = renames
    .filter(
      ({ name }) => repositoryOf(name) !== undefined && repositoryOf(name) === repositoryOf(image.image),
    )
    .map(({ newName }) => newName)
  return becomes.length === 0 ? image : { ...image, becomes }
}

interface Project {
  readonly folder: string
  readonly files: readonly string[]
  readonly builds: readonly ComposeBuild[]
}

function dockerfileOf(path: string, text: string, project: Project): FoundDockerfile {
  const match = DOCKERFILE.exec(posix.basename(path))
  const own = posix.dirname(path)
  const build = project.builds.find(({ dockerfile }) => dockerfile === path)
  const suffix = match?.[1] ?? match?.[2]
  const parts = own === '.' ? [project.folder] : own.split('/').toReversed()
  const target = build?.target
  return {
    path,
    context: build?.context ?? inferContext({ own, text, target }, project.files),
    names: [
      ...(suffix === undefined || PURPOSES.includes(suffix.toLowerCase()) ? [] : [suffix]),
      ...parts.slice(0, 1),
      ...(build === undefined ? [] : [build.service]),
      ...(parts.length > 1 ? [`${parts[1]}-${parts[0]}`] : []),
    ],
    image: build?.image,
    target,
    buildArgs: build?.buildArgs ?? {},
    ...readDockerfile(text),
  }
}

/** `web` and `web:latest` are one image. */
const sameImage = (image: string): string => normalizeImageRef(image) ?? image

/** `image: web` and `image: { repository: web }` anywhere in a chart's values. */
function valuesImages(values: Plain): readonly string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (key === 'image' && typeof value === 'string') return value === '' ? [] : [value]
    if (!isPlain(value)) return []
    const { registry, repository } = value
    if (/image$/i.test(key) && typeof repository === 'string' && repository !== '')
      return [typeof registry === 'string' && registry !== '' ? `${registry}/${repository}` : repository]
    return valuesImages(value)
  })
}

function apiObjects(text: string | undefined): readonly Plain[] {
  if (text === undefined || !/\bapiVersion\b/.test(text)) return []
  const documents = parseAllDocuments(text, { logLevel: 'silent' })
  if ('empty' in documents) return []
  return documents
    .filter(document => document.errors.length === 0 && isMap(document.contents))
    .map(document => document.toJS() as Plain)
    .filter(value => typeof value.apiVersion === 'string' && typeof value.kind === 'string')
}

function containerImages(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(containerImages)
  if (!isPlain(value)) return []
  return Object.entries(value).flatMap(([key, below]) =>
    /^(initC|c)ontainers$/.test(key)
      ? listOf(below).flatMap(container => (typeof container.image === 'string' ? [container.image] : []))
      : containerImages(below),
  )
}

function plainOf(text: string | undefined): Plain {
  if (text === undefined) return {}
  const document = parseDocument(text, { logLevel: 'silent' })
  const value: unknown = document.errors.length === 0 ? document.toJS() : undefined
  return isPlain(value) ? value : {}
}

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (value: unknown): readonly Plain[] => (Array.isArray(value) ? value.filter(isPlain) : [])
const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
