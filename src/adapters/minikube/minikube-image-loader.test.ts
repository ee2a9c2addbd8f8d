import { expect, it } from 'vitest'
import type { LocalImage } from '../../ports/image-builder.js'
import type { LoadOptions } from '../../ports/image-loader.js'
import { imageList } from '../../testing/minikube-outputs.js'
import { createRecordedRunner, type RecordedOutput } from '../../testing/recorded-runner.js'
import { createMinikubeImageLoader } from './minikube-image-loader.js'

const config = 'a'.repeat(64)
const image: LocalImage = {
  id: `sha256:${config}`,
  diffIds: ['sha256:base', 'sha256:top'],
  bytes: 5000,
  architecture: 'amd64',
  os: 'linux',
}
const LS = 'minikube image ls --format json -p shop'
const LOAD = 'minikube image load shop/api:1 -p shop --daemon=true'
const options: LoadOptions = {
  signal: new AbortController().signal,
  onProgress: () => undefined,
  onNotice: message => expect.unreachable(message),
}

/** Nodes that hold `before`, and `after` once minikube has loaded. */
function loader(nodes: {
  readonly before: string
  readonly after?: string
  readonly loading?: RecordedOutput
  readonly engine?: LocalImage | undefined
}) {
  let held = nodes.before
  const runner = createRecordedRunner({
    [LS]: () => ({ stdout: held }),
    [LOAD]: () => {
      held = nodes.after ?? held
      return nodes.loading ?? {}
    },
  })
  const engine = 'engine' in nodes ? nodes.engine : image
  const inspect = async () => ({ ok: true, value: engine }) as const
  return { runner, loader: createMinikubeImageLoader({ profile: 'shop', runner, images: { inspect } }) }
}

const tagged = (id: string) => imageList({ id, tags: ['docker.io/shop/api:1'] })

it('loads an image that is not there, and proves that it is then', async () => {
  const { loader: made, runner } = loader({ before: imageList(), after: tagged(config) })
  expect(await made.load('shop/api:1', options)).toEqual({
    ok: true,
    value: {
      method: 'provider-load',
      sentBytes: 5000,
      sentLayers: 2,
      totalLayers: 2,
      reference: 'shop/api:1',
    },
  })
  expect(runner.ran).toEqual([LS, LOAD, LS])
  expect(await made.load('shop/api:1', options)).toMatchObject({ ok: true, value: { method: 'present' } })
})

it.each([
  ['as containerd lists it', `sha256:${config}`, 'present'],
  ['as cri-o lists it', config, 'present'],
  ['another image of that name', 'b'.repeat(64), 'provider-load'],
])('tells what is there: %s', async (_name, id, method) => {
  const { loader: made } = loader({ before: tagged(id), after: tagged(config) })
  expect(await made.load('shop/api:1', options)).toMatchObject({ ok: true, value: { method } })
})

it('knows an image again whose id in the engine is no config digest', async () => {
  const engine = { ...image, id: `sha256:${'e'.repeat(64)}` }
  const { loader: made, runner } = loader({ before: imageList(), after: tagged(config), engine })
  for (const method of ['provider-load', 'present'])
    expect(await made.load('shop/api:1', options)).toMatchObject({ ok: true, value: { method } })
  expect(runner.ran.filter(line => line === LOAD)).toHaveLength(1)
})

it.each([
  [
    'that the engine has not',
    { before: imageList(), engine: undefined },
    { kind: 'image-load-failed', message: 'the local Docker has no such image', absent: true },
  ],
  [
    'that minikube fails to load',
    {
      before: imageList(),
      loading: { exitCode: 80, stderr: '❌  Exiting due to GUEST_IMAGE_LOAD: save to dir\n' },
    },
    { kind: 'command-failed', exitCode: 80 },
  ],
  [
    'that is not there although minikube says nothing',
    { before: imageList(), loading: { stderr: '! Unable to load image\n' } },
    { kind: 'image-load-failed', message: '! Unable to load image' },
  ],
  [
    'where the list cannot be read',
    { before: 'nonsense' },
    { kind: 'command-failed', output: ['its output is no list of images', 'nonsense'] },
  ],
] as const)('fails for an image %s', async (_name, nodes, error) => {
  expect(await loader(nodes).loader.load('shop/api:1', options)).toMatchObject({ ok: false, error })
})

it('is cancelled before it starts anything', async () => {
  const { loader: made, runner } = loader({ before: imageList() })
  const signal = AbortSignal.abort()
  expect(await made.load('shop/api:1', { ...options, signal })).toEqual({
    ok: false,
    error: { kind: 'cancelled' },
  })
  expect(runner.ran).toEqual([])
})
