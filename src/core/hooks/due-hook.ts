import { desiredBuild, specOf } from '../desired.js'
import { memo } from '../memo.js'
import type { ServiceSpec } from '../project.js'
import type { Inputs, ServiceState, State } from '../state.js'
import { isSynced } from '../sync/sync-due.js'
import type { HookSpec } from './hook-spec.js'
import type { HookReading, PrepareState } from './hook-state.js'

/** The before-build hooks of a service, in their order. */
export function buildHooks(spec: Pick<ServiceSpec, 'hooks'> | undefined): readonly HookSpec[] {
  return spec?.hooks?.beforeBuild ?? []
}

/** A hook that comes to its end this often for one save, and whose inputs are others each time, changes them itself. */
const MAX_RUNS_OF_A_SAVE = 4
/** One that does not say what it writes has its work looked at once. */
const MAX_RUNS_UNSAID = 2

export function maxRuns({ outputs }: Pick<HookSpec, 'outputs'>): number {
  return outputs === undefined ? MAX_RUNS_UNSAID : MAX_RUNS_OF_A_SAVE
}

/** The first before-build hook of a service that has to run before its image is built, also where it failed and nothing is new; undefined for none. */
export function dueHook(state: State, service: ServiceState): HookSpec | undefined {
  const known = due(state)
  const before = known.get(service.name)
  if (before !== undefined) return before.hook
  const hook = computeDue(state, service)
  known.set(service.name, { hook })
  return hook
}

const due = memo((_: State) => new Map<string, { readonly hook: HookSpec | undefined }>())

function computeDue(state: State, service: ServiceState): HookSpec | undefined {
  const { prepare, source } = service
  if (prepare === undefined || source.kind !== 'known' || state.mode.build === 'reuse') return undefined
  return buildHooks(specOf(state, service.name)).find(hook => {
    const reading = prepare.readings[hook.id]
    if (reading === undefined || isFresh(hook, reading, prepare)) return false
    return hook.inputs !== undefined || wantsImage(state, service)
  })
}

function isFresh({ id }: HookSpec, { key, outputs, last }: HookReading, prepare: PrepareState): boolean {
  if (last === undefined || last.outputs !== outputs) return false
  return last.key === key || prepare.accepted[id] === key
}

/** Whether an image of the present inputs is still to be made; the sync of a save makes none. */
function wantsImage(state: State, service: ServiceState): boolean {
  const desired = desiredBuild(state, service.name)
  if (desired.kind !== 'known') return false
  if (service.steering.rebuild) return true
  if (service.image?.fingerprint === desired.fingerprint || isSynced(state, service)) return false
  return !(service.build.kind === 'failed' && service.build.fingerprint === desired.fingerprint)
}

/** Builds, and hooks before them: what takes a slot. */
export function buildsUnderWay(state: State): number {
  return Object.values(state.services).filter(
    ({ build, prepare }) => build.kind === 'building' || prepare?.running !== undefined,
  ).length
}

/** Whether the hook failed for these very inputs, so that only a newer save tries it again. */
export function hasFailed({ prepare, source }: ServiceState, hook: HookSpec): boolean {
  if (prepare?.failed?.hook !== hook.id || source.kind !== 'known') return false
  return prepare.failed.key === prepare.readings[hook.id]?.key && prepare.failed.save === source.save
}

/** Whether a running hook was started for what the files no longer are. One that does not say what it writes may have changed them itself. */
export function isOutdated(service: ServiceState, hook: HookSpec): boolean {
  const { prepare, source } = service
  if (prepare?.running === undefined || hook.outputs === undefined || source.kind !== 'known') return false
  return prepare.readings[hook.id]?.key !== prepare.running.key
}

/** What counts as a save of a hook's inputs, where the image's own inputs are as they were. */
export function hookKeys(
  hooks: readonly HookSpec[],
  readings: Readonly<Record<string, HookReading>> | undefined,
): Inputs['hooks'] {
  const keys = hooks.flatMap(({ id, inputs }) =>
    inputs === undefined ? [] : [`${id}=${readings?.[id]?.key ?? ''}`],
  )
  return keys.length === 0 ? undefined : keys.join(' ')
}
