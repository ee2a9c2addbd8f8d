import { specOf } from '../desired.js'
import type { State } from '../state.js'
import type { HookSpec, HookStage, Hooks } from './hook-spec.js'
import type { DeployStage } from './hook-state.js'

/** The locks of stages' hooks. */
export function locksOf(hooks: Hooks | undefined, ...stages: readonly HookStage[]): readonly string[] {
  return stages.flatMap(stage => hooks?.[stage] ?? []).flatMap(hook => locksOfHook(hook))
}

/** One that every service has does not run twice at once either. */
export function locksOfHook({ id, lock }: HookSpec): readonly string[] {
  const own = id.includes('.') ? [] : [`hook ${id}`]
  return lock === undefined ? own : [lock, ...own]
}

/** Who holds each lock at present: what is under way holds those of its hooks until its end. */
export function heldLocks(state: State): Map<string, string> {
  const held = new Map<string, string>()
  const take = (by: string, locks: readonly string[]): void => {
    for (const lock of locks) held.set(lock, by)
  }
  for (const { name, prepare, build, sync } of Object.values(state.services)) {
    const hooks = specOf(state, name)?.hooks
    const running = hooks?.beforeBuild?.find(({ id }) => id === prepare?.running?.hook)
    if (running !== undefined) take(name, locksOfHook(running))
    if (build.kind === 'building') take(name, locksOf(hooks, 'afterBuild'))
    if (sync?.running !== undefined) take(name, locksOf(hooks, 'beforeSync', 'afterSync'))
  }
  for (const [key, stage] of Object.entries(state.stages ?? {})) {
    if (stage.kind !== 'running') continue
    const [service = '', name] = key.split('/')
    const hooks = service === '' ? state.project.hooks : specOf(state, service)?.hooks
    take(service === '' ? 'the project' : service, locksOf(hooks, name as DeployStage))
  }
  if (state.render.run !== undefined)
    take('the manifests', locksOf(state.project.hooks, 'beforeRender', 'afterRender'))
  return held
}

/** Takes the locks if all are free. */
export function takeLocks(held: Map<string, string>, locks: readonly string[], by: string): boolean {
  if (locks.some(lock => held.has(lock))) return false
  for (const lock of locks) held.set(lock, by)
  return true
}
