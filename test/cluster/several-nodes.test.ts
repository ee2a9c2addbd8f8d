import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKindProvider } from '../../src/adapters/kind/kind-provider.js'
import { runInNode } from '../../src/adapters/load/node-process.js'
import { createRecordedRunner } from '../../src/testing/recorded-runner.js'
import { eventually } from './rig/eventually.js'
import { classic, createLoaderRig, engines, nodeConfig, nodeEngine } from './rig/loader-rig.js'

const NAME = `devloop-test-${randomBytes(4).toString('hex')}`
const CONTROL_PLANE = `${NAME}-control-plane`
const WORKER = `${NAME}-worker`
const NODES = [CONTROL_PLANE, WORKER]

const quiet = () => ({
  signal: new AbortController().signal,
  onProgress: () => undefined,
  onNotice: (message: string) => expect.unreachable(message),
})

/** A container of the node image that runs containerd and nothing else: all that a node is to a loader. */
async function startNode(name: string, role: string): Promise<void> {
  const { Config } = await nodeEngine.getContainer('dev-control-plane').inspect()
  const container = await nodeEngine.createContainer({
    name,
    Image: Config.Image,
    Entrypoint: ['containerd'],
    Cmd: [],
    Labels: { 'io.x-k8s.kind.cluster': NAME, 'io.x-k8s.kind.role': role },
    HostConfig: {
      Privileged: true,
      NetworkMode: 'none',
      // An empty disk of its own: no overlay on an overlay, and nothing of the node image's store.
      Mounts: [
        {
          Type: 'volume',
          Source: '',
          Target: '/var/lib/containerd',
          VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } },
        },
      ],
    },
  })
  await container.start()
  await containerdAnswers(name)
}

const containerdAnswers = (node: string) =>
  eventually(async () => {
    expect((await runInNode(nodeEngine, node, ['ctr', 'version'])).exitCode).toBe(0)
  })

beforeAll(async () => {
  await Promise.all([startNode(CONTROL_PLANE, 'control-plane'), startNode(WORKER, 'worker')])
})

afterAll(async () => {
  for (const node of NODES) await nodeEngine.getContainer(node).remove({ force: true, v: true })
})

describe.each(engines)('loading into two nodes from the $store', from => {
  const rig = createLoaderRig(from, () => NODES)
  const { createLoader, fileOnNode, folder, makeBase, makeImage } = rig
  beforeAll(rig.open)
  afterAll(rig.close)

  it('brings images that share a base to both at once, the base once', async () => {
    const loader = createLoader()
    const bytes = 4_000_000
    const base = await makeBase(bytes)
    const images = [await makeImage(base), await makeImage(base), await makeImage(base)]
    const loaded = await Promise.all(images.map(image => loader.load(image, quiet())))
    const sent = loaded.map(result => (result.ok ? result.value.sentBytes : Number.NaN))
    expect(sent.filter(count => count > bytes)).toHaveLength(1)
    expect(sent.reduce((sum, count) => sum + count, 0)).toBeLessThan(1.5 * bytes)
    for (const image of images) expect(await fileOnNode(image)).toBe(image)
    await loader.close()
  })

  it('sends an image to the node that lacks it and to no other', async () => {
    const imports: string[] = []
    const breakImport = (node: string) => {
      imports.push(node)
      return false
    }
    // A node that joined after the first load: what that load learned is kept.
    const stateFolder = join(folder(), 'joined')
    const one = createLoader({ stateFolder, nodes: [CONTROL_PLANE] })
    const both = createLoader({ stateFolder, breakImport })
    const image = await makeImage()
    expect(await one.load(image, quiet())).toMatchObject({ ok: true })
    expect(await one.missing([image])).toEqual({ ok: true, value: [] })
    expect(await both.missing([image])).toEqual({ ok: true, value: [image] })
    expect(await both.load(image, quiet())).toMatchObject({ ok: true })
    expect(await both.load(image, quiet())).toMatchObject({ ok: true, value: { method: 'present' } })
    expect(imports).toEqual([WORKER])
    expect(await fileOnNode(image)).toBe(image)
    await Promise.all([one.close(), both.close()])
  })

  it('names the node that does not take an image, and brings it to both as soon as that one does', async () => {
    let broken = true
    const loader = createLoader({ breakImport: node => broken && node === WORKER })
    const image = await makeImage()
    expect(await loader.load(image, { ...quiet(), onNotice: () => undefined })).toMatchObject({
      ok: false,
      error: { kind: 'image-load-failed', image, node: WORKER },
    })
    expect(await loader.missing([image])).toEqual({ ok: true, value: [image] })
    expect(await nodeConfig(WORKER, image)).toBeUndefined()
    broken = false
    expect(await loader.load(image, quiet())).toMatchObject({ ok: true })
    expect(await loader.missing([image])).toEqual({ ok: true, value: [] })
    expect(await fileOnNode(image)).toBe(image)
    await loader.close()
  })
})

describe('the nodes of a kind cluster', () => {
  it('are its control plane and its workers, and one that was stopped is started', async () => {
    let nodes: (() => Promise<unknown>) | undefined
    const rig = createLoaderRig(classic, () => NODES)
    const provider = createKindProvider({
      name: NAME,
      image: undefined,
      config: undefined,
      docker: async () => nodeEngine,
      runner: createRecordedRunner({}),
      createLoader: needs => {
        nodes = needs.nodes
        return rig.createLoader()
      },
    })
    provider.loader()
    await nodeEngine.getContainer(WORKER).kill()
    expect(await nodes?.()).toEqual({ ok: true, value: expect.arrayContaining(NODES) })
    await containerdAnswers(WORKER)
  })
})
