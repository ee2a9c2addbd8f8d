import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeImageLoader } from '../../src/testing/image-loader-contract.js'
import { attestedImage } from './attested-image.js'
import { createLoaderRig, engines, pushingWhere } from './rig/loader-rig.js'

const NODE = 'dev-control-plane'

describe.each(engines)('loading into kind from the $store', from => {
  const { engine, store } = from
  const rig = createLoaderRig(from, () => [NODE])
  const { build, createLoader, fileOnNode, newReference } = rig
  beforeAll(rig.open)
  afterAll(rig.close)

  describeImageLoader(() => rig, from.ways)

  it('does not bring again, in a session that has made ready for it, what another has brought', async () => {
    const stateFolder = join(rig.folder(), 'brought')
    const reference = newReference()
    await build(reference, 'busybox:1.35', reference, '/file')
    for (const method of ['sparse-push', 'present']) {
      const loader = createLoader({ stateFolder })
      await loader.prepare?.(undefined)
      const loaded = await loader.load(reference, {
        signal: new AbortController().signal,
        onProgress: () => undefined,
        onNotice: message => expect.unreachable(message),
      })
      await loader.close()
      expect(loaded).toMatchObject({ ok: true, value: { method } })
    }
  })

  it('remembers from one run to the next which layers the engine need not send', async () => {
    const stateFolder = join(rig.folder(), 'kept')
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

  it('takes no other way where the engine goes away, and its quick way again when it is back', async () => {
    const gone = Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
    let isGone = true
    const loader = createLoader({ engine: pushingWhere(engine, () => !isGone, gone) })
    const options = {
      signal: new AbortController().signal,
      onProgress: () => undefined,
      onNotice: (message: string) => expect.unreachable(message),
    }
    const reference = newReference()
    await build(reference, 'busybox:1.35', reference, '/file')
    expect(await loader.load(reference, options)).toMatchObject({
      ok: false,
      error: { kind: 'engine-unreachable' },
    })
    isGone = false
    expect(await loader.load(reference, options)).toMatchObject({
      ok: true,
      value: { method: 'sparse-push' },
    })
    await loader.close()
    expect(await fileOnNode(reference)).toBe(reference)
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
})
