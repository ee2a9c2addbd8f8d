import { diffObject } from '../core/diff/diff-object.js'
import { displayRef, type KubeObject, type ObjectRef, refKey, refOf } from '../core/kube-object.js'
import type { LinkedManifests } from '../core/manifest/link.js'
import { reduceJournal } from '../core/ownership/journal-state.js'
import type { Problem, SourceRange } from '../core/problem.js'
import { type DroppedCandidate, findDropped } from '../core/prune/find-dropped.js'
import { ok, type Result } from '../core/result.js'
import type { Cluster } from '../ports/cluster.js'
import type { Journal } from '../ports/journal.js'
import type { ApplyTools } from './apply/apply-types.js'
import { applyObject } from './apply-object.js'

/** What would become of one object. */
export interface ObjectDifference {
  /** As `displayRef` has it. */
  readonly object: string
  /**
   * `recreate`: deleted and made anew, for a field that cannot change. `drop`: no longer in the manifests. `refused`: the API server would not take it, as
   * `problem` says.
   */
  readonly change: 'create' | 'change' | 'recreate' | 'unchanged' | 'drop' | 'refused'
  /** Hunks of a unified diff of its YAML, values of Secrets hidden; '' where nothing differs. */
  readonly diff: string
  readonly notices: readonly string[]
  readonly problem?: Problem
}

export interface DryRunTools {
  readonly cluster: Cluster
  readonly journal: Journal
  /** Of the cluster. */
  readonly uid: string
  readonly signal: AbortSignal
}

interface Rendered {
  readonly object: KubeObject
  readonly source: SourceRange
}

/** Objects that the API server is asked about at once: more of them only wait in its own queue. */
const AT_ONCE = 16

/**
 * What applying these objects would change, asked of the API server by a server-side dry run with the same steps as a real apply. Nothing is written, to the
 * journal neither. Fails where the cluster cannot be asked.
 */
export async function dryRun(
  { cluster, journal, uid, signal }: DryRunTools,
  manifests: LinkedManifests,
  objects: readonly Rendered[],
): Promise<Result<readonly ObjectDifference[]>> {
  const absent = new Set<string>()
  const tools = { cluster: dryCluster(cluster), journal: dryJournal(journal, uid) }
  const one = ({ object, source }: Rendered) =>
    differenceOf({ tools, cluster, absent, signal }, object, source)
  // What others are made in, or are made of, comes first and in its order; the rest waits for nothing.
  const first = objects.filter(({ object }) => isBasis(object))
  const made = new Map<Rendered, Result<ObjectDifference>>()
  for (const each of first) made.set(each, await one(each))
  const waiting = objects.filter(each => !made.has(each))
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      made.set(next, await one(next))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const found: ObjectDifference[] = []
  for (const each of objects) {
    const difference = made.get(each)
    if (difference?.ok === false) return difference
    if (difference !== undefined) found.push(difference.value)
  }
  const gone = await droppedFrom(cluster, findDropped(tools.journal.state(), manifests), signal)
  return ok([...found, ...gone])
}

interface Comparing {
  readonly tools: ApplyTools
  /** As it is, without what the trial did. */
  readonly cluster: Cluster
  /** Namespaces, and kinds, that this very deploy makes. */
  readonly absent: Set<string>
  readonly signal: AbortSignal
}

async function differenceOf(
  { tools, cluster, absent, signal }: Comparing,
  object: KubeObject,
  source: SourceRange,
): Promise<Result<ObjectDifference>> {
  const ref = refOf(object)
  const read = await cluster.get(ref, signal)
  if (!read.ok) return read
  const named = displayRef(ref)
  if (read.value === undefined && needsWhatIsAbsent(object, absent))
    return ok({ object: named, change: 'create', diff: diffObject(undefined, object), notices: [] })
  const applied = await applyObject(
    { ...tools, cluster: havingRead(tools.cluster, ref, read.value) },
    { object, source, signal },
  )
  if (!applied.ok) {
    const { error } = applied
    if (error.kind === 'cluster-unreachable' || error.kind === 'cancelled') return applied
    const diff = diffObject(read.value, object)
    return ok({ object: named, change: 'refused', diff, notices: [], problem: error })
  }
  const { outcome, live, notices } = applied.value
  if (read.value === undefined) {
    if (object.kind === 'Namespace') absent.add(object.metadata.name)
    if (object.kind === 'CustomResourceDefinition') absent.add(servedBy(object))
  }
  // A trial leaves the version as it is: the outcome alone does not tell.
  const diff = live === undefined || live === read.value ? '' : diffObject(read.value, live)
  return ok({ object: named, change: changeOf(outcome, diff), diff, notices })
}

/** Whether objects may be in it, or of it. */
const isBasis = ({ kind }: KubeObject): boolean => kind === 'Namespace' || kind === 'CustomResourceDefinition'

function changeOf(
  outcome: 'unchanged' | 'created' | 'configured' | 'recreated',
  diff: string,
): ObjectDifference['change'] {
  if (outcome === 'created') return 'create'
  if (outcome === 'recreated') return 'recreate'
  // What is written anew and comes out the same is no difference: devloop's own marks, say.
  return diff === '' ? 'unchanged' : 'change'
}

/** Objects of a namespace, or of a definition, that is made by this very deploy: the API server knows nothing of them yet. */
function needsWhatIsAbsent({ apiVersion, kind, metadata }: KubeObject, absent: ReadonlySet<string>): boolean {
  return absent.has(metadata.namespace ?? '') || absent.has(`${apiVersion.split('/')[0]}/${kind}`)
}

function servedBy({ spec }: KubeObject): string {
  const { group, names } = (spec ?? {}) as { group?: string; names?: { kind?: string } }
  return `${group}/${names?.kind}`
}

async function droppedFrom(
  cluster: Cluster,
  candidates: readonly DroppedCandidate[],
  signal: AbortSignal,
): Promise<readonly ObjectDifference[]> {
  const found = await Promise.all(
    candidates.map(async ({ ref, uid, origin }): Promise<readonly ObjectDifference[]> => {
      const read = await cluster.get(ref, signal)
      if (!read.ok || read.value?.metadata.uid !== uid) return []
      // What was there before stays, with what it had.
      const diff = origin === 'created' ? diffObject(read.value, undefined) : ''
      return [{ object: displayRef(ref), change: 'drop', diff, notices: [] }]
    }),
  )
  return found.flat()
}

/** The same, of which one object was read just now: it is asked for only when it is looked at again. */
function havingRead(cluster: Cluster, ref: ObjectRef, live: KubeObject | undefined): Cluster {
  let isFresh = true
  return {
    ...cluster,
    get: async (asked, signal) => {
      if (!isFresh || refKey(asked) !== refKey(ref)) return cluster.get(asked, signal)
      isFresh = false
      return ok(live)
    },
  }
}

/** The same API server, of which every write is a trial. What was deleted on trial is created on trial. */
function dryCluster(cluster: Cluster): Cluster {
  const deleted = new Set<string>()
  return {
    ...cluster,
    apply: async (object, options) =>
      deleted.has(refKey(refOf(object)))
        ? ok({ object, created: true, warnings: [] })
        : cluster.apply(object, { ...options, dryRun: true }),
    get: async (ref, signal) => (deleted.has(refKey(ref)) ? ok(undefined) : cluster.get(ref, signal)),
    replace: async object => ok(object),
    delete: async ref => {
      deleted.add(refKey(ref))
      return ok('deleted')
    },
  }
}

/** What would be written down is known to this run alone. */
function dryJournal(journal: Journal, uid: string): Journal {
  // What is known of another cluster of this name is no word about this one.
  let state = reduceJournal([{ type: 'cluster-bound', uid }], journal.state())
  return {
    hashKey: journal.hashKey,
    state: () => state,
    append: async entries => {
      state = reduceJournal(entries, state)
      return ok(undefined)
    },
    close: async () => {},
  }
}
