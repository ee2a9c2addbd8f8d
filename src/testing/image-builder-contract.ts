import { describe, expect, it } from 'vitest'
import type { ContextSnapshot } from '../core/build-input.js'
import type { ServiceSpec } from '../core/project.js'
import type { BuildRequest, ImageBuilder } from '../ports/image-builder.js'
import { serviceSpec } from './states.js'

/** A build of this Dockerfile, with an empty context but for it. */
export function buildRequest(dockerfile: string, service: Partial<ServiceSpec> = {}): BuildRequest {
  const snapshot: ContextSnapshot = {
    service: 'contract',
    digest: '0'.repeat(64),
    files: [],
    bytes: 0,
    dockerfile,
    baseImages: [],
    needsBuildKit: false,
    changed: [],
  }
  return {
    service: serviceSpec('contract', {
      context: '/contract',
      dockerfile: '/contract/Dockerfile',
      image: 'contract',
      ...service,
    }),
    snapshot,
    buildArgs: {},
  }
}

export const quiet = { signal: new AbortController().signal, onOutput: () => {} }

/** What every `ImageBuilder` does. `base` is an image that it has. */
export function imageBuilderContract(
  name: string,
  create: () => { readonly builder: ImageBuilder; readonly base: string },
): void {
  describe(`image builder: ${name}`, () => {
    it('says what engine it is', async () => {
      const info = await create().builder.info()
      expect(info).toMatchObject({
        ok: true,
        value: { version: expect.any(String), apiVersion: expect.stringMatching(/^\d+\.\d+$/) },
      })
    })

    it('builds an image that it then has, and the same one where nothing changed', async () => {
      const { builder, base } = create()
      const request = buildRequest(`FROM ${base}\nLABEL contract=one\n`)
      const first = await builder.build(request, quiet)
      const again = await builder.build(request, quiet)
      expect(first).toMatchObject({ ok: true, value: { id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) } })
      expect(again).toEqual(first)
      if (first.ok) expect(await builder.inspect(first.value.id)).toEqual(first)
    })

    it('gives an image one more name', async () => {
      const { builder, base } = create()
      const reference = 'devloop-contract/tagged:one'
      const image = await builder.build(buildRequest(`FROM ${base}\nLABEL contract=tagged\n`), quiet)
      if (!image.ok) throw new Error(JSON.stringify(image.error))
      expect(await builder.tag(image.value.id, reference)).toEqual({ ok: true, value: undefined })
      expect(await builder.inspect(reference)).toEqual(image)
    })

    it('has no image that was never built', async () => {
      const result = await create().builder.inspect('devloop-contract/never-built:one')
      expect(result).toEqual({ ok: true, value: undefined })
    })

    it('starts nothing under a signal that is aborted already', async () => {
      const { builder, base } = create()
      const result = await builder.build(buildRequest(`FROM ${base}\n`), {
        ...quiet,
        signal: AbortSignal.abort(),
      })
      expect(result).toEqual({ ok: false, error: { kind: 'cancelled' } })
    })
  })
}
