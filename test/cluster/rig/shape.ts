import { chmod, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kubectl } from './kubectl.js'
import { createProject, type TestProject } from './project.js'

/** The systems whose structure is that of real ones; `NS` in their files becomes the namespace. */
const shapes = fileURLToPath(new URL('../../fixtures/shapes', import.meta.url))

/** A copy of one of the shapes as a project of its own. */
export async function createShape(name: 'tour-shop' | 'egov' | 'three-tier'): Promise<TestProject> {
  const root = join(shapes, name)
  const found = await readdir(root, { recursive: true, withFileTypes: true })
  const paths = found
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
  const files = await Promise.all(paths.map(async path => [path, await readFile(join(root, path), 'utf8')]))
  const project = await createProject(Object.fromEntries(files))
  for (const path of paths) await chmod(join(project.folder, path), (await stat(join(root, path))).mode)
  return project
}

export interface SeenPod {
  readonly name: string
  readonly uid: string
  readonly app: string
  /** When its program was started the first time, and when it was ready; in milliseconds, to the second. */
  readonly startedAt: number
  readonly readyAt: number
  readonly restarts: number
}

interface PodList {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string
      readonly uid: string
      readonly labels: Readonly<Record<string, string>>
      readonly creationTimestamp: string
      readonly deletionTimestamp?: string
    }
    readonly status: {
      readonly conditions?: readonly {
        readonly type: string
        readonly status: string
        readonly lastTransitionTime: string
      }[]
      readonly containerStatuses?: readonly { readonly restartCount: number }[]
    }
  }[]
}

/** The pods of a namespace by their label `app`, without those that are ending. */
export async function podsByApp(namespace: string): Promise<ReadonlyMap<string, SeenPod>> {
  const { items } = JSON.parse(await kubectl(['get', 'pods', '-n', namespace, '-o', 'json'])) as PodList
  const staying = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const pods = staying.map(({ metadata, status }): readonly [string, SeenPod] => {
    const app = metadata.labels.app ?? ''
    const ready = status.conditions?.find(one => one.type === 'Ready' && one.status === 'True')
    return [
      app,
      {
        name: metadata.name,
        uid: metadata.uid,
        app,
        startedAt: Date.parse(metadata.creationTimestamp),
        readyAt: ready === undefined ? Number.NaN : Date.parse(ready.lastTransitionTime),
        restarts: status.containerStatuses?.[0]?.restartCount ?? 0,
      },
    ]
  })
  return new Map(pods)
}
