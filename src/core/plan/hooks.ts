import { specOf } from '../desired.js'
import type { Effect } from '../effect.js'
import { buildHooks, buildsUnderWay, dueHook, hasFailed, isOutdated } from '../hooks/due-hook.js'
import { locksOfHook, takeLocks } from '../hooks/locks.js'
import type { State } from '../state.js'
import { inTurn, MAX_SUPERSEDED_IN_A_ROW } from './in-turn.js'

type HookDraft = Omit<Extract<Effect, { type: 'hook' }>, 'run'>

/** The before-build hooks to start, and those that a newer save made useless. */
export function planHooks(
  state: State,
  locks: Map<string, string>,
): {
  readonly start: readonly HookDraft[]
  readonly cancel: readonly { readonly run: number; readonly service: string }[]
} {
  const start: HookDraft[] = []
  const cancel: { run: number; service: string }[] = []
  let slots = state.project.build.concurrency - buildsUnderWay(state)
  for (const service of inTurn(Object.values(state.services))) {
    const { name, prepare, source, build, pending, steering, ledger } = service
    if (prepare === undefined || source.kind !== 'known') continue
    const { running } = prepare
    if (running !== undefined) {
      const spec = buildHooks(specOf(state, name)).find(({ id }) => id === running.hook)
      const isUseless = spec === undefined || isOutdated(service, spec)
      if (isUseless && !running.superseded && ledger.supersededInARow < MAX_SUPERSEDED_IN_A_ROW)
        cancel.push({ run: running.run, service: name })
      continue
    }
    if (pending !== undefined || steering.paused !== undefined || build.kind === 'building') continue
    const hook = dueHook(state, service)
    if (hook === undefined || hasFailed(service, hook) || slots <= 0) continue
    if (!takeLocks(locks, locksOfHook(hook), name)) continue
    slots -= 1
    const ran = prepare.ran[hook.id]
    start.push({
      type: 'hook',
      service: name,
      hook: hook.id,
      key: prepare.readings[hook.id]?.key ?? '',
      save: source.save,
      times: ran?.save === ledger.save ? ran.times : 0,
    })
  }
  return { start, cancel }
}
