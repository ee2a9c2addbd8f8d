import { displayRef } from '../core/kube-object.js'
import { withImages } from '../core/manifest/with-images.js'
import type { Problem } from '../core/problem.js'
import type { Project } from '../core/project.js'
import { err, ok, type Result } from '../core/result.js'
import { rollbackRevision } from '../core/why/revisions.js'
import type { ImageLoader } from '../ports/image-loader.js'
import type { ApplyTools } from './apply/apply-types.js'
import { applyObject } from './apply-object.js'
import { readRevisions, serviceWorkloads } from './service-workloads.js'

interface RollbackTools extends ApplyTools {
  /** Undefined where pods pull from a registry, which keeps what was pushed. */
  readonly loader: ImageLoader | undefined
}

export interface RolledBackWorkload {
  /** `deployment/web`. */
  readonly workload: string
  readonly image: string
  readonly save: number | undefined
}

/**
 * Has every workload of a service run the image of the revision before, as the cluster keeps it. What was applied last is applied again with that image, so
 * that everything else, and the journal, stay as they are; the next `up` brings the working tree back.
 */
export async function rollbackService(
  tools: RollbackTools,
  project: Project,
  { service, signal }: { readonly service: string; readonly signal: AbortSignal },
): Promise<Result<readonly RolledBackWorkload[]>> {
  const done: RolledBackWorkload[] = []
  const workloads = serviceWorkloads(tools.journal, project, service)
  for (const workload of workloads) {
    const revisions = await readRevisions(tools.cluster, workload, signal)
    if (!revisions.ok) return revisions
    const target = rollbackRevision(revisions.value)
    if (target === undefined) continue
    const { image, save } = target
    const there = await ensureOnNodes(tools.loader, image, signal)
    if (!there.ok) return there
    const object = withImages(workload.linked, new Map([[service, image]]), () => false)
    const applied = await applyObject(tools, { object, signal, ...(save === undefined ? {} : { save }) })
    if (!applied.ok) return applied
    done.push({ workload: displayRef(workload.linked.ref), image, save })
  }
  return done.length > 0 ? ok(done) : err(nowhere(service, workloads.length))
}

/** An image that went from the nodes meanwhile is loaded again, if the local engine still has it. */
async function ensureOnNodes(
  loader: ImageLoader | undefined,
  image: string,
  signal: AbortSignal,
): Promise<Result<void>> {
  if (loader === undefined) return ok(undefined)
  const missing = await loader.missing([image])
  if (!missing.ok) return missing
  if (missing.value.length === 0) return ok(undefined)
  const loaded = await loader.load(image, { signal, onProgress: () => {}, onNotice: () => {} })
  return loaded.ok ? ok(undefined) : loaded
}

function nowhere(service: string, workloads: number): Problem {
  return {
    kind: 'usage-invalid',
    message:
      workloads === 0
        ? `nothing of ${service} is deployed`
        : `${service} has no image to go back to: the cluster keeps no revision of it with another image`,
    hint:
      workloads === 0 ? 'Start it with "devloop up".' : `"devloop history ${service}" lists what it keeps.`,
  }
}
