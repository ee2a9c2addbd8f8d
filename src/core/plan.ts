import { desiredBuild, pausedServiceOf, specOf } from './desired.js'
import type { Effect } from './effect.js'
import { type ObjectHolds, objectHolds } from './hold.js'
import { buildHooks, buildsUnderWay, dueHook, hasFailed } from './hooks/due-hook.js'
import { heldLocks, locksOf, takeLocks } from './hooks/locks.js'
import { objectEntries } from './object-entries.js'
import { planChecks } from './plan/checks.js'
import { planCrashes } from './plan/crashes.js'
import { planHookClears } from './plan/hook-clears.js'
import { planHooks } from './plan/hooks.js'
import { inTurn, MAX_SUPERSEDED_IN_A_ROW } from './plan/in-turn.js'
import { isApplyDue } from './plan/is-apply-due.js'
import { planPrune } from './plan/prune.js'
import { planRestarts } from './plan/restarts.js'
import { planStages } from './plan/stages.js'
import { appliedBefore } from './reduce/apply.js'
import type { BuildState, LoadState, ServiceState, State } from './state.js'
import { dueSync, isSynced } from './sync/sync-due.js'

export interface Plan {
  readonly start: readonly Effect[]
  readonly cancel: readonly Cancel[]
}

/** A run to be ended: the build of a service, or the hook before it, the apply of an object, or the load of an image. */
export type Cancel =
  | { readonly run: number; readonly service: string }
  | { readonly run: number; readonly key: string }
  | { readonly run: number; readonly image: string }

type Draft = Effect extends infer E ? (E extends Effect ? Omit<E, 'run'> : never) : never

/** Most are over after one look at the nodes, which those of one moment share; loaders let what is to be sent take turns. */
const CONCURRENT_LOADS = 8
/** A fraction of what an API server takes at once; of a thousand objects, more would only wait in its own queue. */
const CONCURRENT_APPLIES = 16
/** Reading files is bound by the disk, not by us. */
const CONCURRENT_SCANS = 8

/** Decides what to start and what to end now. Everything that is concurrent, ordered or superseded is decided here and nowhere else. */
export function plan(state: State): Plan {
  if (state.stopping) return { start: [], cancel: [] }
  const holds = objectHolds(state)
  const locks = heldLocks(state)
  const hooks = planHooks(state, locks)
  const builds = planBuilds(state, locks, hooks.start.length)
  const drafts: Draft[] = [
    ...planConnect(state),
    ...planRender(state, locks),
    ...planScans(state),
    ...planProbe(state),
    ...hooks.start,
    ...builds.start,
    ...planLoads(state),
    ...planApplies(state, holds),
    ...planRestarts(state, holds),
    ...planHookClears(state),
    ...planPrune(state),
    ...planSyncs(state, locks),
    ...planStages(state, holds, locks),
    ...planChecks(state, holds),
    ...planCrashes(state),
  ]
  return {
    start: drafts.map((draft, index): Effect => ({ ...draft, run: state.nextRun + index }) as Effect),
    cancel: [...hooks.cancel, ...builds.cancel, ...overtakenApplies(state, holds), ...overtakenLoads(state)],
  }
}

function planConnect(state: State): Draft[] {
  return state.mode.deploy && state.cluster.kind === 'absent' && state.cluster.due
    ? [{ type: 'connect' }]
    : []
}

function planRender(state: State, locks: Map<string, string>): Draft[] {
  if (!state.render.due || state.render.run !== undefined) return []
  const own = locksOf(state.project.hooks, 'beforeRender', 'afterRender')
  return takeLocks(locks, own, 'the manifests') ? [{ type: 'render' }] : []
}

function planScans(state: State): Draft[] {
  const services = Object.values(state.services)
  const running = services.filter(service => service.source.kind === 'scanning').length
  return services
    .filter(
      ({ name, source, pending, steering, prepare }) =>
        source.kind !== 'scanning' &&
        // What changes meanwhile may be its own work.
        !buildHooks(specOf(state, name)).some(
          ({ id, outputs }) => id === prepare?.running?.hook && outputs === undefined,
        ) &&
        (source.kind === 'unknown' || pending !== undefined) &&
        steering.paused === undefined,
    )
    .slice(0, Math.max(0, CONCURRENT_SCANS - running))
    .map(({ name, source, pending }) => ({
      type: 'scan' as const,
      service: name,
      // After a failed reading nothing is known for sure.
      changed:
        source.kind === 'unknown' || source.kind === 'failed' ? ('all' as const) : (pending?.paths ?? 'all'),
    }))
}

function planProbe(state: State): Draft[] {
  const { engine } = state
  return engine.kind === 'unreachable' && engine.due && engine.probing === undefined
    ? [{ type: 'probe-engine' }]
    : []
}

function planBuilds(
  state: State,
  locks: Map<string, string>,
  hooksStarting: number,
): { readonly start: Draft[]; readonly cancel: readonly Cancel[] } {
  const start: Draft[] = []
  const cancel: Cancel[] = []
  const services = Object.values(state.services)
  const building = services.filter(service => service.build.kind === 'building')
  let slots = state.project.build.concurrency - buildsUnderWay(state) - hooksStarting
  const fingerprints = new Set(
    building.map(({ build }) => (build as Extract<BuildState, { kind: 'building' }>).fingerprint),
  )
  for (const service of inTurn(services)) {
    const desired = desiredBuild(state, service.name)
    if (desired.kind !== 'known') continue
    const { fingerprint, inputs, buildArgs } = desired
    if (service.build.kind === 'building') {
      if (isObsolete(state, service, service.build, fingerprint))
        cancel.push({ run: service.build.run, service: service.name })
      continue
    }
    if (!needsBuild(state, service, fingerprint)) continue
    if (slots <= 0 || fingerprints.has(fingerprint) || state.engine.kind === 'unreachable') continue
    const spec = specOf(state, service.name)
    if (!takeLocks(locks, locksOf(spec?.hooks, 'afterBuild'), service.name)) continue
    slots -= 1
    fingerprints.add(fingerprint)
    start.push({
      type: 'build',
      service: service.name,
      fingerprint,
      digest: inputs.digest,
      buildArgs,
      required: Object.fromEntries(
        (spec?.requires ?? []).map(r => [r.service, state.services[r.service]?.image?.imageId ?? '']),
      ),
      save: inputs.save,
      rebuild: service.steering.rebuild,
    })
  }
  return { start, cancel }
}

function needsBuild(state: State, service: ServiceState, fingerprint: string): boolean {
  // Files that wait to be read may make this build useless; reading takes milliseconds.
  if (service.pending !== undefined || service.steering.paused !== undefined) return false
  if (service.prepare?.running !== undefined || dueHook(state, service) !== undefined) return false
  if (service.steering.rebuild) return true
  if (service.image?.fingerprint === fingerprint || isSynced(state, service)) return false
  if (service.build.kind === 'failed' && service.build.fingerprint === fingerprint) return false
  return state.services[service.name] !== undefined
}

/** Whether a hook has to run that did not fail for the present files. */
function mayHookRun(state: State, service: ServiceState): boolean {
  const hook = dueHook(state, service)
  return hook !== undefined && !hasFailed(service, hook)
}

function isObsolete(
  state: State,
  service: ServiceState,
  build: Extract<BuildState, { kind: 'building' }>,
  fingerprint: string,
): boolean {
  if (build.superseded) return false
  if (build.fingerprint === fingerprint && !mayHookRun(state, service)) return false
  if (service.ledger.supersededInARow >= MAX_SUPERSEDED_IN_A_ROW) return false
  const isShared = Object.keys(state.services).some(other => {
    if (other === service.name) return false
    const desired = desiredBuild(state, other)
    return (
      desired.kind === 'known' &&
      desired.fingerprint === build.fingerprint &&
      state.services[other]?.image?.fingerprint !== build.fingerprint
    )
  })
  return !isShared
}

/** An image of the manifests or of `preload`: the nodes may have it, and where the local engine has not it is theirs to find. */
const found = { optional: true, isNew: false } as const

/** Images that are to be on the nodes. */
function wantedImages(
  state: State,
): ReadonlyMap<string, { readonly optional: boolean; readonly isNew: boolean }> {
  const wanted = new Map<string, { readonly optional: boolean; readonly isNew: boolean }>()
  const inManifests = new Set<string>()
  for (const [, { linked }] of objectEntries(state.objects)) {
    if (pausedServiceOf(state, linked) !== undefined) continue
    for (const { image, service } of linked.images) if (service === undefined) wanted.set(image, found)
    for (const service of linked.services) inManifests.add(service)
  }
  for (const image of state.project.preload) wanted.set(image, found)
  // An image that no workload takes (a base of others, say) stays where it was built.
  for (const { name, image, steering } of Object.values(state.services)) {
    // What an earlier session went back to, or a revision: the nodes may have lost it.
    if (steering.rolledBack !== undefined) wanted.set(steering.rolledBack.image.reference, found)
    if (image !== undefined && inManifests.has(name))
      wanted.set(image.reference, { optional: false, isNew: !image.cached })
  }
  return wanted
}

function planLoads(state: State): Draft[] {
  if (!state.mode.deploy || state.cluster.kind !== 'connected' || state.engine.kind === 'unreachable')
    return []
  const running = Object.values(state.loads).filter(load => load.kind === 'loading').length
  return (
    [...wantedImages(state)]
      .filter(([image]) => {
        const load = state.loads[image]
        return load === undefined || (load.kind === 'failed' && load.retry) || isLost(load)
      })
      // Images of services first: a person waits for them.
      .sort(([, a], [, b]) => Number(a.optional) - Number(b.optional))
      .slice(0, Math.max(0, CONCURRENT_LOADS - running))
      .map(([image, { optional, isNew }]) => ({
        type: 'load' as const,
        image,
        optional,
        isNew: isNew && !isLost(state.loads[image]),
      }))
  )
}

const isLost = (load: LoadState | undefined): boolean => load?.kind === 'loaded' && load.lost === true

function planSyncs(state: State, locks: Map<string, string>): Draft[] {
  if (!state.mode.deploy || state.cluster.kind !== 'connected' || !state.cluster.link.up) return []
  return Object.values(state.services).flatMap(service => {
    // What is being read makes the save that comes next: one sync for both.
    if (service.steering.paused !== undefined || service.source.kind !== 'known') return []
    if (service.prepare?.running !== undefined || mayHookRun(state, service)) return []
    const due = dueSync(state, service)
    if (due === undefined) return []
    const own = locksOf(specOf(state, service.name)?.hooks, 'beforeSync', 'afterSync')
    return !takeLocks(locks, own, service.name)
      ? []
      : [{ type: 'sync' as const, service: service.name, ...due }]
  })
}

function planApplies(state: State, { desired, holdOf }: ObjectHolds): Draft[] {
  // What is about to be read again may change what these objects are, or in which namespace.
  if (!state.mode.deploy || state.render.due || state.render.run !== undefined) return []
  const objects = objectEntries(state.objects)
  const running = objects.filter(([, { apply }]) => apply.kind === 'applying').length
  let slots = CONCURRENT_APPLIES - running
  const start: Draft[] = []
  for (const [key, object] of objects) {
    if (slots <= 0) break
    const wanted = desired(key)
    if (wanted.kind !== 'known' || !isApplyDue(object, wanted.version) || holdOf(key) !== undefined) continue
    slots -= 1
    const { kind: _, ...what } = wanted
    const answered = appliedBefore(object.apply)?.redeploys ?? 0
    start.push({
      type: 'apply',
      key,
      ...what,
      takeBack: wanted.redeploys > answered,
      again: object.again === true,
    })
  }
  return start
}

/** A load that hangs of what nothing wants any more would hold up what comes after it on the same way. */
function overtakenLoads(state: State): readonly Cancel[] {
  const stalled = Object.entries(state.loads).flatMap(([image, load]) =>
    load.kind === 'loading' && load.stalled === true && load.superseded === undefined
      ? [{ image, run: load.run }]
      : [],
  )
  if (stalled.length === 0) return []
  const wanted = wantedImages(state)
  return stalled.filter(({ image }) => !wanted.has(image))
}

/** An API server that takes a request and does not answer holds up that version alone, and not the saves after it. */
function overtakenApplies(state: State, { desired }: ObjectHolds): readonly Cancel[] {
  return objectEntries(state.objects).flatMap(([key, { apply }]) => {
    if (apply.kind !== 'applying' || apply.slow === undefined || apply.superseded !== undefined) return []
    const wanted = desired(key)
    return wanted.kind === 'known' && wanted.version !== apply.version ? [{ key, run: apply.run }] : []
  })
}
