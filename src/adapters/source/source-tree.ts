import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import picomatch from 'picomatch'
import type { ContextFile, ContextSnapshot } from '../../core/build-input.js'
import { type ContextSource, contextSource } from '../../core/context/context-source.js'
import { noiseReason } from '../../core/context/editor-files.js'
import { buildHooks } from '../../core/hooks/due-hook.js'
import { matchesAny, type PathPattern } from '../../core/hooks/path-pattern.js'
import { cancelled, type Problem } from '../../core/problem.js'
import type { ServiceSpec } from '../../core/project.js'
import { err, ok, type Result } from '../../core/result.js'
import type { WatchRoot } from '../../ports/file-watcher.js'
import type { InputVerdict, SourceTree } from '../../ports/source-tree.js'
import { createFileCache, type DiskEntry, type FileCache, isGone } from './file-cache.js'
import { growingFile } from './growing-file.js'
import { readServiceRules, realFolder, relativeTo, ruleFiles, type ServiceRules } from './service-rules.js'

/** Says what must be watched so that no save of a service is missed. */
export interface WatchRootSource {
  /** By the rules of the last snapshot; asked again after each one, for an edited Dockerfile may see more. */
  watchRoots(service: ServiceSpec): readonly WatchRoot[]
}

/** Milliseconds between two looks at a file that grows, and in all: a file that never rests must not hold up everything else. */
const LOOK_AGAIN = 100
const LONGEST_WAIT = 120_000

interface Known {
  readonly rules: ServiceRules
  /** Path → what the digest holds of it; undefined where only the rules were read. */
  readonly lines: ReadonlyMap<string, string> | undefined
  /** Of the last snapshot. */
  readonly digest: string | undefined
}

interface Read {
  readonly snapshot: ContextSnapshot
  readonly known: Known
}

/**
 * The files of build contexts, read from disk. What the target's stages can see is sent to the builder; what is matched by `watch.ignore`, lies in `.git`
 * or is an editor's side file is sent all the same, so that the image is what Docker would build, but does not enter the digest: a write
 * of it starts nothing and reaches the image with the next real save. `watch.ignore` and globs of `watch.extra` match dot files too.
 */
export function createSourceTree(): SourceTree & WatchRootSource & { readonly cache: FileCache } {
  const cache = createFileCache()
  const known = new Map<string, Known>()

  const read = async (
    service: ServiceSpec,
    changed: readonly string[] | 'all',
    signal: AbortSignal,
  ): Promise<Result<Read>> => {
    const all = cache.now()
    const context = await realFolder(service.context)
    const isFolder =
      context !== undefined && (await stat(context).catch(() => undefined))?.isDirectory() === true
    if (!isFolder) return invalid(service, `the build context ${service.context} is not a folder`)
    if (changed !== 'all') for (const path of changed) forget(path, service.context, context)
    const rules = await readServiceRules(service)
    if (!rules.ok) return rules
    try {
      const walk = { cache, signal, since: changed === 'all' ? all : 0 }
      const seen = await walkContext(context, rules.value, walk)
      const lines = await describe(seen, { context, service, cache, signal })
      const extra = await describeExtra(service, walk)
      if (signal.aborted) return err(cancelled)
      const before = known.get(service.name)?.lines
      const digest = createHash('sha256').update(`${JSON.stringify(rules.value.dockerfile)}\n`)
      for (const line of lines.digested.values()) digest.update(line)
      for (const line of extra.values()) digest.update(line)
      const hex = digest.digest('hex')
      const snapshot: ContextSnapshot = {
        service: service.name,
        digest: hex,
        files: lines.files,
        bytes: lines.files.reduce((sum, file) => sum + file.size, 0),
        dockerfile: rules.value.dockerfile,
        baseImages: rules.value.inputs.baseImages,
        ...(rules.value.inputs.finalBase === undefined ? {} : { finalBase: rules.value.inputs.finalBase }),
        needsBuildKit: rules.value.inputs.buildKitFeatures.length > 0,
        others: othersOf(service, rules.value, extra),
        changed: before === undefined ? [] : differing(before, lines.digested),
      }
      return ok({ snapshot, known: { rules: rules.value, lines: lines.digested, digest: hex } })
    } catch (error) {
      if (signal.aborted) return err(cancelled)
      return invalid(service, error instanceof Error ? error.message : String(error))
    }
  }

  const snapshot: SourceTree['snapshot'] = async (service, changed, signal) => {
    let now = await read(service, changed, signal)
    // What another tool is still writing is read once it is whole.
    for (let waited = 0; now.ok && waited < LONGEST_WAIT; waited += LOOK_AGAIN) {
      const growing = await growingFile(service.context, now.value.snapshot.files, Date.now)
      if (growing === undefined || signal.aborted) break
      await delay(LOOK_AGAIN, undefined, { signal }).catch(() => undefined)
      now = await read(service, 'all', signal)
    }
    if (!now.ok) return now
    known.set(service.name, now.value.known)
    return ok(now.value.snapshot)
  }

  const forget = (path: string, named: string, real: string): void => {
    const inside = relativeTo(named, path)
    const paths = inside === undefined ? [path] : [path, posix.join(real, inside)]
    for (const one of paths) cache.forget(one, posix.dirname(one))
  }

  return {
    cache,
    snapshot,
    differs: async (service, signal) => {
      const before = known.get(service.name)?.digest
      const now = before === undefined ? undefined : await read(service, 'all', signal)
      return now?.ok !== true || now.value.snapshot.digest !== before
    },
    readRules: async service => {
      const rules = await readServiceRules(service)
      const { lines, digest } = known.get(service.name) ?? {}
      if (rules.ok) known.set(service.name, { rules: rules.value, lines, digest })
      return rules.ok ? ok(undefined) : rules
    },
    verdict: (service, path) => judge(service, path, known.get(service.name)?.rules),
    watchRoots: service => rootsOf(service, known.get(service.name)?.rules),
  }
}

const invalid = (service: ServiceSpec, message: string): Result<never, Problem> =>
  err({ kind: 'context-invalid', service: service.name, message })

interface Walk {
  readonly cache: FileCache
  readonly signal: AbortSignal
  readonly since: number
}

interface Seen {
  readonly path: string
  readonly entry: DiskEntry
}

/** The visible entries and the folders that hold them, in the order of their paths. A symlink that a source names is followed within the context, as Docker does. */
async function walkContext(context: string, rules: ServiceRules, walk: Walk): Promise<readonly Seen[]> {
  let sources: readonly ContextSource[] = rules.inputs.sources
  // Each round can only meet links that the one before made visible; a chain longer than this is a loop.
  for (let round = 0; ; round++) {
    const found = await walkFolder('', context, { rules, sources, walk })
    const linked = followLinks(found, sources)
    if (linked.length === 0 || round === 8) return found.filter(one => one.visible)
    sources = [...sources, ...linked]
  }
}

interface Found extends Seen {
  readonly visible: boolean
}

async function walkFolder(
  folder: string,
  context: string,
  options: { readonly rules: ServiceRules; readonly sources: readonly ContextSource[]; readonly walk: Walk },
): Promise<readonly Found[]> {
  const { rules, sources, walk } = options
  if (walk.signal.aborted) return []
  let entries: readonly DiskEntry[]
  try {
    entries = await walk.cache.list(folder === '' ? context : `${context}/${folder}`, walk.since)
  } catch (error) {
    if (folder !== '' && isGone(error)) return []
    throw error
  }
  const below = await Promise.all(
    entries.map(async (entry): Promise<readonly Found[]> => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      const ignored = rules.ignore.decide(path).ignored
      const self = !ignored && sources.some(source => source.sees(path))
      if (entry.type !== 'directory') {
        const leads = !ignored && entry.type === 'symlink' && sources.some(source => source.mayReach(path))
        return self || leads ? [{ path, entry, visible: self || leads }] : []
      }
      if (!sources.some(source => source.mayReach(path)) || (ignored && rules.ignore.canPrune(path)))
        return []
      const inside = await walkFolder(path, context, options)
      return self || inside.some(one => one.visible) ? [{ path, entry, visible: true }, ...inside] : inside
    }),
  )
  return below.flat()
}

function followLinks(found: readonly Found[], sources: readonly ContextSource[]): readonly ContextSource[] {
  const known = new Set(sources.map(source => source.pattern))
  return found.flatMap(({ path, entry }) => {
    if (entry.linkTarget === undefined) return []
    const target = entry.linkTarget.startsWith('/')
      ? entry.linkTarget
      : posix.join('/', posix.dirname(path), entry.linkTarget)
    return sources.flatMap(source => {
      // The link is the source itself, or a folder on the way to it.
      const rest =
        source.pattern === path
          ? ''
          : source.pattern.startsWith(`${path}/`)
            ? source.pattern.slice(path.length)
            : undefined
      if (
        rest === undefined &&
        !(source.pattern !== '.' && source.sees(path) && !source.sees(posix.dirname(path)))
      )
        return []
      const pattern = posix.join(target, rest ?? '').slice(1)
      if (known.has(pattern === '' ? '.' : pattern)) return []
      known.add(pattern)
      return [
        contextSource({
          path: pattern,
          line: source.line,
          instruction: source.instruction,
          excludes: [],
          parents: false,
        }),
      ]
    })
  })
}

async function describe(
  seen: readonly Seen[],
  options: {
    readonly context: string
    readonly service: ServiceSpec
    readonly cache: FileCache
    readonly signal: AbortSignal
  },
): Promise<{ readonly files: readonly ContextFile[]; readonly digested: ReadonlyMap<string, string> }> {
  const ignored = ignoreTest(options.service)
  const files = await Promise.all(
    seen.map(
      async ({ path, entry }): Promise<{ file: ContextFile; line: string | undefined } | undefined> => {
        const file: ContextFile = {
          path,
          type: entry.type,
          mode: entry.mode,
          size: entry.size,
          mtimeMs: Number(entry.mtimeNs / 1000n) / 1000,
          ...(entry.linkTarget === undefined ? {} : { linkTarget: entry.linkTarget }),
        }
        if (noiseReason(path) !== undefined || ignored(path)) return { file, line: undefined }
        if (entry.type !== 'file') return { file, line: lineOf(file, entry.linkTarget ?? '') }
        if (options.signal.aborted) return undefined
        const sha256 = await options.cache.hash(`${options.context}/${path}`, entry)
        return sha256 === undefined ? undefined : { file: { ...file, sha256 }, line: lineOf(file, sha256) }
      },
    ),
  )
  const present = files.filter(file => file !== undefined)
  return {
    files: present.map(one => one.file),
    digested: new Map(
      present.flatMap(({ file, line }) => (line === undefined ? [] : [[file.path, line] as const])),
    ),
  }
}

/** One line of the digest. A symlink's permission bits mean nothing; a path may hold anything but is quoted. */
const lineOf = (file: ContextFile, content: string): string =>
  `${JSON.stringify(file.path)} ${file.type} ${file.type === 'symlink' ? '-' : file.mode.toString(8)} ${JSON.stringify(content)}\n`

/** What counts besides files of the context, each with what tells one content from another. */
function othersOf(
  service: ServiceSpec,
  { dockerfile, ignoreFile }: ServiceRules,
  extra: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
  return {
    ...Object.fromEntries(extra),
    ...(ignoreFile === undefined ? {} : { [ignoreFile.path]: digest(ignoreFile.text) }),
    [service.dockerfile]: digest(dockerfile),
  }
}

const ignoreTest = (service: ServiceSpec): ((path: string) => boolean) =>
  service.watch.ignore.length === 0 ? () => false : picomatch([...service.watch.ignore], { dot: true })

async function describeExtra(service: ServiceSpec, walk: Walk): Promise<ReadonlyMap<string, string>> {
  const ignored = ignoreTest(service)
  const lines = new Map<string, string>()
  const visit = async (
    path: string,
    entry: DiskEntry,
    inside: string,
    wanted: (path: string) => boolean,
  ): Promise<void> => {
    if (noiseReason(inside) !== undefined || ignored(inside)) return
    if (entry.type === 'directory') return visitFolder(path, inside, wanted)
    if (!wanted(path)) return
    const content = entry.type === 'symlink' ? entry.linkTarget : await walk.cache.hash(path, entry)
    if (content !== undefined) lines.set(path, lineOf({ ...entry, path }, content))
  }
  const visitFolder = async (
    folder: string,
    inside: string,
    wanted: (path: string) => boolean,
  ): Promise<void> => {
    const entries = await walk.cache.list(folder, walk.since).catch(error => {
      if (isGone(error)) return []
      throw error
    })
    await Promise.all(
      entries.map(entry =>
        visit(
          `${folder}/${entry.name}`,
          entry,
          inside === '' ? entry.name : `${inside}/${entry.name}`,
          wanted,
        ),
      ),
    )
  }
  for (const path of service.watch.extra) {
    const { base, isGlob } = picomatch.scan(path)
    if (isGlob) await visitFolder(base, '', picomatch(path, { dot: true }))
    else {
      const siblings = await walk.cache.list(posix.dirname(path), walk.since).catch(() => [])
      const entry = siblings.find(one => one.name === posix.basename(path))
      if (entry?.type === 'directory') await visitFolder(path, '', () => true)
      else if (entry !== undefined) await visit(path, entry, entry.name, () => true)
    }
  }
  return new Map([...lines].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function differing(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const changed = [...after].filter(([path, line]) => before.get(path) !== line).map(([path]) => path)
  const gone = [...before.keys()].filter(path => !after.has(path))
  return [...changed, ...gone].sort()
}

function judge(service: ServiceSpec, path: string, rules: ServiceRules | undefined): InputVerdict {
  const verdict = judgeForImage(service, path, rules)
  if (verdict.input || noiseReason(relativeTo(service.context, path) ?? path) !== undefined) return verdict
  for (const { id, outputs = [], inputs = [] } of buildHooks(service)) {
    if (matchesAny(outputs, path)) return { input: true, why: `the hook ${id} writes it` }
    if (matchesAny(inputs, path) && !isInModules(path, inputs))
      return { input: true, why: `the hook ${id} reads it` }
  }
  return verdict
}

function isInModules(path: string, patterns: readonly PathPattern[]): boolean {
  return patterns.every(({ base }) => path.slice(base.length).split('/').includes('node_modules'))
}

function judgeForImage(service: ServiceSpec, path: string, rules: ServiceRules | undefined): InputVerdict {
  if (path === service.dockerfile) return { input: true, why: 'it is the Dockerfile' }
  if (ruleFiles(service).includes(path))
    return { input: true, why: 'it says which files of the context count' }
  const extra = service.watch.extra.find(
    one => path === one || path.startsWith(`${one}/`) || picomatch.isMatch(path, one, { dot: true }),
  )
  const inside = relativeTo(service.context, path)
  const ignore = service.watch.ignore.find(glob => picomatch.isMatch(inside ?? path, glob, { dot: true }))
  const noise = noiseReason(inside ?? path)
  if (noise !== undefined) return { input: false, why: noise }
  if (ignore !== undefined) return { input: false, why: `watch.ignore has "${ignore}"` }
  if (extra !== undefined) return { input: true, why: `watch.extra has "${extra}"` }
  if (inside === undefined) return { input: false, why: `it is outside the build context ${service.context}` }
  if (rules === undefined) return { input: false, why: 'the Dockerfile has not been read yet' }
  const decision = rules.ignore.decide(inside)
  const rule =
    decision.rule === undefined ? '' : `${decision.rule.file}:${decision.rule.line} "${decision.rule.text}"`
  if (decision.ignored) return { input: false, why: `ignored by ${rule}` }
  const source = rules.inputs.sources.find(one => one.sees(inside))
  if (source === undefined)
    return {
      input: false,
      why: `no COPY, ADD or bind mount that ${service.target ?? 'the last stage'} needs reads it${readsOf(service, rules)}`,
    }
  const back = rule === '' ? '' : `, taken in by ${rule}`
  return { input: true, why: `read by ${service.dockerfile}:${source.line} "${source.instruction}"${back}` }
}

/** What is read in its place, so that a person sees which line to change. */
function readsOf({ dockerfile }: ServiceSpec, { inputs }: ServiceRules): string {
  const lines = [...new Map(inputs.sources.map(({ line, instruction }) => [line, instruction]))]
  const named = lines.slice(0, 5).map(([line, instruction]) => `${dockerfile}:${line} "${instruction}"`)
  return lines.length === 0 ? '' : `; what reads the context: ${named.join(', ')}`
}

function rootsOf(service: ServiceSpec, rules: ServiceRules | undefined): readonly WatchRoot[] {
  const inContext = (path: string, isDirectory: boolean): boolean => {
    const inside = relativeTo(service.context, path)
    if (inside === undefined || inside === '.') return false
    if (noiseReason(inside) !== undefined) return true
    if (rules === undefined) return inside.split('/').includes('node_modules')
    if (isDirectory)
      return rules.ignore.canPrune(inside) || !rules.inputs.sources.some(source => source.mayReach(inside))
    return rules.ignore.decide(inside).ignored
  }
  const never = (): boolean => false
  return [
    { path: service.context, ignored: inContext, rules: rules?.text ?? '' },
    ...ruleFiles(service).map(path => ({ path, ignored: never })),
    ...service.watch.extra.map(path => ({
      path: picomatch.scan(path).isGlob ? picomatch.scan(path).base : path,
      ignored: (below: string) => noiseReason(below) !== undefined,
    })),
    ...buildHooks(service)
      .flatMap(({ inputs = [], outputs = [] }) => [...inputs, ...outputs])
      .map(({ base }) => ({
        path: base,
        ignored: (below: string) =>
          noiseReason(below) !== undefined || below.slice(base.length).split('/').includes('node_modules'),
      })),
  ]
}
