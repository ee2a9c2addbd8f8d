import { normalizeImageRef, parseImageRef } from '../../core/image-ref.js'
import { cancelled, type Problem } from '../../core/problem.js'
import { err, ok } from '../../core/result.js'
import type { ImageLoader } from '../../ports/image-loader.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import { absentImage } from './load-problem.js'

export interface RegistryImageLoaderOptions {
  readonly context: string
  /** `host[:port][/path]`; without one every load is refused. */
  readonly registry: string | undefined
  /** The docker program pushes, because it reads the credentials of config.json, its helpers and its stores. */
  readonly runner: ProcessRunner
}

const METHOD = 'registry-push'

/** Brings images to a cluster that is not on this machine: by a push to the registry that its nodes pull from. */
export function createRegistryImageLoader(options: RegistryImageLoaderOptions): ImageLoader {
  const { context, registry, runner } = options
  return {
    async load(reference, { signal, onProgress }) {
      if (signal.aborted) return err(cancelled)
      if (registry === undefined)
        return err({
          kind: 'cluster-refused',
          context,
          reason: 'no-registry',
          message: `the nodes of ${context} take images from a registry only; name it as cluster.context.registry`,
        })
      const target = registryReference(registry, reference)
      if (target === undefined) {
        const message = `cannot be named in the registry "${registry}", which is to be HOST[:PORT][/PATH]`
        return err({ kind: 'image-load-failed', image: reference, method: METHOD, message })
      }
      const tagged = await runner.run(['docker', 'tag', reference, target], { signal })
      if (!tagged.ok) return err(pushProblem(reference, tagged.error))
      let layers = 0
      let present = 0
      const pushed = await runner.run(['docker', 'push', target], {
        signal,
        onLine: line => {
          if (/^[0-9a-f]{12}: Pushed$/.test(line)) layers += 1
          else if (/^[0-9a-f]{12}: (?:Layer already exists|Mounted from)/.test(line)) present += 1
          else return
          onProgress({ sentBytes: 0, sentLayers: layers, totalLayers: layers + present })
        },
      })
      // The name was for the push alone: else every save would leave one more in the local Docker.
      if (target !== normalizeImageRef(reference)) await runner.run(['docker', 'rmi', '--no-prune', target])
      if (!pushed.ok) return err(pushProblem(reference, pushed.error))
      // The docker program says nothing of bytes when its output is no terminal.
      return ok({
        method: METHOD,
        sentBytes: 0,
        sentLayers: layers,
        totalLayers: layers + present,
        reference: target,
      })
    },
    // Nodes pull what they lack, so nothing has to be brought beforehand.
    missing: async () => ok([]),
    close: async () => undefined,
  }
}

/** The name in the registry: `registry/name:tag`, the path of the name kept, its own host and Docker's `library/` left out. */
function registryReference(registry: string, reference: string): string | undefined {
  const normal = normalizeImageRef(reference)
  const parsed = normal === undefined ? undefined : parseImageRef(normal)
  if (parsed?.ok !== true || parsed.value.tag === undefined) return undefined
  const { domain, path, tag } = parsed.value
  const base = registry.replace(/\/+$/, '')
  const name = path.replace(/^library\//, '')
  const target = `${domain}/${path}`.startsWith(`${base}/`)
    ? `${domain}/${path}:${tag}`
    : `${base}/${name}:${tag}`
  return normalizeImageRef(target) === undefined ? undefined : target
}

/** What docker said of the image; that there is no docker program, or that it was stopped, stays what it is. */
function pushProblem(image: string, problem: Problem): Problem {
  if (problem.kind !== 'command-failed' || problem.reason !== 'exited') return problem
  if (problem.output.some(line => line.includes('No such image'))) return absentImage(image)
  const message = problem.output.at(-1) ?? `exit code ${problem.exitCode ?? 'unknown'}`
  // Docker takes plain HTTP only from registries on a loopback address and those of its "insecure-registries".
  const hint = message.includes('server gave HTTP response to HTTPS client')
    ? 'The registry speaks plain HTTP: name it under "insecure-registries" in the configuration of the Docker engine.'
    : undefined
  return {
    kind: 'image-load-failed',
    image,
    method: METHOD,
    message,
    ...(hint === undefined ? {} : { hint }),
  }
}
