import { expect, it } from 'vitest'
import type { TransferMethod } from '../core/load/choose-method.js'
import type { Result } from '../core/result.js'
import type { ImageLoader, LoadOptions, LoadReport } from '../ports/image-loader.js'

/** What the contract needs of the place where it runs. */
export interface ImageLoaderSubject {
  /** A loader with a memory of its own, unless `folder` names one. `slow`: without the way that sends new layers only. */
  readonly createLoader: (options?: {
    readonly slow?: boolean
    /** The one way whose imports pass; those of the ways before it break off. */
    readonly only?: TransferMethod
    /** Says for each import on a node whether it is to break off. */
    readonly breakImport?: (node: string) => boolean
  }) => ImageLoader
  /** Makes an image in the engine and gives its reference; each call makes another top layer, on `base` or one that all share. */
  readonly makeImage: (base?: string) => Promise<string>
  /** Makes an image with a new layer of so many incompressible bytes. */
  readonly makeBase: (bytes: number) => Promise<string>
  /** Takes an image with its layers, as far as no other image needs them, away from every node, behind the loaders' backs. */
  readonly removeFromNodes: (reference: string) => Promise<void>
  /** Lets `reference` name the image that `target` names. */
  readonly rename: (target: string, reference: string) => Promise<void>
  /** What `/file` holds in the image as the node would run it: the reference under which the image was made. */
  readonly fileOnNode: (reference: string) => Promise<string>
  /** Every entry of the image's file system, sorted: its kind, mode, owner, size or target, and path, with the content's digest of files; as the node would run it, and as the engine would. */
  readonly filesOnNode: (reference: string) => Promise<readonly string[]>
  readonly filesInEngine: (reference: string) => Promise<readonly string[]>
  /** The image's config digest as the node's runtime has it (undefined where it has no such name), and as the engine would save it. */
  readonly configOnNode: (reference: string) => Promise<string | undefined>
  readonly configInEngine: (reference: string) => Promise<string>
}

const quiet = (signal = new AbortController().signal): LoadOptions => ({
  signal,
  onProgress: () => undefined,
  onNotice: message => expect.unreachable(message),
})

/** Registers the tests that every loader of a local cluster must pass; `ways`: all that can bring an image of this engine. */
export function describeImageLoader(
  subject: () => ImageLoaderSubject,
  ways: readonly TransferMethod[],
): void {
  it('brings an image to the node once, and then only the layers that are new', async () => {
    const { createLoader, makeImage, fileOnNode, configOnNode, configInEngine } = subject()
    await using loader = disposable(createLoader())
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
    expect(await configOnNode(second)).toBe(await configInEngine(second))
  })

  it.each(ways)('gives the node what the engine has, by %s', async only => {
    const { createLoader, makeBase, makeImage, filesOnNode, filesInEngine, configOnNode, configInEngine } =
      subject()
    await using loader = disposable(createLoader({ only }))
    const base = await makeBase(100_000)
    const [first, image] = [await makeImage(base), await makeImage(base)]
    // The second comes with what the first left there.
    for (const one of [first, image])
      expect(reportOf(await loader.load(one, { ...quiet(), onNotice: () => undefined })).method).toBe(only)
    const files = await filesInEngine(image)
    expect(files.length).toBeGreaterThan(100)
    expect(await filesOnNode(image)).toEqual(files)
    expect(await configOnNode(image)).toBe(await configInEngine(image))
  })

  it('knows an image again that it has brought whole', async () => {
    const { createLoader, makeImage, fileOnNode, configOnNode, configInEngine } = subject()
    await using loader = disposable(createLoader({ slow: true }))
    const image = await makeImage()
    expect(reportOf(await loader.load(image, quiet())).method).toMatch(/save/)
    expect(await loader.load(image, quiet())).toMatchObject({ ok: true, value: { method: 'present' } })
    expect(await fileOnNode(image)).toBe(image)
    expect(await configOnNode(image)).toBe(await configInEngine(image))
  })

  it('is not deceived by a name that the node has for another image', async () => {
    const { createLoader, makeImage, rename, fileOnNode } = subject()
    await using loader = disposable(createLoader())
    const [name, other] = [await makeImage(), await makeImage()]
    reportOf(await loader.load(name, quiet()))
    await rename(other, name)
    expect(reportOf(await loader.load(name, quiet())).method).not.toBe('present')
    expect(await fileOnNode(name)).toBe(other)
    expect(await loader.load(name, quiet())).toMatchObject({ ok: true, value: { method: 'present' } })
  })

  it('sends a base that several images share once', async () => {
    const { createLoader, makeBase, makeImage, fileOnNode } = subject()
    await using loader = disposable(createLoader())
    const bytes = 4_000_000
    const base = await makeBase(bytes)
    const images = [
      await makeImage(base),
      await makeImage(base),
      await makeImage(base),
      await makeImage(base),
    ]
    const loaded = await Promise.all(images.map(image => loader.load(image, quiet())))
    const sent = loaded.map(result => reportOf(result).sentBytes)
    expect(sent.filter(count => count > bytes)).toHaveLength(1)
    expect(sent.reduce((sum, count) => sum + count, 0)).toBeLessThan(1.5 * bytes)
    for (const image of images) expect(await fileOnNode(image)).toBe(image)
  })

  it('brings a base before any image that needs it', async () => {
    const { createLoader, makeBase, makeImage, fileOnNode } = subject()
    await using loader = disposable(createLoader())
    const bytes = 4_000_000
    const base = await makeBase(bytes)
    const image = await makeImage(base)
    await loader.prepare?.(base)
    expect(reportOf(await loader.load(image, quiet())).sentBytes).toBeLessThan(bytes)
    expect(await fileOnNode(image)).toBe(image)
  })

  it('takes another way where an import fails, and says so once', async () => {
    const { createLoader, makeImage, fileOnNode } = subject()
    const imports = new Map<string, number>()
    const breakImport = (node: string) => {
      const earlier = imports.get(node) ?? 0
      imports.set(node, earlier + 1)
      return earlier % 2 === 0
    }
    await using loader = disposable(createLoader({ breakImport }))
    const notices: string[] = []
    for (const image of [await makeImage(), await makeImage()]) {
      const options = { ...quiet(), onNotice: (message: string) => notices.push(message) }
      expect(reportOf(await loader.load(image, options)).method).toMatch(/save/)
      expect(await fileOnNode(image)).toBe(image)
    }
    expect(new Set(imports.values())).toEqual(new Set([4]))
    expect(notices).toEqual([expect.stringMatching(/failed \(.+\); trying another way/)])
  })

  it('leaves no bad name where every way fails, and the good one that was there', async () => {
    const { createLoader, makeImage, rename, fileOnNode, configOnNode } = subject()
    await using good = disposable(createLoader())
    await using bad = disposable(createLoader({ breakImport: () => true }))
    const [image, other] = [await makeImage(), await makeImage()]
    const loud = { ...quiet(), onNotice: () => undefined }
    expect(await bad.load(image, loud)).toMatchObject({
      ok: false,
      error: { kind: 'image-load-failed', image, node: expect.any(String) },
    })
    expect(await configOnNode(image)).toBeUndefined()
    expect(await bad.missing([image])).toEqual({ ok: true, value: [image] })
    reportOf(await good.load(image, quiet()))
    await rename(other, image)
    expect(await bad.load(image, loud)).toMatchObject({ ok: false })
    expect(await fileOnNode(image)).toBe(image)
  })

  it('brings layers again that went from the node while it worked', async () => {
    const { createLoader, makeBase, makeImage, removeFromNodes, fileOnNode } = subject()
    await using loader = disposable(createLoader())
    const base = await makeBase(300_000)
    const [first, second, third] = [await makeImage(base), await makeImage(base), await makeImage(base)]
    reportOf(await loader.load(first, quiet()))
    expect(reportOf(await loader.load(second, quiet()))).toMatchObject({ sentLayers: 1 })
    await removeFromNodes(first)
    await removeFromNodes(second)
    reportOf(await loader.load(third, quiet()))
    expect(await fileOnNode(third)).toBe(third)
    reportOf(await loader.load(second, quiet()))
    expect(await fileOnNode(second)).toBe(second)
  })

  it('says that the engine has no such image', async () => {
    await using loader = disposable(subject().createLoader())
    expect(await loader.load('devloop-test/absent:none', quiet())).toMatchObject({
      ok: false,
      error: { kind: 'image-load-failed', image: 'devloop-test/absent:none', absent: true },
    })
  })

  it('leaves nothing bad behind when it is aborted', async () => {
    const { createLoader, makeImage, fileOnNode } = subject()
    await using loader = disposable(createLoader())
    const image = await makeImage()
    const abort = new AbortController()
    const loading = loader.load(image, { ...quiet(abort.signal), onProgress: () => abort.abort() })
    expect(await loading).toEqual({ ok: false, error: { kind: 'cancelled' } })
    expect(await loader.load(image, quiet())).toMatchObject({ ok: true })
    expect(await fileOnNode(image)).toBe(image)
  })
}

function reportOf(result: Result<LoadReport>): LoadReport {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

const disposable = (loader: ImageLoader): ImageLoader & AsyncDisposable => ({
  ...loader,
  [Symbol.asyncDispose]: () => loader.close(),
})
