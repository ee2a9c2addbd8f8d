import { ok } from '../../core/result.js'
import type { ClusterProvider } from '../../ports/cluster-provider.js'
import type { ImageLoader } from '../../ports/image-loader.js'

/** The provider of a cluster that is this process: always there, and gone with it. */
export function createProcessProvider({ contextName }: { readonly contextName: string }): ClusterProvider {
  return {
    kind: 'process',
    contextName,
    exists: async () => ok(true),
    verify: async () => ok(undefined),
    create: async () => ok(undefined),
    delete: async () => ok(undefined),
    // The programs listen on this machine themselves; the gateway takes what their routes say.
    hostAddress: async () => ({ kind: 'known', address: '127.0.0.1' }),
    loader: presentLoader,
  }
}

/** Programs run in the folders that they are made of: there is nothing to bring anywhere. */
function presentLoader(): ImageLoader {
  return {
    load: async reference =>
      ok({ method: 'present', sentBytes: 0, sentLayers: 0, totalLayers: 0, reference }),
    missing: async () => ok([]),
    close: async () => {},
  }
}
