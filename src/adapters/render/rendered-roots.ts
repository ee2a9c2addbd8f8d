import { relative } from 'node:path'
import type { ManifestSpec } from '../../core/project.js'
import { manifestFiles } from './manifest-files.js'

/** The kustomizations and charts that the entries of a config have rendered by their tools, as people would name them. Found by the names of files alone. */
export async function renderedRoots(
  specs: readonly ManifestSpec[],
  root: string,
): Promise<{ readonly kustomizations: readonly string[]; readonly charts: readonly string[] }> {
  const found = await Promise.all(
    specs.map(async spec => {
      switch (spec.kind) {
        case 'kustomize':
          return { kustomizations: [spec.folder], charts: [] }
        case 'helm':
          return { kustomizations: [], charts: [spec.chart] }
        case 'command':
          return { kustomizations: [], charts: [] }
        case 'raw': {
          const { form, kustomizations, charts } = await manifestFiles(spec, root)
          // A glob takes each file by itself.
          return form === 'glob' ? { kustomizations: [], charts: [] } : { kustomizations, charts }
        }
      }
    }),
  )
  const shown = (path: string): string => relative(root, path) || '.'
  return {
    kustomizations: found.flatMap(({ kustomizations }) => kustomizations.map(shown)),
    charts: found.flatMap(({ charts }) => charts.map(shown)),
  }
}
