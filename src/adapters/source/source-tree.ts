import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ContextSnapshot } from '../../core/build-input.js'
import { cancelled, type Problem } from '../../core/problem.js'
import type { ServiceSpec } from '../../core/project.js'
import { err, ok, type Result } from '../../core/result.js'
import type { WatchRoot } from '../../ports/file-watcher.js'
import type { SourceTree } from '../../ports/source-tree.js'
import { type Branch, branchOf, differing, digestBranch, filesOf } from './context-branch.js'
import { describeExtra } from './describe-extra.js'
import { ignoreTest, othersOf } from './digest-lines.js'
import { createFileCache, type FileCache } from './file-cache.js'
import { growingFile } from './growing-file.js'
import { judgePath } from './judge-path.js'
import { isJustWritten } from './just-written.js'
import { readServiceRules, realFolder, relativeTo, type ServiceRules } from './service-rules.js'
import { type Round, walkContext } from './walk-context.js'
import { watchRoots } from './watch-roots.js'

/** Says what must be watched so that no save of a service is missed. */
export interface WatchRootSource {
  /** By the rules of the last snapshot; asked again after each one, for an edited Dockerfile may see more. */
  watchRoots(service: ServiceSpec): readonly WatchRoot[]
}

/** Milliseconds between two looks at a file that grows, and in all: a file that never rests must not hold up everything else. */
const LOOK_AGAIN = 100
const LONGEST_WAIT = 120_000
/** The same in which what makes no sense may still become something: a folder in which a tool writes all the time is always new. */
const LONGEST_DOUBT = 3000

interface Known {
  readonly rules: ServiceRules
  /** Undefined where only the rules were read. */
  readonly last: Walked | undefined
}

/** What a snapshot was made of. */
interface Walked {
  readonly service: ServiceSpec
  readonly context: string
  /** The text of the rules. */
  readonly rules: string
  readonly rounds: readonly Round[]
  readonly root: Branch
  readonly digest: string
}

interface Read {
  readonly snapshot: ContextSnapshot
  readonly known: Known & { readonly last: Walked }
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
    if (!isFolder)
      return invalid(
        service,
        `the build context ${service.context} is not a folder`,
        `Bring it back, or correct "context" of ${service.name} in the config: devloop goes on by itself.`,
      )
    if (changed !== 'all') for (const path of changed) forget(path, service.context, context)
    const rules = await readServiceRules(service)
    if (!rules.ok) return rules
    try {
      const walk = { cache, signal, since: changed === 'all' ? all : 0 }
      const last = known.get(service.name)?.last
      const { text } = rules.value
      const isSameView = last?.service === service && last.context === context && last.rules === text
      const view = { context, rules: rules.value, isIgnored: ignoreTest(service) }
      const rounds = await walkContext(view, isSameView ? last.rounds : [], walk)
      const extra = await describeExtra(service, walk)
      if (signal.aborted) return err(cancelled)
      const root = rounds.at(-1)?.root.branch ?? branchOf(undefined, [])
      const hash = createHash('sha256').update(`${JSON.stringify(rules.value.dockerfile)}\n`)
      digestBranch(hash, root)
      for (const line of extra.values()) hash.update(line)
      const digest = hash.digest('hex')
      const snapshot: ContextSnapshot = {
        service: service.name,
        digest,
        files: filesOf(root),
        bytes: root.bytes,
        dockerfile: rules.value.dockerfile,
        baseImages: rules.value.inputs.baseImages,
        ...(rules.value.inputs.finalBase === undefined ? {} : { finalBase: rules.value.inputs.finalBase }),
        needsBuildKit: rules.value.inputs.buildKitFeatures.length > 0,
        others: othersOf(service, rules.value, extra),
        changed: last === undefined ? [] : differing(last.root, root),
      }
      return ok({
        snapshot,
        known: { rules: rules.value, last: { service, context, rules: text, rounds, root, digest } },
      })
    } catch (error) {
      if (signal.aborted) return err(cancelled)
      return invalid(
        service,
        error instanceof Error ? error.message : String(error),
        'Have the file readable, or leave it out of the image with a line in .dockerignore.',
      )
    }
  }

  const snapshot: SourceTree['snapshot'] = async (service, changed, signal) => {
    let now = await read(service, changed, signal)
    // A Dockerfile or a context that makes no sense may be on its way: it is told of once nobody writes it.
    for (let waited = 0; waited < LONGEST_DOUBT && isInvalid(now); waited += LOOK_AGAIN) {
      if (!(await isOnItsWay(service))) break
      if (signal.aborted) return err(cancelled)
      await delay(LOOK_AGAIN, undefined, { signal }).catch(() => undefined)
      now = await read(service, 'all', signal)
    }
    // What another tool is still writing is read once it is whole.
    for (let waited = 0; now.ok && waited < LONGEST_WAIT; waited += LOOK_AGAIN) {
      const growing = await growingFile(service.context, now.value.known.last.root.slow, Date.now)
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
      const before = known.get(service.name)?.last?.digest
      const now = before === undefined ? undefined : await read(service, 'all', signal)
      return now?.ok !== true || now.value.snapshot.digest !== before
    },
    readRules: async service => {
      const rules = await readServiceRules(service)
      if (rules.ok) known.set(service.name, { rules: rules.value, last: known.get(service.name)?.last })
      return rules.ok ? ok(undefined) : rules
    },
    verdict: (service, path) => judgePath(service, path, known.get(service.name)?.rules),
    watchRoots: service => watchRoots(service, known.get(service.name)?.rules),
  }
}

const isInvalid = (read: Result<Read>): boolean => !read.ok && read.error.kind === 'context-invalid'

async function isOnItsWay({ context, dockerfile }: ServiceSpec): Promise<boolean> {
  const written = await Promise.all([context, dockerfile].map(path => isJustWritten(path, Date.now)))
  return written.includes(true)
}

const invalid = (service: ServiceSpec, message: string, hint: string): Result<never, Problem> =>
  err({ kind: 'context-invalid', service: service.name, message, hint })
