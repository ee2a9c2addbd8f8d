import type { KubeObject } from '../kube-object.js'
import { fieldsOf, itemsOf, stringOf, valueAt } from '../manifest/fields.js'
import { podPathOf } from '../manifest/pod-template.js'
import { endsFirst, fastRolloutSaving } from '../manifest/with-fast-rollout.js'
import { type ContextShares, MADE_FOLDERS } from './context-shares.js'
import type { StageTimes } from './percentiles.js'
import type { SaveRecord } from './save-record.js'

/** What is known of a service when somebody asks what would make its saves quicker. */
export interface AdviceFacts {
  readonly stages: readonly StageTimes[]
  /** Oldest first. */
  readonly records: readonly SaveRecord[]
  readonly context: ContextShares | undefined
  /** Its workloads, with the names of its containers in each. */
  readonly workloads: readonly { readonly object: KubeObject; readonly containers: readonly string[] }[]
}

export interface Advice {
  /** The stage that it would make shorter. */
  readonly stage: string
  readonly message: string
}

/** Below this many milliseconds nothing is worth a word. */
const WORTH = 300

/** What would help, with the figure that says so; the costliest stage first. Says nothing of what it cannot show. */
export function adviceOf(facts: AdviceFacts): readonly Advice[] {
  const advice = [
    ...contextAdvice(facts),
    ...loadAdvice(facts),
    ...facts.workloads.flatMap(one => rolloutAdvice(facts, one)),
  ]
  const cost = (stage: string): number => p50(facts, stage) ?? 0
  return [...new Map(advice.map(one => [one.message, one])).values()].sort(
    (a, b) => cost(b.stage) - cost(a.stage),
  )
}

const p50 = ({ stages }: AdviceFacts, wanted: string): number | undefined =>
  stages.find(({ stage }) => stage === wanted)?.p50

/** A context of this many bytes takes a noticeable time to walk, pack and send. */
export const LARGE_CONTEXT = 50e6

/** A context of this many files takes its time to send, however small they are. */
const MANY_FILES = 10_000

/** What to say of a context when it is read first, before any save was slow: only where most of it is made by a tool, which is hardly meant. */
export function contextNotice(context: ContextShares): string | undefined {
  const { bytes, files, largest } = context
  const isLarge = bytes >= LARGE_CONTEXT || files >= MANY_FILES
  return isLarge && MADE_FOLDERS.includes(largest?.folder ?? '') ? largestShare(context) : undefined
}

function contextAdvice({ context }: AdviceFacts): readonly Advice[] {
  if (context === undefined || context.bytes < LARGE_CONTEXT) return []
  const message = largestShare(context)
  return message === undefined ? [] : [{ stage: 'build', message }]
}

/** Which folder holds most of a context, if one does, and what to do about it. */
function largestShare({ bytes, files, largest }: ContextShares): string | undefined {
  if (largest === undefined) return undefined
  const share = Math.round((100 * largest.bytes) / bytes)
  if (share < 50) return undefined
  const isMade = MADE_FOLDERS.includes(largest.folder)
  const what = isMade
    ? `add ${largest.folder} to .dockerignore, unless the image takes it from here`
    : `if the image does not need all of ${largest.folder}, name it in .dockerignore`
  return `context ${sizeText(bytes)} in ${files} files, ${share} % of it ${largest.folder}: ${what}`
}

const SLOW_WAYS: Readonly<Record<string, string>> = {
  save: 'the whole image is saved and imported',
  'filtered-save': 'the image is saved whole, and its missing layers are imported',
  'provider-load': "the image goes the way of the cluster's own tool",
}

/** Layers of this many bytes are more than what people edit. */
const LARGE_SAVE = 20e6

function loadAdvice(facts: AdviceFacts): readonly Advice[] {
  const time = p50(facts, 'load') ?? 0
  // What the first load of all brings is no matter of saves.
  const load = facts.records.findLast(({ load, save }) => load !== undefined && save > 0)?.load
  if (load === undefined || time < WORTH) return []
  const head = `load ${secondsText(time)}`
  if (load.sentBytes >= LARGE_SAVE) {
    const what = 'in the Dockerfile, what changes seldom belongs above what changes often'
    return [
      {
        stage: 'load',
        message: `${head}: the last save sent ${sizeText(load.sentBytes)} of layers; ${what}`,
      },
    ]
  }
  const way = SLOW_WAYS[load.method]
  // For so little a push is always tried first, where it is possible.
  const why = 'for the engine could not push to this process'
  return way === undefined ? [] : [{ stage: 'load', message: `${head}: ${way} (${load.method}), ${why}` }]
}

function rolloutAdvice(
  facts: AdviceFacts,
  { object, containers }: AdviceFacts['workloads'][number],
): readonly Advice[] {
  const rollout = p50(facts, 'rollout') ?? 0
  const path = podPathOf(object)
  if (path === undefined || rollout < WORTH) return []
  const spec = fieldsOf(valueAt(object, [...path, 'spec']))
  const own = itemsOf(spec.containers)
    .map(fieldsOf)
    .filter(({ name }) => containers.includes(stringOf(name) ?? ''))
  return [
    ...own.flatMap(container => probeAdvice(container, rollout)),
    ...readyAdvice(object, rollout),
    ...terminationAdvice({ object, spec, rollout }),
    ...fastAdvice(object, containers, rollout),
  ]
}

function probeAdvice(
  { name, readinessProbe, startupProbe }: Readonly<Record<string, unknown>>,
  rollout: number,
): readonly Advice[] {
  const found: Advice[] = []
  for (const [what, given] of [
    ['readiness', readinessProbe],
    ['startup', startupProbe],
  ] as const) {
    if (given === undefined || given === null) continue
    const probe = fieldsOf(given)
    const delay = seconds(probe.initialDelaySeconds, 0)
    const period = seconds(probe.periodSeconds, 10)
    const of = `the ${what} probe of ${stringOf(name)}`
    if (delay >= WORTH && delay * 2 >= rollout)
      found.push({
        stage: 'rollout',
        message: `rollout ${secondsText(rollout)}: the initial delay of ${of} is ${secondsText(Math.min(delay, rollout))} of that; a startup probe with periodSeconds: 1 waits no longer than the program takes`,
      })
    // On average half a period passes between the moment of being ready and the probe that sees it.
    else if (period >= 5000 && period / 2 >= WORTH && rollout >= period / 2)
      found.push({
        stage: 'rollout',
        message: `rollout ${secondsText(rollout)}: ${of} asks every ${secondsText(period)}, so about ${secondsText(period / 2)} pass unseen; periodSeconds: 1 sees it at once`,
      })
  }
  return found
}

function readyAdvice(object: KubeObject, rollout: number): readonly Advice[] {
  const wait = seconds(valueAt(object, ['spec', 'minReadySeconds']), 0)
  if (wait < WORTH) return []
  const message = `rollout ${secondsText(rollout)}: minReadySeconds is ${secondsText(wait)} of that for every pod`
  return [{ stage: 'rollout', message }]
}

/** What the config could do about all of it at once. */
function fastAdvice(object: KubeObject, containers: readonly string[], rollout: number): readonly Advice[] {
  const saving = fastRolloutSaving(object, containers, rollout)
  if (saving < WORTH) return []
  const message = `rollout ${secondsText(rollout)}: "rollout: { fast: true }" in the config would save about ${secondsText(saving)} of it, with no change to your manifests`
  return [{ stage: 'rollout', message }]
}

/** Kinds and strategies that end a pod before its successor starts, so that a slow end is waited for. */
function terminationAdvice({
  object,
  spec,
  rollout,
}: {
  readonly object: KubeObject
  readonly spec: Readonly<Record<string, unknown>>
  readonly rollout: number
}): readonly Advice[] {
  const grace = seconds(spec.terminationGracePeriodSeconds, 30)
  if (!endsFirst(object) || grace < 1000 || rollout < grace) return []
  return [
    {
      stage: 'rollout',
      message: `rollout ${secondsText(rollout)}: terminationGracePeriodSeconds is ${secondsText(grace)} of that, so SIGTERM seems not to be handled: the program is killed when it is over`,
    },
  ]
}

/** Milliseconds of a number of seconds in a manifest. */
const seconds = (value: unknown, fallback: number): number =>
  (typeof value === 'number' && value >= 0 ? value : fallback) * 1000

const secondsText = (time: number): string =>
  time < 1000 ? `${Math.round(time)} ms` : `${(time / 1000).toFixed(time % 1000 === 0 ? 0 : 1)} s`

const sizeText = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`
