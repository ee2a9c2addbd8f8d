import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import { buildHooks } from '../../core/hooks/due-hook.js'
import { cancelled, type Problem } from '../../core/problem.js'
import type { Project, ServiceSpec } from '../../core/project.js'
import { hookEnv } from '../hooks/hook-env.js'
import { outputsDigest } from '../hooks/read-hooks.js'
import { type HookTools, runHooks } from '../hooks/run-hooks.js'
import type { SessionTools } from '../session-tools.js'

type HookEffect = Extract<Effect, { type: 'hook' }>

/** Runs one before-build hook, and remembers what it ran for and what it left. */
export async function hook(
  effect: HookEffect,
  service: ServiceSpec,
  {
    hooks,
    project,
    tell,
    signal,
  }: Pick<SessionTools, 'tell'> & {
    readonly hooks: HookTools
    readonly project: Project
    readonly signal: AbortSignal
  },
): Promise<Event> {
  const { run, key } = effect
  const failed = (problem: Problem): Event => ({
    type: 'hook-failed',
    run,
    service: service.name,
    hook: effect.hook,
    problem,
  })
  const spec = buildHooks(service).find(({ id }) => id === effect.hook)
  if (spec === undefined) return failed(cancelled)
  const ran = await runHooks([spec], hooks, {
    env: hookEnv(project, effect.save, service),
    target: () => undefined,
    onLine: line => tell({ type: 'build-output', service: service.name, line }),
    signal,
  })
  if (!ran.ok) return failed(ran.error)
  if (effect.times === 1) tell({ type: 'notice', service: service.name, message: again(spec.id) })
  const outputs = await outputsDigest(spec, hooks.files, signal)
  if (signal.aborted) return failed(cancelled)
  const noted = await hooks.memory.set(spec.id, { key, outputs })
  if (!noted.ok) return failed(noted.error)
  return { type: 'hook-finished', run, service: service.name, hook: spec.id, key, outputs }
}

const again = (id: string): string =>
  `the hook ${id} ran twice for one save: files that start it changed while it ran. If it writes them itself, name them in its "outputs"`
