import { desiredBuild, specOf } from '../desired.js'
import type { AfterSync } from '../project.js'
import type { ServiceState, State } from '../state.js'
import { matchRule, rulesText, type SyncFile } from './match-rule.js'
import type { SyncState } from './sync-state.js'
import { type RunningContainer, runningContainers } from './sync-targets.js'

/** Whether a service's last save is one that goes into its containers, so that no image of it is made. */
export function isSynced(state: State, { name, sync }: ServiceState): boolean {
  if (sync?.decision.kind !== 'sync') return false
  const desired = desiredBuild(state, name)
  const { fingerprint, rules } = sync.decision
  return (
    desired.kind === 'known' &&
    desired.fingerprint === fingerprint &&
    // By other rules, a container that comes later would not get the same files.
    rulesText(specOf(state, name)?.sync ?? []) === rules
  )
}

/** Running containers of a service that lack files of its last save: it is not live before they have them. */
export function lackingContainers(state: State, service: ServiceState): readonly RunningContainer[] {
  const { sync } = service
  if (sync === undefined || !isSynced(state, service)) return []
  return runningContainers(state, service.name).filter(
    ({ containerId }) =>
      (sync.containers[containerId] ?? 0) < sync.decision.save && !sync.gone.includes(containerId),
  )
}

/** What is to be written now, and where. */
export interface DueSync {
  readonly save: number
  readonly files: readonly SyncFile[]
  readonly restart: boolean
  /** Each once, in the order of the rules' first files. */
  readonly commands: readonly Extract<AfterSync, { kind: 'run' }>['command'][]
  readonly targets: readonly RunningContainer[]
}

/** Undefined where every container has its files, or gets them now. */
export function dueSync(state: State, service: ServiceState): DueSync | undefined {
  const { sync } = service
  if (sync === undefined || sync.running !== undefined) return undefined
  const targets = lackingContainers(state, service)
  const rules = specOf(state, service.name)?.sync
  if (targets.length === 0 || rules === undefined) return undefined
  const from = Math.min(...targets.map(({ containerId }) => sync.containers[containerId] ?? 0))
  const files = filesSince(sync, from).flatMap(path => {
    const file = matchRule(rules, path)
    return typeof file === 'string' ? [] : [file]
  })
  const commands = new Map(
    files.flatMap(({ after }) =>
      after.kind === 'run' ? [[JSON.stringify(after.command), after.command] as const] : [],
    ),
  )
  return {
    save: sync.decision.save,
    files,
    restart: files.some(({ after }) => after.kind === 'restart'),
    commands: [...commands.values()],
    targets,
  }
}

function filesSince({ saves }: SyncState, save: number): readonly string[] {
  return [...new Set(saves.filter(one => one.save > save).flatMap(({ paths }) => paths))]
}
