import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import { pack } from 'tar-stream'
import { afterAll, beforeAll, describe } from 'vitest'
import { createNodeImageLoader } from '../../src/adapters/load/node-image-loader.js'
import { runInNode } from '../../src/adapters/load/node-process.js'
import { describeImageLoader } from '../../src/testing/image-loader-contract.js'

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

describe.each(engines.filter(({ answers }) => answers))('loading into kind from the $name', ({ engine }) => {
  const made: string[] = []
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'image-loader-'))
  })
  afterAll(async () => {
    for (const image of made) {
      await engine.getImage(image).remove({ force: true })
      await runInNode(nodeEngine, NODE, ['ctr', '-n', 'k8s.io', 'images', 'rm', `docker.io/${image}`])
    }
    await rm(folder, { recursive: true, force: true })
  })

  describeImageLoader(() => ({
    createLoader: () =>
      createNodeImageLoader({
        images: async () => engine,
        nodeEngine: async () => nodeEngine,
        nodes: async () => ({ ok: true, value: [NODE] }),
        stateFolder: folder,
        localEngine: true,
      }),
    async makeImage() {
      const reference = `${PREFIX}:${randomBytes(6).toString('hex')}`
      const context = pack()
      context.entry({ name: 'Dockerfile' }, 'FROM busybox:1.35\nCOPY file /file\n')
      context.entry({ name: 'file' }, reference)
      context.finalize()
      const stream = await engine.buildImage(context as unknown as NodeJS.ReadableStream, {
        t: reference,
        networkmode: 'none',
      })
      await new Promise<void>((resolve, reject) =>
        engine.modem.followProgress(stream as NodeJS.ReadableStream, error =>
          error ? reject(error) : resolve(),
        ),
      )
      made.push(reference)
      return reference
    },
    async fileOnNode(reference) {
      // The container that a pod would get: the file of the new layer, and the base below it.
      const shown = await runInNode(nodeEngine, NODE, [
        'sh',
        '-c',
        `m=$(mktemp -d) && ctr -n k8s.io images mount "$1" $m >/dev/null 2>&1 && test -x $m/bin/busybox && cat $m/file; umount $m; rmdir $m`,
        'sh',
        `docker.io/${reference}`,
      ])
      return shown.stdout
    },
  }))
})
