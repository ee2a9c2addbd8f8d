import { specOf } from '../../core/desired.js'
import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import { stageHooks } from '../../core/hooks/deploy-hooks.js'
import { hookTarget } from '../../core/hooks/hook-target.js'
import type { State } from '../../core/state.js'
import { hookEnv } from '../hooks/hook-env.js'
import { type HookTools, runHooks } from '../hooks/run-hooks.js'
import type { SessionTools } from '../session-tools.js'

/** Runs the deploy hooks of a service, or of the project. */
export async function stage(
  effect: Extract<Effect, { type: 'stage' }>,
  {
    hooks,
    getState,
    tell,
    signal,
  }: Pick<SessionTools, 'tell'> & {
    readonly hooks: HookTools
    readonly getState: () => State
    readonly signal: AbortSignal
  },
): Promise<Event> {
  const { run, stage, service } = effect
  const state = getState()
  const spec = service === undefined ? undefined : specOf(state, service)
  const known = service === undefined ? undefined : state.services[service]
  const image = known?.deployable?.podReference ?? spec?.image ?? ''
  const ran = await runHooks(stageHooks(state, stage, service), hooks, {
    env: hookEnv(
      state.project,
      known?.ledger.save ?? state.save,
      spec === undefined ? undefined : { ...spec, image },
    ),
    target: ({ place }) => (place.kind === 'container' ? hookTarget(getState(), place, service) : undefined),
    onLine: line =>
      tell(
        service === undefined ? { type: 'notice', message: line } : { type: 'build-output', service, line },
      ),
    signal,
  })
  if (ran.ok) return { type: 'stage-finished', run, stage, service }
  if (service === undefined && ran.error.kind !== 'cancelled')
    tell({ type: 'problem', final: true, problem: ran.error })
  return { type: 'stage-failed', run, stage, service, problem: ran.error }
}
