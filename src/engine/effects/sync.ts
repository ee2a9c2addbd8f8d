import { posix } from 'node:path'
import type { ContextFile } from '../../core/build-input.js'
import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import { hookTarget } from '../../core/hooks/hook-target.js'
import type { Problem } from '../../core/problem.js'
import type { ServiceSpec } from '../../core/project.js'
import { ok, type Result } from '../../core/result.js'
import type { State } from '../../core/state.js'
import type { SyncFile } from '../../core/sync/match-rule.js'
import type { RunningContainer } from '../../core/sync/sync-targets.js'
import type { ContainerFiles, FileChange, SyncProblem } from '../../ports/file-sync.js'
import { hookEnv } from '../hooks/hook-env.js'
import { runHooks } from '../hooks/run-hooks.js'
import type { SessionTools } from '../session-tools.js'
import type { Snapshots } from './scan.js'

type SyncEffect = Extract<Effect, { type: 'sync' }>

interface SyncEffectTools extends Pick<SessionTools, 'tell' | 'hooks'> {
  readonly getState: () => State
  readonly files: ContainerFiles
  readonly snapshots: Snapshots
  /** Remembers, before anything is written, which containers are no longer what their image is. */
  readonly remember: (containers: readonly string[]) => Promise<Result<void>>
  readonly signal: AbortSignal
}

/** Milliseconds that a process has to end before a restart kills it, and in which its ports have to be open again. */
const GRACE = 5000
const PATIENCE = 60_000

/** Puts files into containers, starts their processes anew and runs commands, as the rules want it; all containers beside each other. */
export async function sync(effect: SyncEffect, service: ServiceSpec, tools: SyncEffectTools): Promise<Event> {
  const before = await syncHooks('beforeSync', effect, service, tools)
  if (!before.ok) return unsynced(effect, before.error)
  const event = await write(effect, service, tools)
  if (event.type !== 'sync-finished' || event.problem !== undefined || event.containers.length === 0)
    return event
  const after = await syncHooks('afterSync', effect, service, tools)
  if (after.ok) return event
  return after.error.kind === 'cancelled' ? unsynced(effect, after.error) : { ...event, problem: after.error }
}

/** Without its hook a save goes nowhere until the next one: its containers count as having had their turn. */
function unsynced({ run, service, save, targets }: SyncEffect, problem: Problem): Event {
  if (problem.kind === 'cancelled') return { type: 'sync-cancelled', run, service }
  const containers = targets.map(({ containerId }) => containerId)
  return {
    type: 'sync-finished',
    run,
    service,
    save,
    files: 0,
    bytes: 0,
    restarted: false,
    containers,
    gone: [],
    problem,
  }
}

async function syncHooks(
  stage: 'beforeSync' | 'afterSync',
  { save }: SyncEffect,
  service: ServiceSpec,
  { hooks, tell, getState, signal }: SyncEffectTools,
): Promise<Result<void>> {
  const own = service.hooks?.[stage]
  if (own === undefined || hooks === undefined) return ok(undefined)
  return runHooks(own, hooks, {
    env: hookEnv(getState().project, save, service),
    target: ({ place }) =>
      place.kind === 'container' ? hookTarget(getState(), place, service.name) : undefined,
    onLine: line => tell({ type: 'build-output', service: service.name, line }),
    signal,
  })
}

async function write(effect: SyncEffect, service: ServiceSpec, tools: SyncEffectTools): Promise<Event> {
  const { run, save, targets, files } = effect
  const { snapshots, remember } = tools
  const refused = (message: string): Event => ({
    type: 'sync-refused',
    run,
    service: service.name,
    save,
    message,
  })
  const snapshot = snapshots.get(service.name)
  if (snapshot === undefined) return { type: 'sync-cancelled', run, service: service.name }
  const remembered = await remember(targets.map(({ containerId }) => containerId))
  if (!remembered.ok) return refused('devloop could not note which containers it writes to')
  const present = new Map(snapshot.files.map(file => [file.path, file]))
  const changes = files.map(file => changeOf(file, present.get(file.path), service.context))
  const ends = await Promise.all(targets.map(target => into(target, changes, effect, tools)))
  const synced: string[] = []
  const gone: string[] = []
  let bytes = 0
  let problem: Problem | undefined
  for (const [index, { containerId }] of targets.entries()) {
    const end = ends[index]
    if (end === undefined) continue
    if (end.ok) {
      synced.push(containerId)
      bytes = Math.max(bytes, end.value.bytes)
      problem ??= end.value.problem
      continue
    }
    switch (end.error.kind) {
      case 'cancelled':
        return { type: 'sync-cancelled', run, service: service.name }
      case 'sync-refused':
        return refused(end.error.message)
      case 'container-gone':
        gone.push(containerId)
    }
  }
  return {
    type: 'sync-finished',
    run,
    service: service.name,
    save,
    files: files.length,
    bytes,
    restarted: effect.restart,
    containers: synced,
    gone,
    ...(problem === undefined ? {} : { problem }),
  }
}

function changeOf({ path, to }: SyncFile, file: ContextFile | undefined, context: string): FileChange {
  switch (file?.type) {
    case undefined:
      return { kind: 'delete', to }
    case 'file':
      return { kind: 'file', to, from: posix.join(context, path), mode: file.mode }
    case 'symlink':
      return { kind: 'link', to, target: file.linkTarget ?? '' }
    case 'directory':
      return { kind: 'folder', to }
  }
}

async function into(
  target: RunningContainer,
  changes: readonly FileChange[],
  { service, restart, commands }: SyncEffect,
  { files, signal, tell }: SyncEffectTools,
): Promise<Result<{ readonly bytes: number; readonly problem?: Problem }, SyncProblem>> {
  const written = await files.write(target, changes, signal)
  if (!written.ok) return written
  const { bytes } = written.value
  for (const command of commands) {
    const argv = typeof command === 'string' ? ['sh', '-c', command] : command
    const onLine = (line: string): void => tell({ type: 'sync-output', service, pod: target.pod, line })
    const ended = await files.run(target, argv, { onLine, signal })
    if (ended.ok) continue
    // What comes after a command that failed would run what the command did not prepare.
    if (ended.error.kind === 'command-failed') return ok({ bytes, problem: ended.error })
    return { ok: false, error: ended.error }
  }
  if (restart) {
    const restarted = await files.restart(target, {
      ports: target.ports,
      grace: GRACE,
      patience: PATIENCE,
      signal,
    })
    if (!restarted.ok) return restarted
  }
  return ok({ bytes })
}
