import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import type { SourceRange } from '../../core/problem.js'
import type { Environment } from '../resolve-variables.js'
import { type ConfigScalar, scalar } from './config-node.js'
import { fileOf, type SourceNode, textOf } from './source-node.js'
import { expandTemplate } from './template.js'

/** What devloop made of a field of a `skaffold.yaml`. */
export type Verdict = 'translated' | 'partly' | 'not'

/** A field that was not, or not wholly, translated. */
export interface SkaffoldFinding {
  /** As in `build.artifacts[0].docker.ssh`. */
  readonly path: string
  /** Its place; it names the file. */
  readonly range: SourceRange
  readonly verdict: Exclude<Verdict, 'translated'>
  /** Why, and what to do. */
  readonly why: string
  /** Whether anything that runs is other than with Skaffold; else devloop does the same without. */
  readonly lost: boolean
}

/** What is at a path: a file with its text, a folder, or nothing. */
export type FileFact =
  | { readonly kind: 'file'; readonly text: string }
  | { readonly kind: 'folder'; readonly names: readonly string[] }
  | undefined

/** One translation at work: what it may know, and where it says what it could not do. */
export interface Translation {
  /** Absolute path of the folder that the config is for. */
  readonly root: string
  readonly env: Environment
  /** What of it a `skaffold.env` says, which stands where the environment says nothing. */
  readonly defaults: Environment
  /**
   * Whether the config is made anew each time that it is read, so that a value of the environment may stand in it; else it is written once,
   * and what depends on the environment is told.
   */
  readonly live: boolean
  readonly fileAt: (path: string) => FileFact
  readonly report: (node: SourceNode, verdict: SkaffoldFinding['verdict'], why: string) => void
  /** Takes note of a file by whose content, or by whose being there, the config would be another. Absolute path. */
  readonly dependsOn: (path: string) => void
}

/** A path of a module as an absolute one: it counts from the folder of the file that it is written in. */
export const absolutePath = (node: SourceNode, path: string): string => resolve(dirname(fileOf(node)), path)

/** A path or glob of a module as the config has it, relative to its root: `k8s/**`, `../shared`, `.`. */
export function pathInConfig(node: SourceNode, path: string, root: string): string {
  if (isAbsolute(path) || path.startsWith('~')) return path
  const joined = join(relative(root, dirname(fileOf(node))), path).replaceAll('\\', '/')
  return joined === '' ? '.' : joined.replace(/(?<=.)\/$/, '')
}

/**
 * A text with its templates filled in from the environment; undefined where it has none, or a template that only Skaffold can fill in, which
 * is told.
 */
export function evaluated(node: SourceNode | undefined, translation: Translation): string | undefined {
  const text = textOf(node)
  if (node === undefined || text === undefined) return undefined
  return evaluatedText(node, text, translation)
}

export function evaluatedText(
  node: SourceNode,
  text: string,
  { env, live, report }: Translation,
  lookup: (name: string) => string | undefined = name => env[name],
): string | undefined {
  if (!text.includes('{{')) return text
  const expanded = expandTemplate(text, lookup)
  switch (expanded.kind) {
    case 'text':
      return expanded.value
    case 'unknown':
      report(node, 'not', `devloop does not know the template ${expanded.expression}; write the value itself`)
      return undefined
    case 'variable':
    case 'mixed': {
      const names = expanded.kind === 'variable' ? [expanded.name] : expanded.names
      const value = expanded.kind === 'variable' ? lookup(expanded.name) || expanded.default : expanded.value
      const unset = expanded.kind === 'mixed' ? expanded.unset : value === undefined ? [expanded.name] : []
      const own = names.filter(name => env[name] !== undefined || unset.includes(name))
      if (unset.length > 0) report(node, 'partly', `${unset.join(', ')} is not set: its place is empty`)
      else if (!live && own.length > 0)
        report(node, 'partly', `it has the value that ${own.join(', ')} had when this was written`)
      return value ?? ''
    }
  }
}

/** A text of the config that is made of a text of Skaffold's, with its templates filled in. */
export function evaluatedScalar(
  node: SourceNode | undefined,
  translation: Translation,
): ConfigScalar | undefined {
  const value = evaluated(node, translation)
  return value === undefined ? undefined : scalar(value, node)
}
