import { exitCodes } from '../../core/exit-code.js'
import type { LiveImages } from '../../core/why/live-images.js'
import { type GcTools, KEPT_IMAGES, planGc, removeStale } from '../../engine/gc.js'
import { formatGc, formatGcPlan } from '../../ui/format-gc.js'
import type { CommandEnd } from '../command-end.js'
import { composeProvider } from '../compose-provider.js'
import type { CommandIo } from '../io.js'
import { type ReachedProject, reachProject } from '../reach-up.js'

export interface GcOptions {
  readonly file?: string
  readonly dryRun?: true
  readonly json?: true
}

/** Removes images of earlier saves from the local engine and from the nodes. Never one that runs, or that something may go back to. */
export async function gc(io: CommandIo, { dryRun, json, ...options }: GcOptions): Promise<CommandEnd> {
  const reached = await reachProject(io, options)
  if (!reached.ok) return reached.error
  const { project, opened } = reached.value
  const { state } = opened
  const { provider, adapters } = await composeProvider(opened.cluster, io, state.directory)
  const journal = await state.openJournal({ access: 'read', onNotice: () => {} })
  if (!journal.ok) return journal.error
  const images = await state.openImages()
  if (!images.ok) return images.error
  const access = adapters.access(provider.contextName)
  const loader = provider.loader()
  const abort = new AbortController()
  const off = io.onInterrupt(() => abort.abort())
  try {
    const identity = await access.cluster.identity()
    if (!identity.ok) return identity.error
    const verified = await provider.verify(identity.value.server)
    if (!verified.ok) return verified.error
    const tools: GcTools = {
      store: adapters.imageStore,
      nodes: loader.nodeImages,
      cluster: access.cluster,
      journal: journal.value,
      images: images.value,
    }
    const plan = await planGc(tools, project, await liveOf(reached.value))
    if (!plan.ok) return plan.error
    if (dryRun === true) {
      io.stdout.write(
        json === true
          ? `${JSON.stringify({ dryRun: true, ...plan.value })}\n`
          : formatGcPlan(plan.value, KEPT_IMAGES),
      )
      return exitCodes.ok
    }
    const done = await removeStale(tools, plan.value, abort.signal)
    if (!done.ok) return done.error
    io.stdout.write(
      json === true ? `${JSON.stringify({ dryRun: false, ...done.value })}\n` : formatGc(done.value),
    )
    return abort.signal.aborted ? exitCodes.interrupted : exitCodes.ok
  } finally {
    off()
    await loader.close()
    await access.close()
    await journal.value.close()
  }
}

/** What the `up` that runs would go back to at a person's word. */
async function liveOf({ project, ask, opened }: ReachedProject): Promise<readonly string[]> {
  const found: string[] = []
  for (const { name } of project.services) {
    const live = (await ask({ type: 'history', service: name })) as LiveImages | undefined | null
    found.push(...(live?.images ?? []).map(({ image }) => image))
  }
  // Also what an earlier session was asked to go back to, and the next one goes on with.
  const overrides = await opened.state.openOverrides()
  for (const one of overrides.ok ? overrides.value.read() : [])
    if (one.type === 'rolled-back')
      found.push(...[one.image, one.newest].flatMap(image => image?.podReference ?? []))
  return found
}
