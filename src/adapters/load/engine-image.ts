import type Docker from 'dockerode'
import { engineStore } from '../../core/load/engine-store.js'
import { type HistoryEntry, layerSizes } from '../../core/load/layer-sizes.js'

/** What the engine says of an image that is to be loaded. */
export interface EngineImage {
  readonly reference: string
  /** The config's digest in the classic store; the manifest's or index's in the containerd store. */
  readonly id: string
  readonly diffIds: readonly string[]
  /** Content bytes of each layer, base first; some may be upper bounds. */
  readonly sizes: readonly number[]
  readonly os: string
  readonly architecture: string
}

/** What matters here of the engine itself. */
export interface EngineFacts {
  readonly store: 'classic' | 'containerd'
  /** From API 1.48 on an archive of one platform can be asked for, and from 1.46 a push of one. */
  readonly savesPlatform: boolean
  readonly pushesPlatform: boolean
}

/** Undefined where the engine has no such image. */
export async function readEngineImage(docker: Docker, reference: string): Promise<EngineImage | undefined> {
  const image = docker.getImage(reference)
  try {
    const [inspected, history]: [Docker.ImageInspectInfo, HistoryEntry[]] = await Promise.all([
      image.inspect(),
      image.history(),
    ])
    const diffIds = inspected.RootFS.Layers ?? []
    return {
      reference,
      id: inspected.Id,
      diffIds,
      sizes: layerSizes(history, diffIds.length),
      os: inspected.Os,
      architecture: inspected.Architecture,
    }
  } catch (error) {
    if (statusCodeOf(error) === 404) return undefined
    throw error
  }
}

export async function readEngineFacts(docker: Docker): Promise<EngineFacts> {
  const [info, version] = await Promise.all([docker.info(), docker.version()])
  const store = engineStore(info.DriverStatus)
  const containerd = store === 'containerd'
  const minor = Number(version.ApiVersion.split('.')[1] ?? 0)
  return {
    store,
    savesPlatform: containerd && minor >= 48,
    pushesPlatform: containerd && minor >= 46,
  }
}

/** The HTTP status of an error of the engine's API. */
function statusCodeOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'statusCode' in error
    ? Number(error.statusCode)
    : undefined
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
