import { dirname, relative, sep } from 'node:path'
import type { Diagnostic } from '../../core/problem.js'
import type { HelmManifests, KustomizeManifests, ManifestSpec } from '../../core/project.js'
import type { SkippedFile } from '../../ports/manifest-source.js'
import { claimOf, compare, isMarker, type ManifestFiles } from './manifest-files.js'

/** What is read, in order. */
export type PlannedItem =
  | { readonly kind: 'file'; readonly file: string; readonly substitute: boolean }
  | { readonly kind: 'root'; readonly spec: Exclude<ManifestSpec, { readonly kind: 'raw' }> }

export interface RootPlan {
  readonly items: readonly PlannedItem[]
  readonly skipped: readonly SkippedFile[]
  readonly diagnostics: readonly Diagnostic[]
}

/** What of a traced kustomization decides who renders which file. */
export interface TracedKustomization {
  readonly file: string
  readonly isComponent: boolean
  readonly folders: readonly string[]
  readonly files: readonly string[]
}

export interface PlanInput {
  readonly specs: readonly ManifestSpec[]
  /** For each entry, its files; undefined for what is no `path`. */
  readonly found: readonly (ManifestFiles | undefined)[]
  /** By folder, every kustomization that an entry names or has in it. */
  readonly traces: ReadonlyMap<string, TracedKustomization>
  /** For messages. */
  readonly root: string
}

const EXTENSION = /\.(?:ya?ml|json)$/i

/**
 * Decides which files are read as they are and which folders a tool renders, so that nothing is applied twice:
 *
 * - A folder with a kustomization or a chart claims all below it; the highest one wins. What an entry of the config names claims first.
 * - A kustomization that another one refers to is rendered as part of that one alone, and what a kustomization reads is no raw manifest.
 * - A glob names files, so it renders no kustomization; but the templates of a chart are no YAML, and are left out.
 */
export function planRoots(input: PlanInput): RootPlan {
  const { specs, found } = input
  const claims = claimsOf(input)
  const items: PlannedItem[] = []
  const skipped: SkippedFile[] = []
  const diagnostics: Diagnostic[] = []
  const taken = new Set<string>()
  specs.forEach((spec, at) => {
    if (spec.kind !== 'raw') {
      items.push({ kind: 'root', spec })
      return
    }
    const files = found[at]
    if (files === undefined) return
    diagnostics.push(...files.diagnostics)
    const roots = rootsOf(files, input, claims)
    const placed: { readonly place: string; readonly item: PlannedItem }[] = []
    for (const root of roots) {
      const place = root.kind === 'helm' ? root.chart : root.folder
      if (taken.has(place)) continue
      taken.add(place)
      placed.push({ place, item: { kind: 'root', spec: root } })
    }
    for (const file of files.files) {
      if (taken.has(file)) continue
      const reason = reasonOf(file, files.form, input, claims)
      if (reason === undefined) {
        taken.add(file)
        placed.push({ place: file, item: { kind: 'file', file, substitute: spec.substitute } })
      } else if (reason !== 'rendered') skipped.push({ file, reason })
    }
    placed.sort((a, b) => compare(a.place, b.place))
    items.push(...placed.map(({ item }) => item))
    if (files.form === 'glob') diagnostics.push(...globWarnings(files, input, claims))
  })
  return { items, skipped: skipped.filter(({ file }) => !taken.has(file)), diagnostics }
}

interface Claims {
  /** Folders of the kustomizations and charts that the config names. */
  readonly named: ReadonlySet<string>
  /** Those, and what the folders of the config have in them. */
  readonly all: ReadonlySet<string>
  readonly charts: ReadonlySet<string>
  /** Kustomizations that another one is rendered with, each with that one's folder. */
  readonly parts: ReadonlyMap<string, string>
  /** Files that a kustomization reads, each with the kustomization's folder. */
  readonly inputs: ReadonlyMap<string, string>
}

/** The folders whose kustomizations have to be traced for a plan: those that the config names, and the highest in its folders. */
export function tracedFolders(specs: PlanInput['specs'], found: PlanInput['found']): readonly string[] {
  const { named, charts, kustomizations, all } = claimedFolders({ specs, found })
  const own = [...named].filter(folder => !charts.has(folder) || kustomizations.has(folder))
  const tops = [...kustomizations].filter(folder => claimOf(folder, all) === folder)
  return [...new Set([...own, ...tops])].sort(compare)
}

function claimedFolders({ specs, found }: Pick<PlanInput, 'specs' | 'found'>) {
  const kustomizations = new Set(specs.flatMap(spec => (spec.kind === 'kustomize' ? [spec.folder] : [])))
  const charts = new Set(specs.flatMap(spec => (spec.kind === 'helm' ? [spec.chart] : [])))
  const named = new Set([...kustomizations, ...charts])
  const all = new Set(named)
  for (const files of found) {
    if (files === undefined) continue
    for (const chart of files.charts) {
      charts.add(chart)
      all.add(chart)
    }
    if (files.form === 'glob') continue
    for (const folder of files.kustomizations) {
      kustomizations.add(folder)
      all.add(folder)
    }
  }
  return { named, charts, kustomizations, all }
}

function claimsOf({ specs, found, traces }: PlanInput): Claims {
  const { named, charts, all } = claimedFolders({ specs, found })
  const candidates = [...named].filter(folder => traces.has(folder))
  candidates.push(...[...traces.keys()].filter(folder => !named.has(folder)))
  const parts = new Map<string, string>()
  const inputs = new Map<string, string>()
  for (const folder of candidates) {
    const trace = traces.get(folder)
    for (const part of trace?.folders ?? []) {
      // Of two that refer to each other, which Kustomize refuses, one must be left to be refused.
      const isMutual = traces.get(part)?.folders.includes(folder) === true && part < folder
      if (part !== folder && !isMutual && !named.has(part)) parts.set(part, folder)
    }
  }
  for (const folder of candidates) {
    if (parts.has(folder) || (traces.get(folder)?.isComponent === true && !named.has(folder))) continue
    for (const file of traces.get(folder)?.files ?? []) if (!inputs.has(file)) inputs.set(file, folder)
  }
  return { named, all, charts, parts, inputs }
}

/** The kustomizations and charts of an entry that are rendered for it. */
function rootsOf(
  { form, kustomizations, charts }: ManifestFiles,
  { traces }: PlanInput,
  claims: Claims,
): readonly (KustomizeManifests | HelmManifests)[] {
  if (form === 'glob') return []
  const isOwn = (folder: string): boolean =>
    claimOf(folder, claims.all) === folder && !claims.named.has(folder)
  const namespace = undefined
  return [
    ...kustomizations
      .filter(
        folder => isOwn(folder) && !claims.parts.has(folder) && traces.get(folder)?.isComponent !== true,
      )
      .map((folder): KustomizeManifests => ({ kind: 'kustomize', folder, name: undefined, namespace })),
    ...charts
      // A folder with both is a chart that Kustomize inflates, so it is the kustomization that counts.
      .filter(chart => isOwn(chart) && !traces.has(chart))
      .map(
        (chart): HelmManifests => ({
          kind: 'helm',
          chart,
          release: undefined,
          namespace,
          values: [],
          set: [],
        }),
      ),
  ]
}

/** Why a file is no raw manifest; `rendered` for one that a root reads, which is not left out. */
function reasonOf(
  file: string,
  form: ManifestFiles['form'],
  { root, traces }: PlanInput,
  claims: Claims,
): string | undefined {
  const shown = (path: string): string => relative(root, path) || '.'
  const markerOf = (folder: string): string => shown(traces.get(folder)?.file ?? `${folder}${sep}Chart.yaml`)
  if (claims.inputs.has(file)) return 'rendered'
  const scope = form === 'glob' ? new Set([...claims.named, ...claims.charts]) : claims.all
  const owner = claimOf(file, scope)
  if (form === 'file') return isMarker(file) ? 'rendered' : undefined
  if (owner !== undefined) {
    if (traces.get(owner)?.isComponent === true && !claims.parts.has(owner))
      return `belongs to ${markerOf(owner)}, a component that no kustomization names`
    if (claims.charts.has(owner) && !traces.has(owner))
      return form === 'glob' && !claims.named.has(owner) ? `belongs to ${markerOf(owner)}` : 'rendered'
    return `belongs to ${markerOf(owner)}, which does not name it`
  }
  if (isMarker(file)) return 'is no manifest, and a glob takes each file by itself'
  return EXTENSION.test(file) ? undefined : 'is not .yaml, .yml or .json'
}

/** A glob takes what stands beside a kustomization or in a chart as it is, or not at all, which may not be what was meant. */
function globWarnings(
  { files, kustomizations, charts }: ManifestFiles,
  { root }: PlanInput,
  claims: Claims,
): readonly Diagnostic[] {
  const loose = (folder: string): boolean => claimOf(folder, claims.named) === undefined
  const tops = charts.filter(chart => loose(chart) && claimOf(chart, claims.charts) === chart)
  return [
    ...kustomizations
      .map(folder => ({
        folder,
        marker: files.find(file => isMarker(file) && dirname(file) === folder) ?? folder,
      }))
      .filter(({ folder, marker }) => loose(folder) && !claims.inputs.has(marker))
      .map(({ folder, marker }): Diagnostic => {
        const file = relative(root, marker)
        return {
          severity: 'warning',
          message: `${file} is not rendered: a glob takes each file by itself`,
          suggestion: `to render it, write { kustomize: ${relative(root, folder) || '.'} } under manifests, or the folder in place of the glob`,
        }
      }),
    ...tops.map((chart): Diagnostic => {
      const shown = relative(root, chart) || '.'
      return {
        severity: 'warning',
        message: `the chart ${shown} is not rendered: a glob takes each file by itself`,
        suggestion: `to render it, write { helm: ${shown} } under manifests, or the folder in place of the glob`,
      }
    }),
  ]
}
