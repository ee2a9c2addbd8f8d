import { posix } from 'node:path'
import picomatch from 'picomatch'
import { type ConfigNode, list, mapping, scalar } from './config-node.js'
import { isFalse, itemsOf, nodeAt, type SourceNode, scalarAt, textOf } from './source-node.js'
import { type StageCopies, type StageCopy, stageCopies } from './stage-copies.js'
import type { FileFact, Translation } from './translation.js'

/** What `sync` has to know of the artifact that it is of. */
export interface SyncPlace {
  readonly dockerfile: FileFact
  readonly target: string | undefined
  readonly buildArgs: Readonly<Record<string, string>>
  /** What is at a path relative to the context. */
  readonly inContext: (path: string) => FileFact
}

/** `sync` of an artifact as rules of the config; undefined where it has none that devloop can follow. */
export function translateSync(
  node: SourceNode | undefined,
  place: SyncPlace,
  translation: Translation,
): ConfigNode | undefined {
  if (node === undefined) return undefined
  const { dockerfile } = place
  const stage: StageCopies =
    dockerfile?.kind === 'file' ? stageCopies(dockerfile.text, place) : { workdir: undefined, copies: [] }
  const manual = itemsOf(nodeAt(node, 'manual'))
  const inferred = itemsOf(nodeAt(node, 'infer'))
  const auto = nodeAt(node, 'auto')
  // `sync: {}` stands for every file that a COPY takes.
  const patterns =
    manual.length === 0 && inferred.length === 0 && auto === undefined ? [scalarAt(node, '**/*')] : inferred
  if (auto !== undefined && !isFalse(auto))
    translation.report(auto, 'not', 'only Jib and Buildpacks have it; write rules with match and to')
  const rules = [
    ...manual.flatMap(rule => manualRule(rule, stage, translation)),
    ...patterns.flatMap(pattern => inferredRules(pattern, { stage, place }, translation)),
  ]
  return rules.length === 0 ? undefined : list(rules, node)
}

function manualRule(
  rule: SourceNode,
  { workdir }: StageCopies,
  translation: Translation,
): readonly ConfigNode[] {
  const src = nodeAt(rule, 'src')
  const dest = nodeAt(rule, 'dest')
  const match = textOf(src)
  const given = textOf(dest)
  if (src === undefined || dest === undefined || match === undefined || given === undefined) return []
  if (!given.startsWith('/') && workdir === undefined) {
    translation.report(
      dest,
      'not',
      `"${given}" counts from the WORKDIR, which the Dockerfile does not set; write the folder in the container, as in /app`,
    )
    return []
  }
  const to = given.startsWith('/') ? posix.normalize(given) : posix.join(workdir ?? '/', given)
  const strip = nodeAt(rule, 'strip')
  const folder = textOf(strip)?.replace(/\/+$/, '')
  return [ruleOf({ match: plain(match), strip: folder === '' ? undefined : folder, to, from: rule })]
}

function inferredRules(
  pattern: SourceNode,
  { stage, place }: { readonly stage: StageCopies; readonly place: SyncPlace },
  translation: Translation,
): readonly ConfigNode[] {
  const text = textOf(pattern)
  if (text === undefined) return []
  // The first rule that matches counts: what a later COPY takes, of the last stage before those that it is built upon, is what runs.
  const found = stage.copies.toReversed().flatMap(copy => inferredRule(plain(text), copy, place) ?? [])
  const rules = found
    .filter(({ match }, at) => found.findIndex(other => other.match === match) === at)
    .map(rule => ruleOf({ ...rule, from: pattern }))
  if (rules.length === 0)
    translation.report(
      pattern,
      'not',
      place.dockerfile?.kind === 'file'
        ? `no COPY or ADD of the Dockerfile's last stage says where files of "${text}" go; write a rule with match and to`
        : 'where its files go is read from the Dockerfile, and there is none',
    )
  return rules
}

interface Rule {
  readonly match: string
  readonly strip: string | undefined
  readonly to: string
}

/** What of a pattern a COPY takes, and where to. */
function inferredRule(pattern: string, copy: StageCopy, { inContext }: SyncPlace): Rule | undefined {
  const { source, target } = copy
  if (source === '') return { match: pattern, strip: undefined, to: target }
  const isEvery = pattern === '**' || pattern === '**/*'
  const folder = posix.dirname(source) === '.' ? undefined : posix.dirname(source)
  if (/[*?[]/.test(source))
    return isEvery || pattern === source ? { match: source, strip: folder, to: target } : undefined
  if (isFolder(source, inContext)) {
    const match = pattern.startsWith(`${source}/`) ? pattern : below(pattern, source)
    return match === undefined ? undefined : { match, strip: source, to: target }
  }
  if (!picomatch(pattern, { dot: true })(source)) return undefined
  if (copy.intoFolder) return { match: source, strip: folder, to: target }
  // A file that the COPY gives another name cannot be told where to go by its folder alone.
  return posix.basename(target) === posix.basename(source)
    ? { match: source, strip: folder, to: posix.dirname(target) }
    : undefined
}

/** A pattern that may reach into a folder, held to that folder: `**` + `/*.js` in `src` is `src/**` + `/*.js`. */
function below(pattern: string, folder: string): string | undefined {
  if (pattern === '**') return `${folder}/**`
  const stars = pattern.indexOf('**/')
  if (stars === -1) return undefined
  const before = pattern.slice(0, stars)
  return `${folder}/`.startsWith(before) ? `${folder}/${pattern.slice(stars)}` : undefined
}

function isFolder(source: string, inContext: SyncPlace['inContext']): boolean {
  const found = inContext(source)
  return found === undefined ? !posix.basename(source).slice(1).includes('.') : found.kind === 'folder'
}

const ruleOf = ({ match, strip, to, from }: Rule & { readonly from: SourceNode }): ConfigNode =>
  mapping(
    {
      match: scalar(match, from),
      strip: strip === undefined ? undefined : scalar(strip, from),
      to: scalar(to.replace(/(?<=.)\/$/, ''), from),
    },
    from,
  )

const plain = (pattern: string): string => pattern.replace(/^(\.\/)+/, '')
