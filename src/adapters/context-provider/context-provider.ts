import { err, ok } from '../../core/result.js'
import type { ClusterProvider } from '../../ports/cluster-provider.js'
import type { ImageLoader } from '../../ports/image-loader.js'

export interface ContextProviderOptions {
  readonly contextName: string
  /** `docker-desktop` is local: its nodes run on the engine itself. */
  readonly kind: 'context' | 'docker-desktop'
  readonly createLoader: () => ImageLoader
}

/** A cluster that devloop neither makes nor deletes. Whether it is allowed is the caller's to judge, by name and UID. */
export function createContextProvider(options: ContextProviderOptions): ClusterProvider {
  const { contextName } = options
  const missing = {
    kind: 'cluster-missing',
    message: `devloop does not make or delete the cluster of context ${contextName}`,
    hint: 'name a kind, minikube or k3d cluster in the config',
  } as const
  let loader: ImageLoader | undefined
  return {
    kind: options.kind,
    contextName,
    exists: async () => ok(true),
    async verify(server) {
      if (options.kind === 'context' || isLoopback(server)) return ok(undefined)
      return err({
        kind: 'cluster-refused',
        context: contextName,
        reason: 'not-what-it-says',
        message: `${contextName} leads to ${server}, which is not this machine`,
      })
    },
    async hostAddress() {
      // Docker Desktop publishes Services of type LoadBalancer on this machine.
      if (options.kind === 'docker-desktop') return { kind: 'known', address: '127.0.0.1' }
      return {
        kind: 'published',
        otherwise: `the cluster of ${contextName} has given the Ingress or Gateway no address`,
      }
    },
    create: async () => err(missing),
    delete: async () => err(missing),
    loader() {
      loader ??= options.createLoader()
      return loader
    },
  }
}

function isLoopback(server: string): boolean {
  if (!URL.canParse(server)) return false
  const { hostname } = new URL(server)
  // Docker Desktop writes its own name for loopback.
  return ['localhost', '[::1]', 'kubernetes.docker.internal'].includes(hostname) || /^127\./.test(hostname)
}
