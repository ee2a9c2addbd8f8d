import type { Announcement } from '../core/announcement.js'
import type { Clock } from '../ports/clock.js'
import type { ClusterAccess } from '../ports/cluster-access.js'
import type { ClusterProvider } from '../ports/cluster-provider.js'
import type { FieldLocator } from '../ports/field-locator.js'
import type { ContainerFiles } from '../ports/file-sync.js'
import type { FileWatcher } from '../ports/file-watcher.js'
import type { ImageBuilder } from '../ports/image-builder.js'
import type { ImageLoader } from '../ports/image-loader.js'
import type { ImagePrograms } from '../ports/image-programs.js'
import type { ImageStore } from '../ports/image-store.js'
import type { Journal } from '../ports/journal.js'
import type { ManifestSource } from '../ports/manifest-source.js'
import type { SourceTree } from '../ports/source-tree.js'
import type { ImageCache, OverrideFile, Timings } from '../ports/state-store.js'
import type { SyncMemory } from '../ports/sync-memory.js'
import type { ForwardTools } from './forwards.js'
import type { GatewayTools } from './gateway.js'
import type { HostsTools } from './gather-hosts.js'
import type { HookTools } from './hooks/run-hooks.js'

/** Everything that a session acts with. What deploys is absent from a session that only builds. */
export interface SessionTools {
  readonly builder: ImageBuilder
  readonly tree: SourceTree
  readonly manifests: ManifestSource
  readonly images: ImageCache
  /** The images that pile up in the local engine; absent where they are left there. */
  readonly imageStore?: ImageStore
  /** Absent where nothing is kept of what saves take. */
  readonly timings?: Timings
  readonly clock: Clock
  /** Absent where nothing is kept of what people ask for. */
  readonly overrides?: OverrideFile
  /** Keys the hashes of what pods read from ConfigMaps and Secrets. */
  readonly configHashKey: string
  /** What images run; absent where no process is ever started anew. */
  readonly programs?: ImagePrograms
  /** Absent where nothing goes into containers. */
  readonly sync?: { readonly files: ContainerFiles; readonly memory: SyncMemory }
  /** Absent where no hooks run. */
  readonly hooks?: HookTools
  readonly deploy: DeployTools | undefined
  /** Absent where nothing is watched. */
  readonly watcher: FileWatcher | undefined
  /** Whether somebody is in the middle of changing the project's files: git, on its way to another branch. */
  readonly isBusy?: () => Promise<boolean>
  /** Absent where names are nobody's concern. */
  readonly hosts?: HostsTools
  /** Absent where warnings name the object alone. */
  readonly locateField?: FieldLocator
  /** Absent where no routes are served. */
  readonly gateway?: GatewayTools
  /** Absent where no ports of this machine lead to pods. */
  readonly forwards?: ForwardTools
  readonly tell: (announcement: Announcement) => void
}

export interface DeployTools {
  readonly provider: ClusterProvider
  readonly access: ClusterAccess
  readonly loader: ImageLoader
  readonly journal: Journal
  /** Whether a missing cluster may be made. */
  readonly create: boolean
}
