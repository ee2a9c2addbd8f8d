import { basename, dirname, join, relative, resolve } from 'node:path'
import type { Project, ServiceSpec } from '../core/project.js'
import { checkHookFiles } from './check-hook-files.js'
import { checkManifest } from './check-manifest-files.js'
import { kindOf, list, nearbyFolder, shown } from './files.js'
import { type ConfigPath, type Finding, finding } from './finding.js'
import { nearest } from './suggest.js'

/** What a config names and the file system does not have. Services in `damaged` are left out: their paths may not be what was written. */
export async function checkFiles(
  project: Project,
  damaged: ReadonlySet<string>,
): Promise<readonly Finding[]> {
  const found = await Promise.all([
    ...project.services
      .filter(service => !damaged.has(service.name))
      .map(service => checkService(service, project.root)),
    ...project.manifests.map((manifest, index) => checkManifest(manifest, index, project.root)),
    checkClusterConfig(project),
    checkHookFiles(project, damaged),
  ])
  return found.flat()
}

async function checkService(service: ServiceSpec, root: string): Promise<readonly Finding[]> {
  const path: ConfigPath = ['services', service.name]
  const context = await kindOf(service.context)
  if (context !== 'folder') {
    const message = `the build context ${shown(service.context, root)} of "${service.name}" ${context === 'file' ? 'is no folder' : 'does not exist'}`
    return [
      finding([...path, 'context'], message, {
        on: 'value',
        suggestion: await nearbyFolder(service.context, root),
      }),
    ]
  }
  const [dockerfile, extra, secrets] = await Promise.all([
    checkDockerfile(service, root),
    missingOf(service.watch.extra),
    missingOf(service.secrets.flatMap(secret => ('file' in secret ? [secret.file] : []))),
  ])
  return [
    ...dockerfile,
    ...extra.map(missing =>
      finding(
        [...path, 'watch', 'extra', service.watch.extra.indexOf(missing)],
        `${shown(missing, root)} does not exist`,
        {
          severity: 'warning',
          suggestion: 'watch.extra is relative to the context',
        },
      ),
    ),
    ...secrets.map(missing =>
      finding(
        [
          ...path,
          'secrets',
          service.secrets.findIndex(secret => 'file' in secret && secret.file === missing),
          'file',
        ],
        `the secret's file ${shown(missing, root)} does not exist`,
        { severity: 'warning', suggestion: 'a build step that needs it will fail' },
      ),
    ),
  ]
}

async function checkDockerfile(service: ServiceSpec, root: string): Promise<readonly Finding[]> {
  const kind = await kindOf(service.dockerfile)
  if (kind === 'file') return []
  const message = `the Dockerfile ${shown(service.dockerfile, root)} of "${service.name}" ${kind === 'folder' ? 'is a folder' : 'does not exist'}`
  const fromRoot = resolve(root, relative(service.context, service.dockerfile))
  const names = await list(dirname(service.dockerfile))
  const near =
    nearest(basename(service.dockerfile), names) ??
    names.find(name => /^(Dockerfile|Containerfile)/i.test(name))
  const suggestion =
    (await kindOf(fromRoot)) === 'file'
      ? `"dockerfile" is relative to the context: write ${shown(fromRoot, service.context)}`
      : near === undefined
        ? undefined
        : `there is ${shown(join(dirname(service.dockerfile), near), root)}`
  return [finding(['services', service.name, 'dockerfile'], message, { suggestion })]
}

async function checkClusterConfig(project: Project): Promise<readonly Finding[]> {
  const { cluster } = project
  if ((cluster.kind !== 'kind' && cluster.kind !== 'k3d') || cluster.config === undefined) return []
  if ((await kindOf(cluster.config)) === 'file') return []
  return [
    finding(
      ['cluster', cluster.kind, 'config'],
      `the cluster config ${shown(cluster.config, project.root)} does not exist`,
    ),
  ]
}

async function missingOf(paths: readonly string[]): Promise<readonly string[]> {
  const kinds = await Promise.all(paths.map(kindOf))
  return paths.filter((_, index) => kinds[index] === undefined)
}
