import type { ClusterAsk } from '../../core/embedded/cluster-ask.js'
import type { KubeObject } from '../../core/kube-object.js'
import type { NotRunning, Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { Observation } from '../../core/rollout-observation.js'
import type { ApiResource, Applied, ClusterIdentity } from '../../ports/cluster.js'
import type { ClusterAccess } from '../../ports/cluster-access.js'
import type { LogEvent } from '../../ports/pod-logs.js'

/** Milliseconds between two looks at what changed: the other process has no way to call. */
const PAUSE = 250

/** What is seen of a cluster that is in the memory of the `up` that runs. It changes nothing; without an `up` there is no cluster. */
export function createRemoteAccess({
  ask,
}: {
  /** Undefined where no `up` answers. */
  readonly ask: (ask: ClusterAsk) => Promise<unknown>
}): ClusterAccess {
  const absent: NotRunning = {
    kind: 'not-running',
    message: 'processes live only while "devloop up" runs, and none does',
  }
  const asked = async <T>(request: ClusterAsk): Promise<Result<T>> => {
    const answer = (await ask(request)) as Result<T> | undefined
    // One of another version may answer with something else.
    return typeof answer?.ok === 'boolean' ? answer : err<Problem>(absent)
  }
  const refused = async () =>
    err<Problem>({
      kind: 'usage-invalid',
      message: 'only the devloop up that runs changes its processes',
      hint: 'It does so at each save; devloop restart, rollback and scale-to-zero ask it to.',
    })
  const closed = new AbortController()

  return {
    cluster: {
      identity: () => asked<ClusterIdentity>({ call: 'identity' }),
      discover: () => asked<readonly ApiResource[]>({ call: 'discover' }),
      get: async ref => {
        const found = await asked<KubeObject | undefined>({ call: 'get', ref })
        return found.ok ? ok(found.value) : found
      },
      list: ({ apiVersion, kind }, { namespace } = {}) =>
        asked<readonly KubeObject[]>({ call: 'list', kind: { apiVersion, kind }, namespace }),
      apply: async (object, { fieldManager, force, dryRun }) =>
        dryRun === true ? asked<Applied>({ call: 'dry-run', object, fieldManager, force }) : refused(),
      replace: refused,
      delete: refused,
      close: () => {},
    },
    observer: {
      observe: (namespace, sink, signal) => {
        const both = AbortSignal.any([signal, closed.signal])
        void watch(
          async () => (await ask({ call: 'seen', namespace })) as readonly Observation[] | undefined,
          {
            sink,
            signal: both,
          },
        )
      },
      follow: () => {},
      // Routes are served by the owner alone.
      track: () => {},
    },
    logs: {
      follow: async (source, sink, { signal, since, from, lines, snapshot = false, ended }) => {
        const both = AbortSignal.any([signal, closed.signal])
        let after = since
        let last = lines
        for (let isLast = false; !both.aborted; ) {
          const events = (await ask({ call: 'log', source, since: after, from, lines: last })) as
            | readonly LogEvent[]
            | undefined
          if (both.aborted) return
          for (const event of events ?? []) {
            if (event.type === 'line') after = event.time
            sink(event)
          }
          const isGap = events?.some(({ type }) => type === 'gap') === true
          if (snapshot || isLast || events === undefined || isGap) return
          last = undefined
          // What the run wrote last is read once it is known to have ended.
          isLast = ended?.aborted === true
          if (!isLast) await pause(both, ended)
        }
      },
      tail: async (source, { lines, previous }) => {
        if (previous) return []
        const whole = { ...source, restarts: 0, containerId: '' }
        const events = (await ask({
          call: 'log',
          source: whole,
          since: undefined,
          from: undefined,
          lines,
        })) as readonly LogEvent[] | undefined
        return (events ?? []).flatMap(event => (event.type === 'line' ? [event.text] : []))
      },
    },
    forward: {
      open: async () =>
        err({
          kind: 'forward-refused',
          message: 'the devloop up that runs has the connections to its processes',
        }),
    },
    probe: { probe: async () => err(absent.message) },
    close: () => closed.abort(),
  }
}

/** Tells everything once, and after that what differs from the look before. */
async function watch(
  look: () => Promise<readonly Observation[] | undefined>,
  { sink, signal }: { readonly sink: (observation: Observation) => void; readonly signal: AbortSignal },
): Promise<void> {
  let before = new Map<string, { readonly text: string; readonly observation: Observation }>()
  let isSynced = false
  while (!signal.aborted) {
    const observations = await look()
    if (signal.aborted) return
    const now: typeof before = new Map()
    for (const observation of observations ?? []) {
      const key = keyOf(observation)
      if (key === undefined) continue
      const text = JSON.stringify(observation)
      now.set(key, { text, observation })
      if (before.get(key)?.text !== text) sink(observation)
    }
    for (const [key, { observation }] of before) {
      const gone = now.has(key) ? undefined : goneOf(observation)
      if (gone !== undefined) sink(gone)
    }
    before = now
    const synced = observations?.find(({ type }) => type === 'synced')
    if (!isSynced && synced !== undefined) sink(synced)
    isSynced ||= synced !== undefined
    await pause(signal, undefined)
  }
}

function keyOf(observation: Observation): string | undefined {
  switch (observation.type) {
    case 'workload':
      return `workload ${observation.workload.uid}`
    case 'pod':
      return `pod ${observation.pod.uid}`
    case 'replica-set':
      return `replica-set ${observation.replicaSet.uid}`
    default:
      return undefined
  }
}

function goneOf(observation: Observation): Observation | undefined {
  switch (observation.type) {
    case 'workload': {
      const { key, uid } = observation.workload
      return { type: 'workload-gone', key, uid }
    }
    case 'pod': {
      const { uid, namespace, name } = observation.pod
      return { type: 'pod-gone', uid, namespace, name }
    }
    case 'replica-set':
      return { type: 'replica-set-gone', uid: observation.replicaSet.uid }
    default:
      return undefined
  }
}

function pause(signal: AbortSignal, other: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      other?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, PAUSE)
    signal.addEventListener('abort', done, { once: true })
    other?.addEventListener('abort', done, { once: true })
  })
}
