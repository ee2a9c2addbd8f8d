import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { relative } from 'node:path'
import { glob } from 'tinyglobby'
import { hasWildcard } from '../../core/context/go-match.js'
import { matchesService, normalizeImageRef } from '../../core/image-ref.js'
import { cancelled, type Problem, type SourceRange } from '../../core/problem.js'
import type { PathPair, ProcessImage } from '../../core/process/process-image.js'
import { readProcessImage, type SkippedRun } from '../../core/process/read-process-image.js'
import { standInImage } from '../../core/process/stand-in-image.js'
import type { ServiceSpec } from '../../core/project.js'
import { err, ok, type Result } from '../../core/result.js'
import type { BuildRequest, ImageBuilder, LocalImage } from '../../ports/image-builder.js'
import type { ImageStore } from '../../ports/image-store.js'
import { missingPackages } from './node-packages.js'
import { missingProgram, type StartedProgram } from './program-file.js'

export interface ProcessImages {
  readonly builder: ImageBuilder
  readonly store: ImageStore
  /** What an image runs: one that was built here, or that the config has a command for. Undefined: only a cluster can run it. */
  imageOf(reference: string): ProcessImage | undefined
  /** A sentence where what the image would start with is not on this machine; undefined where nothing is known to be missing. */
  missingProgram(reference: string, program: StartedProgram): Promise<string | undefined>
}

interface Built {
  readonly local: LocalImage
  readonly image: ProcessImage
  readonly runs: readonly SkippedRun[]
  readonly builtAt: number
}

/**
 * Images without an engine: to build one is to read its Dockerfile. Its id is made of what it is built of, so that a save is a new image. They are in
 * memory alone: another session reads them again.
 */
export function createProcessImages(options: {
  /** The folder of the config: commands of the config run there. */
  readonly root: string
  /** `cluster.process.images` */
  readonly images: Readonly<Record<string, string | readonly string[]>>
}): ProcessImages {
  const byId = new Map<string, Built>()
  const names = new Map<string, string>()
  const commandFor = (reference: string) =>
    Object.entries(options.images).find(([image]) => matchesService(reference, image))?.[1]

  const standIn = (reference: string): Built | undefined => {
    const command = commandFor(reference)
    if (command === undefined) return undefined
    const image = standInImage(command, options.root)
    return { image, local: localImage(image, 0), runs: [], builtAt: 0 }
  }
  const find = (reference: string): Built | undefined =>
    byId.get(reference) ?? byId.get(names.get(nameOf(reference)) ?? '') ?? standIn(reference)

  async function build(request: BuildRequest): Promise<Result<Built>> {
    const command = commandFor(request.service.image)
    if (command !== undefined) {
      const image = standInImage(command, request.service.context)
      return ok({ image, local: localImage([image, inputsOf(request)], 0), runs: [], builtAt: Date.now() })
    }
    const read = await readImage(request, reference => find(reference)?.image)
    if (!read.ok) return read
    const local = localImage([read.value.image, inputsOf(request)], request.snapshot.bytes)
    return ok({ ...read.value, local, builtAt: Date.now() })
  }

  return {
    imageOf: reference => find(reference)?.image,
    missingProgram: (reference, program) => missingProgram(program, find(reference)?.runs ?? []),
    builder: {
      info: async () =>
        ok({
          endpoint: 'this machine',
          version: process.versions.node,
          apiVersion: process.versions.node.split('.').slice(0, 2).join('.'),
          store: 'classic',
          buildKit: true,
        }),
      async build(request, { signal }) {
        if (signal.aborted) return err(cancelled)
        const built = await build(request)
        if (!built.ok) return built
        if (signal.aborted) return err(cancelled)
        const { local } = built.value
        byId.set(local.id, built.value)
        return ok(local)
      },
      inspect: async reference => ok(find(reference)?.local),
      async tag(id, reference) {
        if (byId.has(id)) names.set(nameOf(reference), id)
        return ok(undefined)
      },
    },
    store: {
      list: async () =>
        ok(
          [...byId].map(([id, { builtAt }]) => ({
            id,
            references: [...names].flatMap(([name, of]) => (of === id ? [name] : [])),
            createdAt: builtAt,
            uniqueBytes: 0,
            containers: 0,
          })),
        ),
      async removeReference(reference) {
        const name = nameOf(reference)
        const id = names.get(name)
        names.delete(name)
        if (id !== undefined && ![...names.values()].includes(id)) byId.delete(id)
        return ok(true)
      },
    },
  }
}

const nameOf = (reference: string): string => normalizeImageRef(reference) ?? reference

const inputsOf = ({ service, snapshot, buildArgs }: BuildRequest) => [
  snapshot.digest,
  snapshot.dockerfile,
  service.target ?? '',
  Object.entries(buildArgs).sort(),
]

function localImage(made: unknown, bytes: number): LocalImage {
  const digest = createHash('sha256').update(JSON.stringify(made)).digest('hex')
  return { id: `sha256:${digest}`, diffIds: [], bytes, architecture, os: 'linux' }
}

/** As Docker names it. */
const architecture = process.arch === 'x64' ? 'amd64' : process.arch

async function readImage(
  { service, snapshot, buildArgs }: BuildRequest,
  imageOf: (reference: string) => ProcessImage | undefined,
): Promise<Result<Pick<Built, 'image' | 'runs'>>> {
  const read = readProcessImage({
    dockerfile: snapshot.dockerfile,
    target: service.target,
    platform: service.platform ?? `linux/${architecture}`,
    context: service.context,
    files: snapshot.files,
    buildArgs,
    imageOf,
  })
  if (!read.ok) {
    const { message, line, hint } = read.error
    return err({
      kind: 'context-invalid',
      service: service.name,
      message,
      ...(line === undefined ? {} : { range: lineOf(service.dockerfile, line, snapshot.dockerfile) }),
      ...(hint === undefined ? {} : { hint }),
    })
  }
  const { image, runs } = read.value
  const missing = await missingPackages(runs)
  if (missing !== undefined) return err(notInstalled(service, missing, snapshot.dockerfile))
  return ok({ image: { ...image, paths: await Promise.all(image.paths.map(presentPath)) }, runs })
}

/** A pattern of what a tool makes, as in `target/*.jar`, as its newest match; itself where there is none. */
async function presentPath(pair: PathPair): Promise<PathPair> {
  if (!hasWildcard(pair.host)) return pair
  const found = await glob(pair.host, { absolute: true, expandDirectories: false, onlyFiles: false })
  const dated = await Promise.all(found.map(async path => ({ path, at: (await stat(path)).mtimeMs })))
  const [newest] = dated.sort((a, b) => b.at - a.at)
  return newest === undefined ? pair : { ...pair, host: newest.path }
}

function notInstalled(
  service: ServiceSpec,
  { run, folder, names }: NonNullable<Awaited<ReturnType<typeof missingPackages>>>,
  dockerfile: string,
): Problem {
  const shown = names.slice(0, 3).join(', ')
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  const where = relative(service.context, folder)
  return {
    kind: 'context-invalid',
    service: service.name,
    message: `${shown}${more} ${names.length === 1 ? 'is' : 'are'} not installed in ${folder}: the Dockerfile does that with RUN ${run.text}, which is not run for processes`,
    range: lineOf(service.dockerfile, run.line, dockerfile),
    hint: `run npm ci (or what you install with) in ${folder}, or have devloop run it: services: { ${service.name}: { hooks: { beforeBuild: { run: npm ci${where === '' ? '' : `, cwd: ${where}`}, inputs: [package-lock.json], outputs: [node_modules/.package-lock.json] } } } }`,
  }
}

function lineOf(file: string, line: number, text: string): SourceRange {
  const length = text.split('\n')[line - 1]?.length ?? 0
  return { file, line, column: 1, endLine: line, endColumn: length + 1 }
}
