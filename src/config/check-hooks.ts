import { type ConfigPath, type Finding, finding } from './finding.js'
import type { HookMapping, HookStageInput } from './hook-schema.js'
import { hookEntries } from './resolve-hooks.js'
import type { ConfigInput } from './schema.js'
import { parseWorkloadRef } from './workload-ref.js'

/** Where a container may run something: what is built or rendered need not run yet. */
const IN_CONTAINER = ['beforeSync', 'afterSync', 'beforeDeploy', 'afterDeploy']
const WITH_FILES = ['beforeBuild', 'beforeRender']
const ON_HOST = ['cwd', 'env', 'os'] as const

/** What the schema cannot say of hooks: keys that do not go together, and stages at which they mean nothing. */
export function checkHooks({ hooks, services = {} }: ConfigInput): readonly Finding[] {
  return [
    ...checkStages(hooks ?? {}, ['hooks'], undefined),
    ...Object.entries(services).flatMap(([name, service]) =>
      checkStages(service?.hooks ?? {}, ['services', name, 'hooks'], name),
    ),
  ]
}

function checkStages(
  stages: Readonly<Record<string, HookStageInput | undefined>>,
  path: ConfigPath,
  service: string | undefined,
): readonly Finding[] {
  return Object.entries(stages).flatMap(([stage, input]) =>
    input === undefined
      ? []
      : hookEntries(input, [...path, stage]).flatMap(({ entry, path }) =>
          checkHook(entry, { path, stage, service }),
        ),
  )
}

function checkHook(
  entry: HookMapping,
  {
    path,
    stage,
    service,
  }: { readonly path: ConfigPath; readonly stage: string; readonly service: string | undefined },
): readonly Finding[] {
  return [
    ...checkFiles(entry, path, stage),
    ...(entry.container === undefined
      ? entry.workload === undefined
        ? []
        : [
            finding([...path, 'workload'], '"workload" counts only for a hook that runs in a container', {
              on: 'key',
              suggestion: 'add "container: true"',
            }),
          ]
      : checkContainer(entry, { path, stage, service })),
    ...(typeof entry.timeout === 'string' && !/[1-9]/.test(entry.timeout)
      ? [finding([...path, 'timeout'], '"timeout" must be more than 0')]
      : []),
  ]
}

function checkFiles(entry: HookMapping, path: ConfigPath, stage: string): readonly Finding[] {
  const misplaced = WITH_FILES.includes(stage)
    ? []
    : (['inputs', 'outputs'] as const)
        .filter(key => entry[key] !== undefined)
        .map(key =>
          finding([...path, key], `"${key}" goes with beforeBuild and beforeRender, not with ${stage}`, {
            on: 'key',
            suggestion: 'remove it',
          }),
        )
  const negated = (['inputs', 'outputs'] as const).flatMap(key =>
    (entry[key] ?? []).flatMap((pattern, index) =>
      pattern.startsWith('!')
        ? [
            finding([...path, key, index], `"${pattern}" would match nearly everything`, {
              suggestion: 'name what counts',
            }),
          ]
        : [],
    ),
  )
  return [...misplaced, ...negated]
}

function checkContainer(
  entry: HookMapping,
  {
    path,
    stage,
    service,
  }: { readonly path: ConfigPath; readonly stage: string; readonly service: string | undefined },
): readonly Finding[] {
  if (!IN_CONTAINER.includes(stage))
    return [
      finding([...path, 'container'], `a ${stage} hook cannot run in a container`, {
        on: 'key',
        suggestion: `hooks in containers are: ${IN_CONTAINER.join(', ')}`,
      }),
    ]
  const workload = entry.workload === undefined ? undefined : parseWorkloadRef(entry.workload)
  return [
    ...ON_HOST.filter(key => entry[key] !== undefined).map(key =>
      finding([...path, key], `"${key}" is for hooks on this machine; this one runs in a container`, {
        on: 'key',
        suggestion: 'remove it, or "container"',
      }),
    ),
    ...(workload === undefined || workload.ok
      ? []
      : [
          finding([...path, 'workload'], `"${entry.workload}" ${workload.error.message}`, {
            suggestion: workload.error.suggestion,
          }),
        ]),
    ...(service === undefined && entry.workload === undefined && stage.endsWith('Deploy')
      ? [
          finding([...path, 'container'], 'a hook of the project belongs to no container', {
            suggestion: 'add "workload: KIND/NAME", or make it a hook of a service',
          }),
        ]
      : []),
  ]
}
