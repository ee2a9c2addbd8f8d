import { fingerprintOf } from '../fingerprint.js'
import type { ServiceSpec } from '../project.js'
import type { ServiceState, State } from '../state.js'
import { matchRule, restarts, rulesText } from './match-rule.js'
import type { BuildReason, SyncDecision, SyncSave } from './sync-state.js'
import { runningContainers } from './sync-targets.js'

/** A save, as it was read. Paths are relative to the context, but for those in `outside`. */
export interface ReadSave {
  readonly save: number
  readonly changed: readonly string[]
  /** Changed inputs that are no files of the context. */
  readonly outside: readonly string[]
  /** Changed paths that were of another kind before. */
  readonly retyped: readonly string[]
}

/**
 * Says whether a save goes into the running containers or makes an image: one file that cannot go makes an image of it all. Asked once for each save, when its
 * files were read: what happens to pods later is for replays, not for another answer. `service` has the inputs of the save; `saves` are all since its
 * image, this one the last.
 */
export function decideSync(
  state: State,
  {
    spec,
    service,
    read,
    saves,
  }: {
    readonly spec: ServiceSpec
    readonly service: ServiceState
    readonly read: ReadSave
    readonly saves: readonly SyncSave[]
  },
): SyncDecision {
  const { save } = read
  const build = (why: BuildReason): SyncDecision => ({ kind: 'build', save, why })
  const { source, image, deployable, steering } = service
  if (source.kind !== 'known' || image === undefined) return build({ kind: 'no-container' })
  const required = Object.fromEntries(
    spec.requires.map(({ service: base }) => [base, state.services[base]?.image?.imageId ?? '']),
  )
  const fingerprint = fingerprintOf(spec, { ...source, required })
  const sync: SyncDecision = { kind: 'sync', save, fingerprint, rules: rulesText(spec.sync ?? []) }
  const isWhole = deployable?.reference === image.reference && steering.rolledBack === undefined
  // As the image has it: only what was synced since has to be put back.
  if (fingerprint === image.fingerprint && isWhole && service.build.kind !== 'building') return sync
  const reason = fileReason(spec, read, saves)
  if (reason !== undefined) return build(reason)
  const dependant = state.project.services.find(other =>
    other.requires.some(one => one.service === spec.name),
  )
  if (dependant !== undefined) return build({ kind: 'required', by: dependant.name })
  if (!isWhole || service.build.kind === 'building' || steering.rebuild || image.digest === undefined)
    return build({ kind: 'image-under-way' })
  if (fingerprintOf(spec, { ...source, digest: image.digest, required }) !== image.fingerprint)
    return build({ kind: 'settings' })
  if (restarts(spec.sync) && image.program?.supervisor === undefined)
    // An image of before the rule said so was not looked into.
    return build(image.program === undefined ? { kind: 'settings' } : { kind: 'no-supervisor' })
  if (runningContainers(state, spec.name).length === 0) return build({ kind: 'no-container' })
  return sync
}

/** The first thing about the files of a save, or of those that its containers lack already, for which it makes an image. */
function fileReason(
  { sync: rules = [] }: ServiceSpec,
  { outside, retyped }: ReadSave,
  saves: readonly SyncSave[],
): BuildReason | undefined {
  const [other] = outside
  if (other !== undefined) return { kind: 'outside', path: other }
  const [changed] = retyped
  if (changed !== undefined) return { kind: 'file', path: changed, because: 'retyped' }
  for (const path of saves.toReversed().flatMap(({ paths }) => paths)) {
    const file = matchRule(rules, path)
    if (typeof file === 'string') return { kind: 'file', path, because: file }
  }
  // Something that counts is another, and no file says what.
  return saves.every(({ paths }) => paths.length === 0) ? { kind: 'settings' } : undefined
}
