import { parseReplacePath } from '../core/manifest/replace-path.js'
import { checkHooks } from './check-hooks.js'
import { checkHost } from './check-host.js'
import { checkManifests } from './check-manifests.js'
import { checkImage, checkService } from './check-names.js'
import { checkPattern } from './check-pattern.js'
import { checkPortForward } from './check-port-forward.js'
import { checkSync } from './check-sync.js'
import { type Finding, finding } from './finding.js'
import type { ConfigInput } from './schema.js'

/** What the schema cannot say about a config: choices that exclude each other, images, and names that lead nowhere. */
export function checkProject(input: ConfigInput): readonly Finding[] {
  const services = input.services ?? {}
  return [
    ...checkCluster(input.cluster),
    ...(typeof input.namespace === 'object' &&
    input.namespace.override &&
    input.namespace.default === undefined
      ? [
          finding(['namespace', 'override'], '"override" needs a namespace to move everything to', {
            suggestion: 'add "default:"',
          }),
        ]
      : []),
    ...Object.entries(services).flatMap(([name, service]) => checkService(name, service ?? {}, services)),
    ...Object.entries(services).flatMap(([name, service]) => checkSync(name, service ?? {})),
    ...checkHooks(input),
    ...checkManifests(input.manifests),
    ...(input.replace ?? []).flatMap(({ path }, index) =>
      parseReplacePath(path) !== undefined
        ? []
        : [
            finding(
              ['replace', index, 'path'],
              '"path" must be a path such as spec.template.spec.containers[*].image',
            ),
          ],
    ),
    ...(input.logs?.ignore ?? []).flatMap((pattern, index) =>
      checkPattern(pattern, ['logs', 'ignore', index]),
    ),
    ...(input.preload ?? []).flatMap((image, index) => checkImage(image, ['preload', index])),
    ...(input.hosts ?? []).flatMap((host, index) => checkHost(host, ['hosts', index])),
    ...checkPortForward(input.portForward),
    ...(typeof input.waitTimeout === 'string' && !/[1-9]/.test(input.waitTimeout)
      ? [finding(['waitTimeout'], '"waitTimeout" must be more than 0')]
      : []),
  ]
}

function checkCluster(cluster: ConfigInput['cluster']): readonly Finding[] {
  if (cluster === undefined) return []
  const [first, ...others] = Object.keys(cluster)
  if (first === undefined)
    return [
      finding(['cluster'], '"cluster" must have exactly one of kind, minikube, k3d, context and process', {
        suggestion: 'remove it to take the local cluster that answers',
      }),
    ]
  return [
    ...others.map(key =>
      finding(
        ['cluster', key],
        `"cluster" must have exactly one of kind, minikube, k3d, context and process; it has "${first}" already`,
        {
          on: 'key',
          suggestion: 'keep one of them',
        },
      ),
    ),
    ...(['kind', 'k3d'] as const).flatMap(kind => {
      const given = cluster[kind]
      if (typeof given !== 'object' || given === null || given.create !== undefined) return []
      return (['image', 'config'] as const)
        .filter(key => given[key] !== undefined)
        .map(key =>
          finding(['cluster', kind, key], `"${key}" counts only for a cluster that devloop creates`, {
            severity: 'warning',
            on: 'key',
            suggestion: 'add "create: true"',
          }),
        )
    }),
  ]
}
