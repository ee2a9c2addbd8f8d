import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import Docker from 'dockerode'
import { extract, pack } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createNodeImageLoader } from '../../src/adapters/load/node-image-loader.js'
import { runInNode } from '../../src/adapters/load/node-process.js'
import { configOnNode, parseNodeImages } from '../../src/core/load/node-images.js'
import { describeImageLoader } from '../../src/testing/image-loader-contract.js'
import { attestedImage } from './attested-image.js'

const NODE = 'dev-control-plane'
const PREFIX = `devloop-test/load-${randomBytes(4).toString('hex')}`
const nodeEngine = new Docker({ socketPath: '/var/run/docker.sock' })
const second = new Docker({ socketPath: '/run/newer-engine.sock' })
const secondAnswers = await second.ping().then(
  () => true,
  () => false,
)
const engines = [
  { name: 'classic store', engine: nodeEngine, answers: true },
  { name: 'containerd store', engine: second, answers: secondAnswers },
]

describe.each(engines.filter(({ answers }) => answers))(
  'loading into kind from the $name',
  ({ engine, name: store }) => {
    const made: string[] = []
    let folder = ''
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'image-loader-'))
    })
    afterAll(async () => {
      for (const image of made.reverse()) {
        await engine.getImage(image).remove({ force: true })
        await runInNode(nodeEngine, NODE, ['ctr', '-n', 'k8s.io', 'images', 'rm', `docker.io/${image}`])
      }
      await rm(folder, { recursive: true, force: true })
    })

    const newReference = () => {
      const reference = `${PREFIX}:${randomBytes(6).toString('hex')}`
      made.push(reference)
      return reference
    }

    async function build(reference: string, base: string, file: string | Buffer, target: string) {
      const context = pack()
      context.entry({ name: 'Dockerfile' }, `FROM ${base}\nCOPY file ${target}\n`)
      context.entry({ name: 'file' }, file)
      context.finalize()
      const stream = await engine.buildImage(context as unknown as NodeJS.ReadableStream, {
        t: reference,
        networkmode: 'none',
      })
      await new Promise<void>((resolve, reject) =>
        engine.modem.followProgress(stream, error => (error ? reject(error) : resolve())),
      )
      return reference
    }

    const createLoader = ({
      slow = false,
      breakImport,
      stateFolder = join(folder, randomBytes(4).toString('hex')),
    }: {
      readonly slow?: boolean
      readonly breakImport?: () => boolean
      readonly stateFolder?: string
    } = {}) =>
      createNodeImageLoader({
        images: async () => engine,
        nodeEngine: async () =>
          breakImport === undefined ? nodeEngine : withBrokenImports(nodeEngine, breakImport),
        nodes: async () => ({ ok: true, value: [NODE] }),
        stateFolder,
        localEngine: !slow,
      })

    async function nodeConfig(reference: string) {
      const listed = await runInNode(nodeEngine, NODE, ['ctr', '-n', 'k8s.io', 'images', 'ls'])
      return configOnNode(parseNodeImages(listed.stdout), `docker.io/${reference}`)
    }

    // The container that a pod would get: the file of the new layer, and the base below it.
    async function fileOnNode(reference: string) {
      const shown = await runInNode(nodeEngine, NODE, [
        'sh',
        '-c',
        `m=$(mktemp -d) && ctr -n k8s.io images mount "$1" $m >/dev/null 2>&1 && test -x $m/bin/busybox && cat $m/file; umount $m; rmdir $m`,
        'sh',
        `docker.io/${reference}`,
      ])
      return shown.stdout
    }

    describeImageLoader(() => ({
      createLoader,
      makeImage: (base = 'busybox:1.35') => {
        const reference = newReference()
        return build(reference, base, reference, '/file')
      },
      makeBase: bytes => build(newReference(), 'busybox:1.35', randomBytes(bytes), '/large'),
      async rename(target, reference) {
        const at = reference.lastIndexOf(':')
        await engine.getImage(target).tag({ repo: reference.slice(0, at), tag: reference.slice(at + 1) })
      },
      fileOnNode,
      configOnNode: nodeConfig,
      configInEngine: reference => savedConfig(engine, reference),
    }))

    it('remembers from one run to the next which layers the engine need not send', async () => {
      const stateFolder = join(folder, 'kept')
      const bytes = 4_000_000
      const base = await build(newReference(), 'busybox:1.35', randomBytes(bytes), '/large')
      const signal = new AbortController().signal
      for (const expected of [bytes, 0]) {
        const loader = createLoader({ stateFolder })
        const reference = newReference()
        await build(reference, base, reference, '/file')
        const loaded = await loader.load(reference, {
          signal,
          onProgress: () => undefined,
          onNotice: message => expect.unreachable(message),
        })
        await loader.close()
        expect(loaded).toMatchObject({ ok: true, value: { method: 'sparse-push' } })
        const sent = loaded.ok ? loaded.value.sentBytes : -1
        expect(sent).toBeGreaterThanOrEqual(expected)
        expect(sent).toBeLessThan(expected + 100_000)
      }
    })

    it.runIf(store === 'classic store')('saves without the layers that the node has', async () => {
      const bytes = 4_000_000
      const base = await build(newReference(), 'busybox:1.35', randomBytes(bytes), '/large')
      const loader = createLoader({ slow: true })
      for (const turn of ['first', 'second']) {
        const reference = newReference()
        await build(reference, base, reference, '/file')
        const loaded = await loader.load(reference, {
          signal: new AbortController().signal,
          onProgress: () => undefined,
          onNotice: message => expect.unreachable(message),
        })
        expect(loaded).toMatchObject({ ok: true, value: { method: 'filtered-save' } })
        if (turn === 'second' && loaded.ok) {
          expect(loaded.value.sentLayers).toBe(1)
          expect(loaded.value.sentBytes).toBeLessThan(100_000)
        }
        expect(await fileOnNode(reference)).toBe(reference)
      }
    })

    it.runIf(store === 'containerd store').each([
      { slow: false, method: 'sparse-push' },
      { slow: true, method: 'save' },
    ])('takes the image out of an index with an attestation by $method', async ({ slow, method }) => {
      const reference = newReference()
      await engine
        .loadImage(attestedImage(reference) as unknown as NodeJS.ReadableStream)
        .then(
          stream =>
            new Promise<void>((resolve, reject) =>
              engine.modem.followProgress(stream, error => (error ? reject(error) : resolve())),
            ),
        )
      const loader = createLoader({ slow })
      const load = () =>
        loader.load(reference, {
          signal: new AbortController().signal,
          onProgress: () => undefined,
          onNotice: message => expect.unreachable(message),
        })
      expect(await load()).toMatchObject({ ok: true, value: { method } })
      expect(await load()).toMatchObject({ ok: true, value: { method: 'present' } })
      await loader.close()
      expect(await fileOnNode(reference)).toBe(reference)
    })
  },
)

/** An engine whose imports into nodes get the beginning of their archive only, where `broken` says so. */
function withBrokenImports(engine: Docker, broken: () => boolean): Docker {
  const getContainer = (id: string) => {
    const container = engine.getContainer(id)
    const exec = container.exec.bind(container)
    container.exec = ((options: Docker.ExecCreateOptions) => {
      const command = options.Cmd ?? []
      if (!command.includes('import') || !broken()) return exec(options)
      return exec({ ...options, Cmd: ['sh', '-c', 'head -c 700 | "$@"', 'sh', ...command] })
    }) as typeof container.exec
    return container
  }
  return new Proxy(engine, {
    get: (target, key) => (key === 'getContainer' ? getContainer : Reflect.get(target, key)),
  })
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
