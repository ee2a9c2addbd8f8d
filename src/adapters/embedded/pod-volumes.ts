import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { PathPair } from '../../core/process/process-image.js'
import type { VolumePlan } from '../../core/process/volumes.js'

export interface VolumeFolders {
  /** Of one pod alone, and gone with it. */
  readonly pod: string
  /** Of claims: stay. */
  readonly claims: string
}

/** Makes what stands for the mounts of one container on this machine, and says where each is. Files that are there are written anew. */
export async function writeVolumes(
  plans: readonly VolumePlan[],
  container: string,
  folders: VolumeFolders,
): Promise<readonly PathPair[]> {
  return Promise.all(
    plans.map(async (plan, at): Promise<PathPair> => {
      const image = plan.mountPath
      switch (plan.kind) {
        case 'host':
          return { image, host: plan.path }
        case 'folder': {
          const root = plan.lasting
            ? join(folders.claims, plan.name)
            : join(folders.pod, 'volumes', plan.name)
          const host = within(root, plan.subPath)
          await mkdir(host, { recursive: true, mode: 0o700 })
          return { image, host }
        }
        case 'files': {
          const host = join(folders.pod, 'mounts', container, String(at))
          const [only] = plan.files
          if (plan.files.length === 1 && only?.path === '') {
            await write(host, only)
            return { image, host }
          }
          await mkdir(host, { recursive: true, mode: 0o700 })
          for (const file of plan.files) await write(within(host, file.path), file)
          return { image, host }
        }
      }
    }),
  )
}

async function write(
  path: string,
  { content, mode }: { readonly content: Uint8Array; readonly mode: number },
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  // One that may not be written to could not be written anew.
  await rm(path, { force: true })
  // Nobody else on this machine reads what only the pod would in a cluster.
  await writeFile(path, content, { mode: mode & 0o700 })
}

/** A path within a folder; the folder itself for one that leads out of it, which no kubelet would mount. */
function within(folder: string, path: string): string {
  const whole = join(folder, path)
  return relative(folder, whole).startsWith('..') ? folder : whole
}

/** Takes away what the volumes of a pod held. */
export async function removeVolumes(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
}
