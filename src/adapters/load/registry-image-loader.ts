import { normalizeImageRef, parseImageRef } from '../../core/image-ref.js'
import { cancelled } from '../../core/problem.js'
import { err, ok } from '../../core/result.js'
import type { ImageLoader } from '../../ports/image-loader.js'
import type { ProcessRunner } from '../../ports/process-runner.js'

export interface RegistryImageLoaderOptions {
  readonly context: string
  /** `host[:port][/path]`; without one every load is refused. */
  readonly registry: string | undefined
  /** The docker program pushes, because it reads the credentials of config.json, its helpers and its stores. */
  readonly runner: ProcessRunner
}

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
      if (target === undefined)
        return err({
          kind: 'image-load-failed',
          image: reference,
          method: 'registry-push',
          message: 'is no valid image reference',
        })
      const tagged = await runner.run(['docker', 'tag', reference, target], { signal })
      if (!tagged.ok) return tagged
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
      if (!pushed.ok) return pushed
      // The docker program says nothing of bytes when its output is no terminal.
      return ok({
        method: 'registry-push',
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
  return `${domain}/${path}`.startsWith(`${base}/`) ? `${domain}/${path}:${tag}` : `${base}/${name}:${tag}`
}
