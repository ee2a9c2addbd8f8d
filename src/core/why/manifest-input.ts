import { extname, sep } from 'node:path'
import type { RenderInputs } from '../manifest/render-inputs.js'
import type { ManifestSpec } from '../project.js'

const MANIFEST_EXTENSIONS: readonly string[] = ['.yaml', '.yml', '.json']

const isBelow = (path: string, tops: readonly string[]): boolean =>
  tops.some(top => path.startsWith(top.endsWith(sep) ? top : `${top}${sep}`))

/** Why a change of the path has the manifests read again; undefined where it has not. Absolute paths. */
export function manifestInput(path: string, { files, folders, trees }: RenderInputs): string | undefined {
  if (files.includes(path)) return 'the manifests are read from it'
  if (trees.includes(path) || isBelow(path, trees)) return 'every file of a chart counts'
  if (MANIFEST_EXTENSIONS.includes(extname(path)) && isBelow(path, folders))
    return 'a YAML or JSON file in a folder of manifests'
  // A folder that came or went may have had manifests in it.
  if (extname(path) === '' && (folders.includes(path) || isBelow(path, folders)))
    return 'a folder below a folder of manifests'
  return undefined
}

/** The entry of `manifests` in the config whose folder, chart or values the path belongs to, as people call it; the innermost where there are several. */
export function manifestRootOf(
  path: string,
  specs: readonly ManifestSpec[],
  root: string,
): string | undefined {
  const found = specs.flatMap(spec => {
    const tops = topsOf(spec, root).filter(top => path === top || isBelow(path, [top]))
    return tops.map(top => ({ top, name: nameOf(spec) }))
  })
  return found.sort((a, b) => b.top.length - a.top.length)[0]?.name
}

function topsOf(spec: ManifestSpec, root: string): readonly string[] {
  switch (spec.kind) {
    case 'raw': {
      const fixed = spec.path.split(/[/\\](?=[^/\\]*[*?[{])/)[0] ?? spec.path
      return [fixed.startsWith(sep) ? fixed : `${root}${sep}${fixed.replace(/^\.\//, '').replace(/\/$/, '')}`]
    }
    case 'kustomize':
      return [spec.folder]
    case 'helm':
      return [spec.chart, ...spec.values]
    case 'command':
      return spec.inputs.map(input => `${root}${sep}${input}`)
  }
}

function nameOf(spec: ManifestSpec): string {
  switch (spec.kind) {
    case 'raw':
      return `manifests: ${spec.path}`
    case 'kustomize':
      return `kustomize ${spec.name ?? spec.folder}`
    case 'helm':
      return `helm ${spec.release ?? spec.chart}`
    case 'command':
      return spec.name ?? (typeof spec.command === 'string' ? spec.command : spec.command.join(' '))
  }
}
