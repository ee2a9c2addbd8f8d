import { expect, it } from 'vitest'
import type { ImageLoader, LoadOptions } from '../ports/image-loader.js'

/** What the contract needs of the place where it runs. */
export interface ImageLoaderSubject {
  readonly createLoader: () => ImageLoader
  /** Makes an image on a shared base in the engine and gives its reference; each call makes another top layer. */
  readonly makeImage: () => Promise<string>
  /** What `/file` holds in the image as the node would run it; the image was made with its own reference in it. */
  readonly fileOnNode: (reference: string) => Promise<string>
}

/** Registers the tests that every loader of a local cluster must pass. */
export function describeImageLoader(subject: () => ImageLoaderSubject): void {
  const quiet = (signal = new AbortController().signal): LoadOptions => ({
    signal,
    onProgress: () => undefined,
    onNotice: message => expect.unreachable(message),
  })

  it('brings an image to the node once, and then only the layers that are new', async () => {
    const { createLoader, makeImage, fileOnNode } = subject()
    const loader = createLoader()
    try {
      const [first, second] = [await makeImage(), await makeImage()]
      expect(await loader.missing([first, second])).toEqual({ ok: true, value: [first, second] })
      expect(await loader.load(first, quiet())).toMatchObject({ ok: true, value: { reference: first } })
      expect(await loader.load(first, quiet())).toMatchObject({ ok: true, value: { method: 'present' } })
      expect(await loader.load(second, quiet())).toMatchObject({
        ok: true,
        value: { method: 'sparse-push', sentLayers: 1 },
      })
      expect(await loader.missing([first, second])).toEqual({ ok: true, value: [] })
      expect(await fileOnNode(second)).toBe(second)
    } finally {
      await loader.close()
    }
  })

  it('says that the engine has no such image', async () => {
    const loader = subject().createLoader()
    expect(await loader.load('devloop-test/absent:none', quiet())).toMatchObject({
      ok: false,
      error: { kind: 'image-load-failed', image: 'devloop-test/absent:none' },
    })
    await loader.close()
  })

  it('leaves nothing bad behind when it is aborted', async () => {
    const { createLoader, makeImage, fileOnNode } = subject()
    const loader = createLoader()
    const image = await makeImage()
    const abort = new AbortController()
    const loading = loader.load(image, { ...quiet(abort.signal), onProgress: () => abort.abort() })
    expect(await loading).toEqual({ ok: false, error: { kind: 'cancelled' } })
    expect(await loader.load(image, quiet())).toMatchObject({ ok: true })
    expect(await fileOnNode(image)).toBe(image)
    await loader.close()
  })
}
