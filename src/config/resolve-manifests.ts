import { resolve } from 'node:path'
import type { HelmValue, ManifestSpec } from '../core/project.js'
import type { ConfigPath } from './finding.js'
import type { ManifestInput } from './manifest-schema.js'
import { expandHome, type ResolveContext } from './resolve-context.js'
import type { ConfigInput } from './schema.js'

/** The entries of `manifests` in their order; one that is of no kind is left out, and `checkManifests` tells of it. */
export function resolveManifests(
  manifests: NonNullable<ConfigInput['manifests']>,
  where: ResolveContext,
): readonly ManifestSpec[] {
  const entries = Array.isArray(manifests) ? manifests : [manifests]
  return entries.flatMap((entry, at) =>
    resolveEntry(
      typeof entry === 'string' ? { path: entry } : entry,
      Array.isArray(manifests) ? ['manifests', at] : ['manifests'],
      where,
    ),
  )
}

function resolveEntry(given: ManifestInput, at: ConfigPath, where: ResolveContext): readonly ManifestSpec[] {
  const absolute = (path: string): string => resolve(where.root, expandHome(path, where.home))
  const { name, namespace } = given
  if (given.path !== undefined)
    return [
      {
        kind: 'raw',
        path: given.path.replace(/^(\.\/+)+(?=.)/, ''),
        exclude: given.exclude ?? [],
        substitute: given.substitute ?? true,
      },
    ]
  if (given.kustomize !== undefined)
    return [{ kind: 'kustomize', folder: absolute(given.kustomize), name, namespace }]
  if (given.helm !== undefined)
    return [
      {
        kind: 'helm',
        chart: absolute(given.helm),
        release: given.release,
        namespace,
        values: [given.values ?? []].flat().map(absolute),
        set: Object.entries(given.set ?? {}).map(
          ([key, value]): HelmValue => ({
            key,
            value: where.document.textAt([...at, 'set', key]) ?? String(value),
            isText: typeof value === 'string',
          }),
        ),
      },
    ]
  if (given.command !== undefined)
    return [
      {
        kind: 'command',
        command: given.command,
        inputs: given.inputs ?? [],
        ...(given.cwd === undefined ? {} : { cwd: absolute(given.cwd) }),
        name,
        namespace,
      },
    ]
  return []
}
