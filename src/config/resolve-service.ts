import { posix, resolve } from 'node:path'
import { parseEndpoint } from '../core/checks/endpoint-check.js'
import type { Hooks } from '../core/hooks/hook-spec.js'
import type { BuildSecret, ServiceSpec, SyncRule } from '../core/project.js'
import { durationSeconds } from './duration.js'
import { resolveBuildArgs } from './resolve-build-args.js'
import { expandHome, type ResolveContext } from './resolve-context.js'
import { resolveHooks, withShared } from './resolve-hooks.js'
import type { ServiceInput } from './service-schema.js'
import { parseWorkloadRef } from './workload-ref.js'

export interface ServiceContext extends ResolveContext {
  /** What the project says of rollouts, for a service that says nothing. */
  readonly fastRollout: boolean | undefined
  /** Hooks of the project; some run for every service. */
  readonly hooks: Hooks
}

/** A service with its defaults: `auth: {}` is `./auth/Dockerfile`, image `auth`. */
export function resolveService(name: string, input: ServiceInput, where: ServiceContext): ServiceSpec {
  const context = resolve(where.root, expandHome(input.context ?? name, where.home))
  return {
    name,
    context,
    dockerfile: resolve(context, expandHome(input.dockerfile ?? 'Dockerfile', where.home)),
    image: input.image ?? name,
    target: input.target,
    platform: input.platform,
    buildArgs: resolveBuildArgs(name, input.buildArgs, where),
    secrets: (input.secrets ?? []).flatMap(secret => resolveSecret(secret, where)),
    requires: input.requires ?? [],
    workloads: (input.workloads ?? []).map(workloadOrText),
    container: input.container,
    watch: {
      extra: (input.watch?.extra ?? []).map(path => resolve(context, expandHome(path, where.home))),
      ignore: input.watch?.ignore ?? [],
    },
    dependsOn: (input.dependsOn ?? []).flatMap(entry =>
      typeof entry !== 'string' ? [] : entry.includes('/') ? workloadOrText(entry) : entry,
    ),
    ...resolveChecks(input.dependsOn ?? []),
    ...(input.sync === undefined || input.sync.length === 0 ? {} : { sync: input.sync.map(resolveSync) }),
    ...((input.rollout?.fast ?? where.fastRollout) === true ? { fastRollout: true } : {}),
    ...withHooks(
      input.hooks === undefined ? {} : resolveHooks(input.hooks, { service: name, folder: context, where }),
      where.hooks,
      name,
    ),
  }
}

function withHooks(own: Hooks, shared: Hooks, service: string): Pick<ServiceSpec, 'hooks'> {
  const hooks = withShared(own, shared, service)
  return Object.keys(hooks).length === 0 ? {} : { hooks }
}

function resolveSync(rule: NonNullable<ServiceInput['sync']>[number]): SyncRule {
  return {
    match: plainPath(rule.match),
    strip: rule.strip === undefined ? '' : plainPath(rule.strip),
    to: posix.normalize(`${rule.to}/`),
    after:
      rule.then === undefined
        ? { kind: 'nothing' }
        : rule.then === 'restart'
          ? { kind: 'restart' }
          : { kind: 'run', command: rule.then.run },
  }
}

/** `./src/` is `src`: paths of a context are written without either. */
function plainPath(path: string): string {
  const plain = posix.normalize(path).replace(/^\.?\/+|\/+$/g, '')
  return plain === '.' ? '' : plain
}

/** Seconds that an endpoint is waited for where the config does not say. */
const checkTimeout = 300

function resolveChecks(entries: NonNullable<ServiceInput['dependsOn']>): Pick<ServiceSpec, 'checks'> {
  const checks = entries.flatMap(entry => {
    if (typeof entry === 'string') return []
    const parsed =
      entry.http === undefined ? parseEndpoint('tcp', entry.tcp ?? '') : parseEndpoint('http', entry.http)
    const timeout = entry.timeout === undefined ? checkTimeout : durationSeconds(entry.timeout)
    return parsed.ok ? [{ ...parsed.value, timeout }] : []
  })
  return checks.length === 0 ? {} : { checks }
}

function resolveSecret(
  secret: NonNullable<ServiceInput['secrets']>[number],
  where: ResolveContext,
): readonly BuildSecret[] {
  if (secret.file !== undefined)
    return [{ id: secret.id, file: resolve(where.root, expandHome(secret.file, where.home)) }]
  return secret.env === undefined ? [] : [{ id: secret.id, env: secret.env }]
}

// What is no workload was reported by the checks, and the project is not used then.
function workloadOrText(text: string): string {
  const parsed = parseWorkloadRef(text)
  return parsed.ok ? parsed.value : text
}
