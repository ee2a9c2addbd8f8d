import * as z from 'zod'
import { normalizeImageRef } from '../../core/image-ref.js'
import { cancelled } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ImageBuilder } from '../../ports/image-builder.js'
import type { ImageLoader } from '../../ports/image-loader.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import { absentImage } from '../load/load-problem.js'
import { createTurns } from '../load/turns.js'

export interface MinikubeImageLoaderOptions {
  readonly profile: string
  readonly runner: ProcessRunner
  /** The engine that builds. */
  readonly images: Pick<ImageBuilder, 'inspect'>
}

const schema = z.array(z.object({ id: z.string(), repoTags: z.array(z.string()).nullable().default([]) }))

/**
 * Loads by `minikube image load`, which copies all of an image to every node, and asks `minikube image ls` whether it is there. With several
 * nodes that list is of all together: minikube does not say what each of them has.
 */
export function createMinikubeImageLoader(options: MinikubeImageLoaderOptions): ImageLoader {
  const { profile, runner, images } = options
  // The engine's id → the node's, where they differ: in Docker's containerd store an id is no config's digest.
  const seen = new Map<string, string>()
  const turns = createTurns()

  /** Full name → id on the nodes, without `sha256:`. */
  async function listed(signal?: AbortSignal): Promise<Result<ReadonlyMap<string, string>>> {
    const output = await runner.run(['minikube', 'image', 'ls', '--format', 'json', '-p', profile], {
      ...(signal === undefined ? {} : { signal }),
    })
    if (!output.ok) return output
    try {
      const entries = schema.parse(JSON.parse(output.value.stdout))
      return ok(
        new Map(
          entries.flatMap(({ id, repoTags }) =>
            (repoTags ?? []).map(tag => [normalizeImageRef(tag) ?? tag, bare(id)] as const),
          ),
        ),
      )
    } catch {
      return err({
        kind: 'command-failed',
        argv: ['minikube', 'image', 'ls'],
        reason: 'failed',
        output: ['its output is no list of images', ...output.value.stdout.split('\n').slice(0, 5)],
      })
    }
  }

  return {
    async load(reference, { signal, onProgress }) {
      if (signal.aborted) return err(cancelled)
      const failure = (message: string) =>
        err({ kind: 'image-load-failed', image: reference, method: 'minikube image load', message } as const)
      const name = normalizeImageRef(reference)
      if (name === undefined) return failure('is no valid image reference')
      const found = await images.inspect(reference)
      if (!found.ok) return found
      if (found.value === undefined) return err(absentImage(reference))
      const { id, bytes, diffIds } = found.value
      const report = { totalLayers: diffIds.length, reference } as const
      const before = await listed(signal)
      if (!before.ok) return before
      const had = before.value.get(name)
      if (had !== undefined && (had === bare(id) || had === seen.get(id)))
        return ok({ ...report, method: 'present', sentBytes: 0, sentLayers: 0 })
      onProgress({ sentBytes: 0, totalBytes: bytes, totalLayers: diffIds.length })
      // Without --daemon it would pull an image that the engine has not.
      const argv: [string, ...string[]] = [
        'minikube',
        'image',
        'load',
        reference,
        '-p',
        profile,
        '--daemon=true',
      ]
      // Each copies a whole image: several at once would only slow each other down.
      const loaded = await turns.run('load', () => runner.run(argv, { signal }))
      if (!loaded.ok) return loaded
      // The command can fail and exit with 0, so the nodes are asked.
      const after = await listed(signal)
      if (!after.ok) return after
      const has = after.value.get(name)
      if (has === undefined)
        return failure(lastLine(loaded.value.stderr) ?? 'minikube does not list the image after loading it')
      seen.set(id, has)
      onProgress({ sentBytes: bytes, totalBytes: bytes, totalLayers: diffIds.length })
      return ok({ ...report, method: 'provider-load', sentBytes: bytes, sentLayers: diffIds.length })
    },
    async missing(references) {
      const present = await listed()
      if (!present.ok) return present
      return ok(references.filter(reference => !present.value.has(normalizeImageRef(reference) ?? reference)))
    },
    close: async () => undefined,
  }
}

const bare = (id: string): string => id.replace(/^sha256:/, '')

const lastLine = (text: string): string | undefined =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .at(-1)
