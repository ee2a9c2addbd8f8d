import type { Effect } from '../effect.js'
import type { ObjectHolds } from '../hold.js'
import { stageHooks, stageOf, stageToken } from '../hooks/deploy-hooks.js'
import { type DeployStage, stageKey } from '../hooks/hook-state.js'
import { locksOfHook, takeLocks } from '../hooks/locks.js'
import { objectEntries } from '../object-entries.js'
import { isAllLive } from '../outcome.js'
import { serviceStatus } from '../service-status.js'
import type { State } from '../state.js'
import { stageStatus } from '../status/hook-status.js'
import { isApplyDue } from './is-apply-due.js'

type StageDraft = Omit<Extract<Effect, { type: 'stage' }>, 'run'>

/** The deploy hooks whose time has come: before, for what only waits for them; after, for what is live. */
export function planStages(
  state: State,
  holds: ObjectHolds,
  locks: Map<string, string>,
): readonly StageDraft[] {
  if (!hasDeployHooks(state) || !state.mode.deploy || state.cluster.kind !== 'connected') return []
  if (state.render.due || state.render.run !== undefined || !state.cluster.link.up) return []
  const start: StageDraft[] = []
  const want = (stage: DeployStage, service: string | undefined): void => {
    const token = stageToken(state, stage, service)
    const run = stageOf(state, stage, service)
    if (token === undefined || run?.kind === 'running' || run?.token === token) return
    const own = stageHooks(state, stage, service).flatMap(locksOfHook)
    if (takeLocks(locks, own, service ?? 'the project')) start.push({ type: 'stage', stage, service, token })
  }
  const before = new Map<string, string | undefined>()
  for (const [key, object] of objectEntries(state.objects)) {
    const wanted = holds.desired(key)
    if (wanted.kind !== 'known' || !isApplyDue(object, wanted.version)) continue
    const hold = holds.holdOf(key)
    if (hold?.kind === 'hook') before.set(stageKey(hold.stage, hold.service), hold.service)
  }
  for (const service of before.values()) want('beforeDeploy', service)
  for (const name of Object.keys(state.services)) {
    const status = serviceStatus(state, name)
    if (status.phase === 'waiting' && status.hold.kind === 'hook' && status.hold.stage === 'afterDeploy')
      want('afterDeploy', name)
  }
  if (stageStatus(state, undefined)?.phase === 'waiting' && isAllLive(state)) want('afterDeploy', undefined)
  return start
}

function hasDeployHooks({ project }: State): boolean {
  return [project, ...project.services].some(
    ({ hooks }) => hooks?.beforeDeploy !== undefined || hooks?.afterDeploy !== undefined,
  )
}
