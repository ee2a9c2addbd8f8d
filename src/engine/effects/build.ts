import type { ContextSnapshot } from '../../core/build-input.js'
import { missingMountHint } from '../../core/context/build-mounts.js'
import { missingSourceHint } from '../../core/context/missing-source.js'
import { unrequiredImageHint } from '../../core/context/unrequired-image.js'
import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import { fingerprintOf, tagOfImage } from '../../core/fingerprint.js'
import { buildHooks } from '../../core/hooks/due-hook.js'
import { withTag } from '../../core/image-ref.js'
import { cancelled, type Problem } from '../../core/problem.js'
import type { Project, ServiceSpec } from '../../core/project.js'
import { ok, type Result } from '../../core/result.js'
import { restarts } from '../../core/sync/match-rule.js'
import type { LocalImage } from '../../ports/image-builder.js'
import { hookEnv } from '../hooks/hook-env.js'
import { runHooks } from '../hooks/run-hooks.js'
import type { SessionTools } from '../session-tools.js'
import { baseIds, type Snapshots } from './scan.js'

type BuildEffect = Extract<Effect, { type: 'build' }>

interface BuildTools
  extends Pick<SessionTools, 'builder' | 'images' | 'clock' | 'tell' | 'programs' | 'hooks'> {
  readonly project: Project
  readonly snapshots: Snapshots
  readonly signal: AbortSignal
  /** Only images that were built before. */
  readonly reuse: boolean
  readonly dispatch: (event: Event) => void
}

/** Makes the image of a fingerprint, or finds the one that was made of the same inputs before, and names it by its digest. */
export async function build(effect: BuildEffect, service: ServiceSpec, tools: BuildTools): Promise<Event> {
  const { builder, images, snapshots, dispatch, tell, signal } = tools
  const { run, fingerprint } = effect
  const failed = (problem: Problem): Event => ({ type: 'build-failed', run, service: service.name, problem })

  const cached = effect.rebuild ? undefined : images.get(fingerprint)
  if (cached !== undefined) {
    const image = await builder.inspect(cached.imageId, signal)
    if (!image.ok) return failed(image.error)
    if (image.value !== undefined) return finish(effect, service, tools, { image: image.value, cached: true })
  }
  if (tools.reuse) {
    return failed({
      kind: 'image-build-failed',
      service: service.name,
      message: `${service.name} was not built since its files changed; run: devloop build ${service.name}`,
      output: [],
    })
  }
  const snapshot = snapshots.get(service.name)
  // A newer reading came in between: the plan that follows it asks again.
  if (snapshot === undefined || snapshot.digest !== effect.digest) return failed(cancelled)
  const built = await builder.build(
    { service, snapshot, buildArgs: effect.buildArgs },
    {
      signal,
      onOutput: line => tell({ type: 'build-output', service: service.name, line }),
      onProgress: progress => {
        if (progress.step !== undefined)
          dispatch({ type: 'build-progressed', run, service: service.name, step: progress.step })
      },
    },
  )
  if (!built.ok) {
    // Ended, but not by us: a file changed while it was sent. Read the context again, whatever the watcher saw.
    if (built.error.kind === 'cancelled' && !signal.aborted) {
      dispatch({
        type: 'files-changed',
        firstAt: tools.clock.now(),
        services: { [service.name]: [service.context] },
        manifests: [],
      })
    }
    return failed(withHint(built.error, service, { project: tools.project, snapshot }))
  }
  return finish(effect, service, tools, { image: built.value, cached: false })
}

function withHint(
  problem: Problem,
  service: ServiceSpec,
  { project, snapshot }: { readonly project: Project; readonly snapshot: ContextSnapshot },
): Problem {
  if (problem.kind !== 'image-build-failed') return problem
  const hint =
    missingSourceHint(problem, { prepared: buildHooks(service).length > 0 }) ??
    missingMountHint(problem, service.secrets) ??
    unrequiredImageHint(problem, {
      baseImages: snapshot.baseImages,
      others: project.services.filter(({ name }) => name !== service.name),
    })
  return hint === undefined ? problem : { ...problem, hint }
}

async function finish(
  effect: BuildEffect,
  service: ServiceSpec,
  tools: BuildTools,
  { image, cached }: { readonly image: LocalImage; readonly cached: boolean },
): Promise<Event> {
  const { builder, images, snapshots, clock, programs, signal } = tools
  const { run, fingerprint } = effect
  const failed = (problem: Problem): Event => ({ type: 'build-failed', run, service: service.name, problem })
  const reference = withTag(service.image, tagOfImage(image.id))
  const [tagged, bases] = await Promise.all([
    builder.tag(image.id, reference, signal),
    // A base that was pulled by this build has an id only now: the image is that of both fingerprints.
    baseIds(builder, snapshots.get(service.name)?.baseImages ?? [], signal),
  ])
  if (!tagged.ok) return failed(tagged.error)
  if (!cached) {
    const after = await afterBuild(effect, { ...service, image: reference }, tools)
    if (!after.ok) return failed(after.error)
  }
  if (!bases.ok) return failed(bases.error)
  const fingerprints = new Set([
    fingerprint,
    fingerprintOf(service, { digest: effect.digest, bases: bases.value, required: effect.required }),
  ])
  for (const name of fingerprints) {
    const stored = await images.set(name, {
      reference,
      imageId: image.id,
      service: service.name,
      at: clock.now(),
    })
    if (!stored.ok) return failed(stored.error)
  }
  const program = restarts(service.sync) ? await programs?.programOf(image.id) : undefined
  if (program?.ok === false) return failed(program.error)
  return {
    type: 'build-finished',
    run,
    service: service.name,
    fingerprint,
    imageId: image.id,
    reference,
    cached,
    bytes: image.bytes,
    bases: bases.value,
    ...(program === undefined ? {} : { program: program.value }),
  }
}

/** An image whose hooks failed is not remembered as built: the next try makes it again, and runs them. */
async function afterBuild(
  { save }: BuildEffect,
  service: ServiceSpec,
  { hooks, project, tell, signal }: BuildTools,
): Promise<Result<void>> {
  const own = service.hooks?.afterBuild
  if (own === undefined || hooks === undefined) return ok(undefined)
  return runHooks(own, hooks, {
    env: hookEnv(project, save, service),
    target: () => undefined,
    onLine: line => tell({ type: 'build-output', service: service.name, line }),
    signal,
  })
}
