import { join, resolve } from 'node:path'
import type { HelmManifests, ManifestSpec } from '../core/project.js'
import { kindOf, nearbyFolder, shown } from './files.js'
import { type Finding, finding } from './finding.js'

const KUSTOMIZATIONS = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']

/** Whether what an entry of `manifests` names is there. */
export async function checkManifest(
  manifest: ManifestSpec,
  index: number,
  root: string,
): Promise<readonly Finding[]> {
  switch (manifest.kind) {
    case 'raw':
      return checkPath(manifest.path, index, root)
    case 'kustomize':
      return checkKustomization(manifest.folder, index, root)
    case 'helm':
      return checkChart(manifest, index, root)
    case 'command':
      return []
  }
}

/** A glob is judged by the folder before its first pattern; whether it matches anything is for the rendering to say. */
async function checkPath(path: string, index: number, root: string): Promise<readonly Finding[]> {
  const segments = path.split('/')
  const firstGlob = segments.findIndex(segment => /[*?{}[\]!()]/.test(segment))
  const base = resolve(root, firstGlob === -1 ? path : segments.slice(0, firstGlob).join('/'))
  if ((await kindOf(base)) !== undefined) return []
  const message = `there is no file or folder ${shown(base, root)} with manifests`
  return [finding(['manifests', index, 'path'], message, { suggestion: await nearbyFolder(base, root) })]
}

async function checkKustomization(folder: string, index: number, root: string): Promise<readonly Finding[]> {
  const path = ['manifests', index, 'kustomize']
  const kind = await kindOf(folder)
  if (kind === undefined)
    return [
      finding(path, `there is no folder ${shown(folder, root)}`, {
        suggestion: await nearbyFolder(folder, root),
      }),
    ]
  if (kind === 'file')
    return [
      finding(path, `${shown(folder, root)} is a file`, {
        suggestion: 'name the folder that the kustomization is in',
      }),
    ]
  const kinds = await Promise.all(KUSTOMIZATIONS.map(name => kindOf(join(folder, name))))
  if (kinds.includes('file')) return []
  return [finding(path, `there is no kustomization.yaml in ${shown(folder, root)}`)]
}

async function checkChart(
  { chart, values }: HelmManifests,
  index: number,
  root: string,
): Promise<readonly Finding[]> {
  const kind = await kindOf(chart)
  const isThere = kind === 'file' || (await kindOf(join(chart, 'Chart.yaml'))) === 'file'
  const missing =
    kind === undefined
      ? `there is no chart ${shown(chart, root)}`
      : `there is no Chart.yaml in ${shown(chart, root)}`
  const kinds = await Promise.all(values.map(kindOf))
  return [
    ...(isThere
      ? []
      : [
          finding(['manifests', index, 'helm'], missing, {
            suggestion: kind === undefined ? await nearbyFolder(chart, root) : undefined,
          }),
        ]),
    ...(await Promise.all(
      values.flatMap((file, at) =>
        kinds[at] === 'file'
          ? []
          : [
              nearbyFolder(file, root).then(suggestion =>
                finding(
                  ['manifests', index, 'values', at],
                  `the values file ${shown(file, root)} ${kinds[at] === undefined ? 'does not exist' : 'is a folder'}`,
                  { suggestion },
                ),
              ),
            ],
      ),
    )),
  ]
}
