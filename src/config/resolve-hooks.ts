import { resolve } from 'node:path'
import type { HookSpec, HookStage, Hooks } from '../core/hooks/hook-spec.js'
import { pathPattern } from '../core/hooks/path-pattern.js'
import { durationSeconds } from './duration.js'
import type { ConfigPath } from './finding.js'
import type { HookMapping, HookStageInput } from './hook-schema.js'
import { expandHome, type ResolveContext } from './resolve-context.js'
import { parseWorkloadRef } from './workload-ref.js'

type HooksInput = Readonly<Partial<Record<HookStage, HookStageInput | undefined>>>

interface Owner {
  /** Undefined for the project. */
  readonly service: string | undefined
  /** What `cwd` is relative to. */
  readonly folder: string
  readonly where: ResolveContext
}

/** The entries of a stage, each with its place in the config. */
export function hookEntries(
  stage: HookStageInput,
  path: ConfigPath,
): readonly { readonly entry: HookMapping; readonly path: ConfigPath }[] {
  const mapping = (entry: string | HookMapping): HookMapping =>
    typeof entry === 'string' ? { run: entry } : entry
  return typeof stage === 'object' && Array.isArray(stage)
    ? stage.map((entry, index) => ({ entry: mapping(entry), path: [...path, index] }))
    : [{ entry: mapping(stage as string | HookMapping), path }]
}

/** The hooks that run on this system. */
export function resolveHooks(input: HooksInput, owner: Owner): Hooks {
  const at: ConfigPath = owner.service === undefined ? ['hooks'] : ['services', owner.service, 'hooks']
  const stages = Object.entries(input).flatMap(([name, stage]) => {
    if (stage === undefined) return []
    const specs = hookEntries(stage, [...at, name]).flatMap(({ entry, path }, index) =>
      runsOn(entry, owner.where.system)
        ? [resolveHook(entry, { ...owner, path, stage: name as HookStage, index })]
        : [],
    )
    return specs.length === 0 ? [] : [[name, specs] as const]
  })
  return Object.fromEntries(stages)
}

function runsOn({ os }: HookMapping, system: string | undefined): boolean {
  return os === undefined || system === undefined || [os].flat().some(one => one === system)
}

function resolveHook(
  entry: HookMapping,
  {
    service,
    folder,
    where,
    path,
    stage,
    index,
  }: Owner & { readonly path: ConfigPath; readonly stage: HookStage; readonly index: number },
): HookSpec {
  const cwd = resolve(folder, expandHome(entry.cwd ?? '.', where.home))
  const patterns = (texts: readonly string[] | undefined) =>
    texts?.map(text => pathPattern(expandHome(text, where.home), cwd))
  const workload = entry.workload === undefined ? undefined : parseWorkloadRef(entry.workload)
  return {
    id: `${service === undefined ? '' : `${service}.`}${stage}${index === 0 ? '' : `[${index}]`}`,
    stage,
    run: entry.run,
    place:
      entry.container === undefined
        ? { kind: 'host', cwd }
        : {
            kind: 'container',
            workload: workload?.ok === true ? workload.value : undefined,
            container: entry.container === true ? undefined : entry.container,
          },
    env: Object.fromEntries(
      Object.entries(entry.env ?? {}).map(([key, value]) => [
        key,
        where.document.textAt([...path, 'env', key]) ?? String(value),
      ]),
    ),
    inputs: patterns(entry.inputs),
    outputs: patterns(entry.outputs),
    lock: entry.lock,
    timeout: entry.timeout === undefined ? undefined : durationSeconds(entry.timeout),
  }
}

/** The stages that hooks of the project share in for every service. */
const SHARED = ['beforeBuild', 'afterBuild', 'beforeSync', 'afterSync'] as const

/**
 * The hooks of a service together with those of the project that run for each: around them, first before and last after. One with inputs of its own keeps its
 * id, and so runs once for all; any other is as if the service had it.
 */
export function withShared(own: Hooks, shared: Hooks, service: string): Hooks {
  const stages = SHARED.flatMap(stage => {
    const all = (shared[stage] ?? []).map(hook =>
      hook.inputs === undefined ? { ...hook, id: `${service}.hooks.${hook.id}` } : hook,
    )
    const mine = own[stage] ?? []
    const both = stage.startsWith('before') ? [...all, ...mine] : [...mine, ...all]
    return both.length === 0 ? [] : [[stage, both] as const]
  })
  return { ...own, ...Object.fromEntries(stages) }
}
