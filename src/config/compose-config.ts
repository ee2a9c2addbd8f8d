import { dirname, relative, sep } from 'node:path'
import { checkProfiles, profilesOf } from './check-profiles.js'
import { combineFiles } from './combine-files.js'
import {
  type ConfigFile,
  type ConfigTree,
  childOf,
  emptyTop,
  type MapTree,
  originOf,
  plainOf,
  treeOf,
  withEntries,
} from './config-tree.js'
import { decideProfiles, type ProfileDecision, type ProfileFacts } from './decide-profiles.js'
import type { ConfigDocument } from './document.js'
import type { FileFinding } from './file-findings.js'
import { type Finding, finding } from './finding.js'
import { explainIssues } from './issues.js'
import { mergeTrees } from './merge-trees.js'
import { patchesOf, patchTree } from './patch-tree.js'
import type { Activation } from './profile-schema.js'
import { rebaseTree } from './rebase-tree.js'
import { configSchema } from './schema.js'

export interface ComposeInput {
  readonly root: ConfigFile
  /** Those that the root includes, in order. */
  readonly included: readonly ConfigFile[]
  readonly facts: ProfileFacts
  /** The commands of devloop, for activations. Empty: any goes. */
  readonly commands: readonly string[]
}

export interface ComposedConfig extends ProfileDecision {
  /** The config that counts, as if it were one document: its values know the file and place where they were written. */
  readonly document: ConfigDocument
  /** What is wrong with one file for itself, or with files beside each other. */
  readonly findings: readonly FileFinding[]
}

/** Keys that say what a config is made of, and that are nothing of the project. */
const structure = ['profiles', 'include', 'version']

/**
 * One config of all files and active profiles: the profiles of an included file change that file, those of the root file change the whole. Every file must be
 * well-formed YAML.
 */
export function composeConfig({ root, included, facts, commands }: ComposeInput): ComposedConfig {
  const files = [root, ...included]
  const defined = new Map<string, Activation>()
  for (const file of files)
    for (const [name, entries] of profilesOf(file))
      defined.set(name, [...(defined.get(name) ?? []), ...entries])
  const decision = decideProfiles(defined, facts)
  const active = decision.profiles.filter(profile => profile.active).map(({ name }) => name)
  const findings: FileFinding[] = files.flatMap(source =>
    [
      ...checkStructure(source),
      ...checkProfiles(source, commands),
      ...(source === root ? [] : checkIncluded(source)),
    ].map(found => ({ source, finding: found })),
  )
  const shown = ({ file }: ConfigFile): string => relativePath(dirname(root.file), file)
  const parts = included.map(source => {
    const applied = applyProfiles(topOf(source), source, active)
    findings.push(...applied.findings)
    return rebaseTree(applied.tree, relativePath(dirname(root.file), dirname(source.file)) || '.')
  })
  const combined = combineFiles(topOf(root), parts, shown)
  const whole = applyProfiles(combined.tree, root, active)
  findings.push(...combined.findings, ...whole.findings)
  const hasNonMapping = typeof root.document.value !== 'object' || Array.isArray(root.document.value)
  return {
    ...decision,
    document: hasNonMapping ? root.document : documentOf(whole.tree, files),
    findings,
  }
}

const relativePath = (from: string, to: string): string => relative(from, to).split(sep).join('/')

/** What the schema says of a file alone: of a value, too, that a profile replaces. */
export const checkStructure = ({ document }: ConfigFile): readonly Finding[] => {
  const parsed = configSchema.safeParse(document.value)
  return parsed.success ? [] : explainIssues(parsed.error.issues, document)
}

function checkIncluded({ document }: ConfigFile): readonly Finding[] {
  const { value } = document
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'include')) return []
  return [
    finding(['include'], '"include" goes only into the file that devloop starts from', {
      on: 'key',
      suggestion: 'name these files there',
    }),
  ]
}

/** A file's own part of the project, with the manifests that it has by default. */
function topOf(source: ConfigFile): MapTree {
  const tree = treeOf(source.document.value, { source, path: [] })
  if (tree.kind !== 'map') return emptyTop(source)
  const manifests: readonly (readonly [string, ConfigTree])[] =
    tree.entries.has('manifests') || source.defaultManifests.length === 0
      ? []
      : [['manifests', treeOf(source.defaultManifests, { source, path: ['manifests'] })]]
  return withEntries(tree, [...structure.map(key => [key, undefined] as const), ...manifests])
}

function applyProfiles(
  tree: MapTree,
  source: ConfigFile,
  active: readonly string[],
): { readonly tree: MapTree; readonly findings: readonly FileFinding[] } {
  const profiles = childOf(treeOf(source.document.value, { source, path: [] }), 'profiles')
  const findings: FileFinding[] = []
  let applied: ConfigTree = tree
  for (const name of active) {
    const profile = childOf(profiles, name)
    if (profile?.kind !== 'map') continue
    const body = withEntries(
      profile,
      [...structure, 'activation', 'patches'].map(key => [key, undefined] as const),
    )
    const patched = patchTree(mergeTrees(applied, body), patchesOf(childOf(profile, 'patches')))
    findings.push(...patched.findings.map(found => ({ source, finding: found })))
    applied = patched.tree
  }
  return { tree: applied.kind === 'map' ? applied : tree, findings }
}

/** A tree as one document. */
function documentOf(tree: MapTree, files: readonly ConfigFile[]): ConfigDocument {
  return {
    value: plainOf(tree),
    findings: files.flatMap(({ document }) => document.findings),
    brokenFrom: Number.POSITIVE_INFINITY,
    locate: (path, on) => {
      const { source, path: at } = originOf(tree, path)
      return source.document.locate(at, on)
    },
    textOf: file => files.map(({ document }) => document.textOf?.(file)).find(text => text !== undefined),
    textAt: path => {
      const { source, path: at, isThere } = originOf(tree, path)
      return isThere ? source.document.textAt(at) : undefined
    },
  }
}
