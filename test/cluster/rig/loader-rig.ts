import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import Docker from 'dockerode'
import { extract, pack } from 'tar-stream'
import { createNodeImageLoader } from '../../../src/adapters/load/node-image-loader.js'
import { runInNode } from '../../../src/adapters/load/node-process.js'
import type { TransferMethod } from '../../../src/core/load/choose-method.js'
import { configOnNode, parseNodeImages } from '../../../src/core/load/node-images.js'
import type { ImageLoader } from '../../../src/ports/image-loader.js'
import type { ImageLoaderSubject } from '../../../src/testing/image-loader-contract.js'
import { kindLoad } from './kind-load.js'

const NODE_ENGINE = '/var/run/docker.sock'
const SECOND_ENGINE = '/run/newer-engine.sock'

/** The engine whose containers the nodes are. */
export const nodeEngine = new Docker({ socketPath: NODE_ENGINE })
const second = new Docker({ socketPath: SECOND_ENGINE })
const secondAnswers = await second.ping().then(
  () => true,
  () => false,
)

export interface TestEngine {
  readonly store: 'classic store' | 'containerd store'
  readonly engine: Docker
  readonly socket: string
  /** Every way that can bring its images to a node of kind. */
  readonly ways: readonly TransferMethod[]
}

export const classic: TestEngine = {
  store: 'classic store',
  engine: nodeEngine,
  socket: NODE_ENGINE,
  ways: ['sparse-push', 'filtered-save', 'save', 'provider-load'],
}
const containerd: TestEngine = {
  store: 'containerd store',
  engine: second,
  socket: SECOND_ENGINE,
  ways: ['sparse-push', 'save', 'provider-load'],
}

/** The engines that answer here. */
export const engines = secondAnswers ? [classic, containerd] : [classic]

/** Images made in an engine, loaders that bring them to nodes, and what the nodes have then. */
export interface LoaderRig extends ImageLoaderSubject {
  readonly createLoader: (options?: LoaderOptions) => ImageLoader
  /** A folder that lasts as long as the rig. */
  readonly folder: () => string
  /** A reference that nothing has yet. It is removed everywhere at the end. */
  readonly newReference: () => string
  /** Makes an image of `base` and one file. */
  readonly build: (reference: string, base: string, file: string | Buffer, target: string) => Promise<string>
  readonly open: () => Promise<void>
  readonly close: () => Promise<void>
}

interface LoaderOptions {
  readonly slow?: boolean
  readonly only?: TransferMethod
  readonly breakImport?: (node: string) => boolean
  readonly stateFolder?: string
  /** Other nodes than the rig's. */
  readonly nodes?: readonly string[]
  /** Stands for the rig's. */
  readonly engine?: Docker
}

export function createLoaderRig(
  { engine, socket, ways }: TestEngine,
  nodes: () => readonly string[],
): LoaderRig {
  const prefix = `devloop-test/load-${randomBytes(4).toString('hex')}`
  const made: string[] = []
  let folder = ''
  const newReference = () => {
    const reference = `${prefix}:${randomBytes(6).toString('hex')}`
    made.push(reference)
    return reference
  }
  const build: LoaderRig['build'] = async (reference, base, file, target) => {
    const context = pack()
    context.entry({ name: 'Dockerfile' }, `FROM ${base}\nCOPY file ${target}\n`)
    context.entry({ name: 'file' }, file)
    context.finalize()
    const stream = await engine.buildImage(context as unknown as NodeJS.ReadableStream, {
      t: reference,
      networkmode: 'none',
    })
    // An engine says in its output that a build failed, and ends it well.
    const said = await new Promise<readonly { readonly error?: string }[]>((resolve, reject) =>
      engine.modem.followProgress(stream, (error, events) => (error ? reject(error) : resolve(events))),
    )
    const failure = said.find(({ error }) => error !== undefined)
    if (failure !== undefined) throw new Error(`${reference} was not built upon ${base}: ${failure.error}`)
    return reference
  }
  return {
    newReference,
    build,
    folder: () => folder,
    open: async () => {
      folder = await mkdtemp(join(tmpdir(), 'image-loader-'))
    },
    close: async () => {
      const names = made.map(image => `docker.io/${image}`)
      for (const node of nodes())
        await runInNode(nodeEngine, node, ['ctr', '-n', 'k8s.io', 'images', 'rm', ...names])
      for (const image of made.reverse()) await engine.getImage(image).remove({ force: true })
      await rm(folder, { recursive: true, force: true })
    },
    createLoader: ({ slow, only, breakImport: breaks, stateFolder, nodes: names, engine: other } = {}) => {
      const breakImport = breaks ?? (only === undefined ? undefined : breaksBefore(only, ways))
      return createNodeImageLoader({
        images: async () => other ?? engine,
        nodeEngine: async () =>
          breakImport === undefined ? nodeEngine : withBrokenImports(nodeEngine, breakImport),
        nodes: async () => ({ ok: true, value: names ?? nodes() }),
        stateFolder: stateFolder ?? join(folder, randomBytes(4).toString('hex')),
        localEngine: slow !== true,
        ...(only === 'provider-load' ? { providerLoad: kindLoad(folder, socket) } : {}),
      })
    },
    makeImage: (base = 'busybox:1.35') => {
      const reference = newReference()
      return build(reference, base, reference, '/file')
    },
    makeBase: bytes => build(newReference(), 'busybox:1.35', randomBytes(bytes), '/large'),
    removeFromNodes: async reference => {
      for (const node of nodes()) {
        const name = `docker.io/${reference}`
        const config = await nodeConfig(node, reference)
        await runInNode(nodeEngine, node, [
          'ctr',
          '-n',
          'k8s.io',
          'images',
          'rm',
          '--sync',
          name,
          config ?? name,
        ])
      }
    },
    rename: async (target, reference) => {
      const at = reference.lastIndexOf(':')
      await engine.getImage(target).tag({ repo: reference.slice(0, at), tag: reference.slice(at + 1) })
    },
    fileOnNode: async reference =>
      same(await Promise.all(nodes().map(node => fileOnNode(node, reference)))) ?? '',
    filesOnNode: async reference => {
      const [files = [], ...others] = await Promise.all(nodes().map(node => filesOnNode(node, reference)))
      return others.every(other => other.join() === files.join()) ? files : ['the nodes differ']
    },
    filesInEngine: reference => filesInEngine(engine, reference),
    configOnNode: async reference =>
      same(await Promise.all(nodes().map(node => nodeConfig(node, reference)))),
    configInEngine: reference => savedConfig(engine, reference),
  }
}

/** Breaks the imports of each load into one node until it is the turn of the way that is wanted; the cluster's own tool imports by itself. */
function breaksBefore(wanted: TransferMethod, ways: readonly TransferMethod[]): () => boolean {
  if (wanted === 'provider-load') return () => true
  const before = ways.indexOf(wanted)
  let imports = 0
  return () => imports++ % (before + 1) < before
}

/** What all nodes have; where they differ, all of it, which is like nothing that is expected. */
function same(values: readonly (string | undefined)[]): string | undefined {
  return values.every(value => value === values[0]) ? values[0] : values.join(' and ')
}

export async function nodeConfig(node: string, reference: string): Promise<string | undefined> {
  // Only this image's names: a table of all reads the content of each.
  const script =
    'ls="ctr -n k8s.io images ls"; d=$($ls name=="$1" | awk \'NR > 1 { print $3 }\'); test -z "$d" || $ls target.digest=="$d"'
  const listed = await runInNode(nodeEngine, node, ['sh', '-c', script, 'sh', `docker.io/${reference}`])
  return configOnNode(parseNodeImages(listed.stdout), `docker.io/${reference}`)
}

// The container that a pod would get: the file of the new layer, and the base below it.
async function fileOnNode(node: string, reference: string): Promise<string> {
  const shown = await runInNode(nodeEngine, node, [
    'sh',
    '-c',
    `m=$(mktemp -d) && ctr -n k8s.io images mount "$1" $m >/dev/null 2>&1 && test -x $m/bin/busybox && cat $m/file; umount $m; rmdir $m`,
    'sh',
    `docker.io/${reference}`,
  ])
  return shown.stdout
}

async function filesOnNode(node: string, reference: string): Promise<readonly string[]> {
  const { stdout } = await runInNode(nodeEngine, node, [
    'sh',
    '-c',
    // An archive goes through base64, for what programs print here is taken for text.
    'm=$(mktemp -d) && ctr -n k8s.io images mount "$1" $m >/dev/null 2>&1 && tar -C $m --numeric-owner -cf - . | base64 -w 0; umount $m; rmdir $m',
    'sh',
    `docker.io/${reference}`,
  ])
  return entriesOf(Readable.from([Buffer.from(stdout, 'base64')]))
}

async function filesInEngine(engine: Docker, reference: string): Promise<readonly string[]> {
  const container = await engine.createContainer({ Image: reference })
  try {
    return await entriesOf(await container.export())
  } finally {
    await container.remove()
  }
}

/** What an engine puts into every container. */
const ENGINES_OWN = /^(\.dockerenv|(dev|proc|sys)(\/.*)?|etc|etc\/(hostname|hosts|resolv\.conf|mtab))$/

/** Hard links are told by the first of their names, which archives do not agree upon: each is the file that it leads to. */
async function entriesOf(archive: NodeJS.ReadableStream): Promise<readonly string[]> {
  const entries = new Map<string, string>()
  const links = new Map<string, string>()
  const plain = (name: string) => name.replace(/^\.?\//, '').replace(/\/$/, '')
  for await (const entry of archive.pipe(extract())) {
    const { name, type, mode = 0, uid, gid, size, linkname } = entry.header
    const path = plain(name)
    const digest = createHash('sha256')
    for await (const chunk of entry as AsyncIterable<Buffer>) digest.update(chunk)
    if (path === '' || ENGINES_OWN.test(path)) continue
    if (type === 'link') links.set(path, plain(linkname ?? ''))
    else
      entries.set(
        path,
        `${type} ${(mode & 0o7777).toString(8)} ${uid}:${gid} ${linkname ?? size} ${digest.digest('hex')}`,
      )
  }
  for (const [path, target] of links) entries.set(path, entries.get(target) ?? `link to ${target}`)
  return [...entries].map(([path, what]) => `${path} ${what}`).toSorted()
}

/** An engine that can be looked at, but breaks off pushes and answers no ping as long as `works` says no. */
export function pushingWhere(engine: Docker, works: () => boolean, error: Error): Docker {
  const getImage = (name: string) => {
    const image = engine.getImage(name)
    const push = image.push.bind(image)
    image.push = (async (options?: Docker.ImagePushOptions) => {
      if (!works()) throw error
      return push(options)
    }) as typeof image.push
    return image
  }
  const ping = async () => {
    if (!works()) throw error
    return engine.ping()
  }
  return new Proxy(engine, {
    get: (target, key) =>
      key === 'getImage' ? getImage : key === 'ping' ? ping : Reflect.get(target, key, target),
  })
}

/** An engine whose imports into nodes get the beginning of their archive only, where `broken` says so. */
function withBrokenImports(engine: Docker, broken: (node: string) => boolean): Docker {
  const getContainer = (id: string) => {
    const container = engine.getContainer(id)
    const exec = container.exec.bind(container)
    container.exec = (async (options: Docker.ExecCreateOptions) => {
      const command = options.Cmd ?? []
      if (command.includes('import') && broken(id))
        return exec({ ...options, Cmd: ['sh', '-c', 'head -c 700 | "$@"', 'sh', ...command] })
      const created = await exec(options)
      const start = created.start.bind(created)
      created.start = (async (how: Docker.ExecStartOptions) =>
        breakOff(await start(how), () => broken(id))) as typeof created.start
      return created
    }) as typeof container.exec
    return container
  }
  return new Proxy(engine, {
    get: (target, key) => (key === 'getContainer' ? getContainer : Reflect.get(target, key)),
  })
}

/** A connection to the program that loads talk to, on which the archives of broken imports are nothing but zeros. */
function breakOff<T extends { write(...args: never[]): boolean }>(socket: T, broken: () => boolean): T {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean
  let breaks = false
  socket.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    if (typeof chunk === 'string') breaks = chunk.startsWith('import ') && broken()
    return write(typeof chunk === 'string' || !breaks ? chunk : Buffer.alloc(chunk.byteLength), ...rest)
  }) as typeof socket.write
  return socket
}

/** The config's digest as an archive of the image names it. */
async function savedConfig(engine: Docker, reference: string): Promise<string> {
  const archive = (await engine.getImage(reference).get()) as NodeJS.ReadableStream
  let manifest = '[]'
  for await (const entry of archive.pipe(extract())) {
    if (entry.header.name === 'manifest.json') manifest = await text(entry)
    else entry.resume()
  }
  const [saved] = JSON.parse(manifest) as readonly { readonly Config: string }[]
  return `sha256:${/[0-9a-f]{64}/.exec(saved?.Config ?? '')?.[0]}`
}
