import { join, resolve } from 'node:path'
import type { BuildSecret, ServiceSpec } from '../core/project.js'
import type { ConfigDocument } from './document.js'
import type { ServiceInput } from './schema.js'
import { parseWorkloadRef } from './workload-ref.js'

export interface ResolveContext {
  readonly document: ConfigDocument
  /** The folder of the config file. */
  readonly root: string
  /** The user's home folder, for `~`. */
  readonly home: string
}

/** A service with its defaults: `auth: {}` is `./auth/Dockerfile`, image `auth`. */
export function resolveService(name: string, input: ServiceInput, where: ResolveContext): ServiceSpec {
  const context = resolve(where.root, expandHome(input.context ?? name, where.home))
  const buildArgs = Object.keys(input.buildArgs ?? {}).map(
    key =>
      [
        key,
        where.document.textAt(['services', name, 'buildArgs', key]) ?? String(input.buildArgs?.[key]),
      ] as const,
  )
  return {
    name,
    context,
    dockerfile: resolve(context, expandHome(input.dockerfile ?? 'Dockerfile', where.home)),
    image: input.image ?? name,
    target: input.target,
    platform: input.platform,
    buildArgs: Object.fromEntries(buildArgs),
    secrets: (input.secrets ?? []).flatMap(secret => resolveSecret(secret, where)),
    requires: input.requires ?? [],
    workloads: (input.workloads ?? []).map(workloadOrText),
    container: input.container,
    watch: {
      extra: (input.watch?.extra ?? []).map(path => resolve(context, expandHome(path, where.home))),
      ignore: input.watch?.ignore ?? [],
    },
    dependsOn: (input.dependsOn ?? []).map(text => (text.includes('/') ? workloadOrText(text) : text)),
  }
}

/** `~` and `~/…` as the shell reads them. */
export function expandHome(path: string, home: string): string {
  if (path === '~') return home
  return /^~[/\\]/.test(path) ? join(home, path.slice(2)) : path
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
