import { createHash } from 'node:crypto'
import { desiredObject, objectsOf, specOf } from '../desired.js'
import { isRolledOut } from '../rolled-out.js'
import type { State } from '../state.js'
import type { HookSpec } from './hook-spec.js'
import { type DeployStage, type StageState, stageKey } from './hook-state.js'

/** The hooks of a stage of a service, or of the project. */
export function stageHooks(
  state: State,
  stage: DeployStage,
  service: string | undefined,
): readonly HookSpec[] {
  return (service === undefined ? state.project.hooks : specOf(state, service)?.hooks)?.[stage] ?? []
}

export function stageOf(
  state: State,
  stage: DeployStage,
  service: string | undefined,
): StageState | undefined {
  return state.stages?.[stageKey(stage, service)]
}

/** Names what a stage's hooks run for: it is done once for each. Undefined while it is not known, or there are no hooks. */
export function stageToken(
  state: State,
  stage: DeployStage,
  service: string | undefined,
): string | undefined {
  if (stageHooks(state, stage, service).length === 0) return undefined
  if (service !== undefined) return versionsOf(state, objectsOf(state, service), true)
  return stage === 'beforeDeploy'
    ? `manifests ${state.render.save}`
    : versionsOf(state, Object.keys(state.objects), false)
}

/** Whether hooks have still to run, or failed, for what is to be deployed now. */
export function isStageOpen(state: State, stage: DeployStage, service: string | undefined): boolean {
  const token = stageToken(state, stage, service)
  if (token === undefined) return false
  const run = stageOf(state, stage, service)
  return run?.kind !== 'done' || run.token !== token
}

function versionsOf(state: State, keys: readonly string[], workloadsOnly: boolean): string | undefined {
  const versions: string[] = []
  for (const key of keys) {
    const object = state.objects[key]
    if (object === undefined || (workloadsOnly && !isRolledOut(object.linked.ref))) continue
    const desired = desiredObject(state, object.linked)
    if (desired.kind !== 'known') return undefined
    versions.push(`${key} ${desired.version}`)
  }
  if (versions.length === 0) return undefined
  return createHash('sha256').update(versions.sort().join('\n')).digest('hex')
}
