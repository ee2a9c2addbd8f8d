import { cancelled, type Problem } from '../core/problem.js'
import { err, ok, type Result } from '../core/result.js'
import type { BuildRequest, ImageBuilder, LocalImage } from '../ports/image-builder.js'

/** One call of `build` that waits to be let go. */
export interface HeldBuild {
  readonly request: BuildRequest
  readonly signal: AbortSignal
  /** Ends it with the image of that name. */
  succeed(image?: string): void
  fail(problem: Problem): void
  /** Ends it with `cancelled`: the engine has stopped it, or a file changed while it was sent. */
  stopped(): void
  progress(step: string): void
}

export interface FakeImageBuilder extends ImageBuilder {
  /** Builds that have not settled, oldest first. */
  readonly held: readonly HeldBuild[]
  /** How many builds were asked for in all, and how many ran at once at most. */
  readonly counts: { started: number; most: number }
  /** Every call fails with it for as long as it is set. */
  down: Problem | undefined
  /** The next build throws it: a defect. */
  defect: Error | undefined
  readonly images: Map<string, LocalImage>
}

/** An engine whose builds settle when the test says so. An aborted build holds on until `stopped`. */
export function createFakeImageBuilder(): FakeImageBuilder {
  const held: HeldBuild[] = []
  const images = new Map<string, LocalImage>()
  const answer = <T>(value: T): Promise<Result<T>> =>
    Promise.resolve(fake.down === undefined ? ok(value) : err(fake.down))
  const fake: FakeImageBuilder = {
    held,
    counts: { started: 0, most: 0 },
    down: undefined,
    defect: undefined,
    images,
    info: () =>
      answer({
        endpoint: '/var/run/docker.sock',
        version: '29.0.0',
        apiVersion: '1.52',
        store: 'classic' as const,
        buildKit: true,
      }),
    inspect: reference => answer(images.get(reference)),
    tag: (id, reference) => {
      const image = images.get(id)
      if (image !== undefined) images.set(reference, image)
      return answer(undefined)
    },
    build: (request, { signal, onProgress }) => {
      const { defect } = fake
      if (defect !== undefined) {
        fake.defect = undefined
        throw defect
      }
      if (fake.down !== undefined) return Promise.resolve(err(fake.down))
      return new Promise(resolve => {
        const settle = (result: Result<LocalImage>) => {
          const index = held.indexOf(call)
          if (index === -1) return
          held.splice(index, 1)
          if (result.ok) images.set(result.value.id, result.value)
          resolve(result)
        }
        const call: HeldBuild = {
          request,
          signal,
          succeed: (image = request.snapshot.digest) =>
            settle(
              ok({
                id: `sha256:${image.padEnd(12, '0')}`,
                diffIds: [],
                bytes: 1,
                architecture: 'amd64',
                os: 'linux',
              }),
            ),
          fail: problem => settle(err(problem)),
          stopped: () => settle(err(cancelled)),
          progress: step => onProgress?.({ step }),
        }
        held.push(call)
        fake.counts.started += 1
        fake.counts.most = Math.max(fake.counts.most, held.length)
      })
    },
  }
  return fake
}
