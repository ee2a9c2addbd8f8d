import { describe, expect, it } from 'vitest'
import { createRecordedRunner, type RecordedOutput } from '../../testing/recorded-runner.js'
import { createRegistryImageLoader } from './registry-image-loader.js'

const REGISTRY = 'registry.example.com/dev'
const IMAGE = 'shop/web:dev-c593aa08b66f'
const TARGET = `${REGISTRY}/${IMAGE}`

/** As Docker 20.10 says it. */
const PUSHED = `The push refers to repository [${REGISTRY}/shop/web]
bd1b117d8a9f: Preparing
a5fa18ee74f6: Preparing
77d4f1a1b2c3: Preparing
a5fa18ee74f6: Layer already exists
77d4f1a1b2c3: Mounted from dev/shop/api
bd1b117d8a9f: Pushed
dev-c593aa08b66f: digest: sha256:5dd9ceb266e0011b668442e0f14e6fdbafc47ad0c83b52c3d755232c0d5df25e size: 740
`

function load(options: {
  readonly image?: string
  readonly registry?: string | undefined
  readonly target?: string
  readonly push?: RecordedOutput
  readonly tag?: RecordedOutput
}) {
  const { image = IMAGE, target = TARGET, push = { stdout: PUSHED }, tag = {} } = options
  const registry = 'registry' in options ? options.registry : REGISTRY
  const runner = createRecordedRunner({
    [`docker tag ${image} ${target}`]: tag,
    [`docker push ${target}`]: push,
    [`docker rmi --no-prune ${target}`]: {},
  })
  const loader = createRegistryImageLoader({ context: 'staging', registry, runner })
  const loaded = loader.load(image, {
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onNotice: message => expect.unreachable(message),
  })
  return loaded.then(result => ({ result, ran: runner.ran }))
}

describe('pushing to the registry of a context', () => {
  it('names the image there, counts the layers that went, and leaves no second name behind', async () => {
    const { result, ran } = await load({})
    expect(result).toEqual({
      ok: true,
      value: { method: 'registry-push', sentBytes: 0, sentLayers: 1, totalLayers: 3, reference: TARGET },
    })
    expect(ran).toEqual([
      `docker tag ${IMAGE} ${TARGET}`,
      `docker push ${TARGET}`,
      `docker rmi --no-prune ${TARGET}`,
    ])
  })

  it.each([
    { image: 'web:dev-1', registry: '127.0.0.1:5000', target: '127.0.0.1:5000/web:dev-1' },
    { image: 'web:dev-1', registry: 'host.example/team/', target: 'host.example/team/web:dev-1' },
    { image: 'ghcr.io/shop/web:dev-1', registry: 'host.example', target: 'host.example/shop/web:dev-1' },
  ])('names $image in $registry $target', async options => {
    expect((await load(options)).result).toMatchObject({ ok: true, value: { reference: options.target } })
  })

  it('keeps the name of an image that is named after the registry already', async () => {
    const { result, ran } = await load({ image: TARGET })
    expect(result).toMatchObject({ ok: true, value: { reference: TARGET } })
    expect(ran).toEqual([`docker tag ${TARGET} ${TARGET}`, `docker push ${TARGET}`])
  })

  it.each([
    {
      why: 'nothing answers',
      stderr: 'Get "https://registry.example.com/v2/": dial tcp 192.0.2.1:443: connect: connection refused',
      hint: undefined,
    },
    { why: 'the login lacks', stderr: 'unauthorized: authentication required', hint: undefined },
    {
      why: 'plain HTTP is refused',
      stderr: 'Get "https://registry.example.com/v2/": http: server gave HTTP response to HTTPS client',
      hint: expect.stringContaining('insecure-registries'),
    },
  ])("tells docker's own words where $why", async ({ stderr, hint }) => {
    const stdout = 'The push refers to repository [registry.example.com/dev/shop/web]'
    const { result, ran } = await load({ push: { stdout, stderr, exitCode: 1 } })
    expect(result).toEqual({
      ok: false,
      error: { kind: 'image-load-failed', image: IMAGE, method: 'registry-push', message: stderr, hint },
    })
    expect(ran).toContain(`docker rmi --no-prune ${TARGET}`)
  })

  it('says that the local Docker has no such image', async () => {
    const stderr = `Error response from daemon: No such image: ${IMAGE}`
    const { result, ran } = await load({ tag: { stderr, exitCode: 1 } })
    expect(result).toMatchObject({ ok: false, error: { kind: 'image-load-failed', absent: true } })
    expect(ran).toHaveLength(1)
  })

  it.each([
    { registry: undefined, error: { kind: 'cluster-refused', reason: 'no-registry' } },
    {
      registry: 'https://registry.example.com',
      error: { kind: 'image-load-failed', message: expect.stringContaining('HOST[:PORT][/PATH]') },
    },
  ])('runs nothing where the registry is $registry', async ({ registry, error }) => {
    expect(await load({ registry })).toMatchObject({ result: { ok: false, error }, ran: [] })
  })

  it('says that there is no docker program', async () => {
    const runner = createRecordedRunner({})
    const loader = createRegistryImageLoader({ context: 'staging', registry: REGISTRY, runner })
    const signal = new AbortController().signal
    expect(
      await loader.load(IMAGE, { signal, onProgress: () => undefined, onNotice: () => undefined }),
    ).toMatchObject({ ok: false, error: { kind: 'command-failed', reason: 'not-found' } })
  })
})
