import type { Problem } from '../../core/problem.js'
import { err, ok } from '../../core/result.js'
import type { ImageStore } from '../../ports/image-store.js'
import type { EngineClient, EngineError } from './engine-client.js'

interface DiskUsage {
  readonly Images?:
    | readonly {
        readonly Id: string
        readonly RepoTags?: readonly string[] | null
        readonly Created: number
        readonly Size: number
        /** -1 where it was not computed. */
        readonly SharedSize: number
        readonly Containers: number
      }[]
    | null
}

const NO_NAME = '<none>:<none>'

/** The images of the engine behind `client`. */
export function createImageStore(client: EngineClient): ImageStore {
  return {
    async list() {
      // Engines before API 1.42 do not know the parameter, and count volumes and build cache too.
      const usage = await client.json<DiskUsage>({
        method: 'GET',
        path: '/system/df',
        query: { type: 'image' },
      })
      if (!usage.ok) return err(problemOf(usage.error, 'list the images'))
      return ok(
        (usage.value.Images ?? []).map(({ Id, RepoTags, Created, Size, SharedSize, Containers }) => ({
          id: Id,
          references: (RepoTags ?? []).filter(name => name !== NO_NAME),
          createdAt: Created * 1000,
          uniqueBytes: SharedSize < 0 ? 0 : Math.max(0, Size - SharedSize),
          // Not counted is as good as in use.
          containers: Containers < 0 ? 1 : Containers,
        })),
      )
    },
    async removeReference(reference) {
      const path = `/images/${encodeURIComponent(reference)}`
      const removed = await client.json({ method: 'DELETE', path })
      if (removed.ok) return ok(true)
      const { error } = removed
      if (error.kind === 'refused' && error.status === 404) return ok(true)
      if (error.kind === 'refused' && error.status === 409) return ok(false)
      return err(problemOf(error, `remove the image ${reference}`))
    },
  }
}

function problemOf(error: EngineError, what: string): Problem {
  if (error.kind !== 'refused') return error
  const { message, status } = error
  return {
    kind: 'engine-unreachable',
    endpoint: 'the Docker engine',
    message: `cannot ${what}: ${message} (HTTP ${status})`,
  }
}
