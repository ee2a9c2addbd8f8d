import { basename, dirname, resolve } from 'node:path'
import { parseReplacePath } from '../core/manifest/replace-path.js'
import type { ClusterSelection, Project, ServiceSpec } from '../core/project.js'
import { durationSeconds } from './duration.js'
import { expandHome, type ResolveContext } from './resolve-context.js'
import { resolveHooks } from './resolve-hooks.js'
import { resolveManifests } from './resolve-manifests.js'
import { resolvePortForward } from './resolve-port-forward.js'
import { resolveService } from './resolve-service.js'
import type { ConfigInput } from './schema.js'

export interface ResolveOptions extends ResolveContext {
  readonly file: string
  /** CPUs of this machine, for the default of `build.concurrency`. */
  readonly cpus: number
  readonly variables: Readonly<Record<string, string>>
  /** Every file that the config is made of, and what others it may be made of. */
  readonly include?: Project['include']
}

/** A config with every default filled in and every path absolute. Manifest paths stay as written, for an absolute glob would read its folders' own brackets as patterns. */
export function resolveProject(input: ConfigInput, options: ResolveOptions): Project {
  const namespace =
    typeof input.namespace === 'string' ? { default: input.namespace } : (input.namespace ?? {})
  const hooks =
    input.hooks === undefined
      ? {}
      : resolveHooks(input.hooks, { service: undefined, folder: options.root, where: options })
  return {
    name: input.name ?? dnsLabelOf(basename(dirname(options.file))),
    root: options.root,
    configFile: options.file,
    ...(options.include === undefined ? {} : { include: options.include }),
    cluster: resolveCluster(input.cluster, options),
    namespace: {
      default: namespace.default,
      create: namespace.create ?? true,
      override: namespace.override ?? false,
    },
    variables: options.variables,
    ...(input.storageClasses === undefined ? {} : { storageClasses: input.storageClasses }),
    services: withBases(
      Object.entries(input.services ?? {}).map(([name, service]) =>
        resolveService(name, service ?? {}, {
          ...options,
          fastRollout: input.rollout?.fast,
          hooks,
        }),
      ),
    ),
    ...(Object.keys(hooks).length === 0 ? {} : { hooks }),
    manifests: resolveManifests(input.manifests ?? [], options),
    ...(input.replace === undefined
      ? {}
      : {
          replace: input.replace.flatMap(({ kind, path }) => {
            const steps = parseReplacePath(path)
            return steps === undefined ? [] : [{ kind, path: steps }]
          }),
        }),
    preload: input.preload ?? [],
    hosts: [...new Set((input.hosts ?? []).map(host => host.toLowerCase()))],
    build: { concurrency: input.build?.concurrency ?? Math.min(4, Math.max(1, options.cpus)) },
    logs: { ignore: input.logs?.ignore ?? [] },
    waitTimeout: input.waitTimeout === undefined ? undefined : durationSeconds(input.waitTimeout),
    prune: input.prune ?? 'ask',
    onExit: input.onExit ?? 'keep',
    gateway: resolveGateway(input.gateway),
    portForward: resolvePortForward(input.portForward),
  }
}

/** What a service builds upon, with how that is built. */
function withBases(services: readonly ServiceSpec[]): readonly ServiceSpec[] {
  return services.map(service => {
    if (service.requires.length === 0) return service
    const requires = service.requires.map(required => {
      const base = services.find(({ name }) => name === required.service)
      return base === undefined
        ? required
        : { ...required, base: { dockerfile: base.dockerfile, target: base.target } }
    })
    return { ...service, requires }
  })
}

function resolveGateway(gateway: ConfigInput['gateway']): Project['gateway'] {
  if (gateway === undefined || typeof gateway === 'boolean')
    return { mode: gateway === undefined ? 'auto' : gateway ? 'on' : 'off', port: 8080 }
  return { mode: 'on', port: gateway.port ?? 8080 }
}

/** A folder's name as a DNS label: `My Shop!` is `my-shop`; `project` where nothing of it is left. */
function dnsLabelOf(name: string): string {
  const label = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{Mn}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')
  return label === '' ? 'project' : label
}

function resolveCluster(cluster: ConfigInput['cluster'], where: ResolveContext): ClusterSelection {
  if (cluster?.kind !== undefined) return { kind: 'kind', ...creation(cluster.kind, 'kind', where) }
  if (cluster?.k3d !== undefined) return { kind: 'k3d', ...creation(cluster.k3d, 'k3s-default', where) }
  if (cluster?.minikube !== undefined) {
    const given =
      typeof cluster.minikube === 'string' ? { profile: cluster.minikube } : (cluster.minikube ?? {})
    return { kind: 'minikube', profile: given.profile ?? 'minikube', create: given.create ?? false }
  }
  if (cluster?.context !== undefined) {
    const given = typeof cluster.context === 'string' ? { name: cluster.context } : cluster.context
    return { kind: 'context', name: given.name, allow: given.allow ?? false, registry: given.registry }
  }
  if (cluster?.process !== undefined) return { kind: 'process', images: cluster.process?.images ?? {} }
  return { kind: 'auto' }
}

function creation(
  input: NonNullable<NonNullable<ConfigInput['cluster']>['kind']> | null,
  defaultName: string,
  where: ResolveContext,
) {
  const given = typeof input === 'string' ? { name: input } : (input ?? {})
  return {
    name: given.name ?? defaultName,
    create: given.create ?? false,
    image: given.image,
    config:
      given.config === undefined ? undefined : resolve(where.root, expandHome(given.config, where.home)),
  }
}
