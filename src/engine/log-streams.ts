import { setMaxListeners } from 'node:events'
import { type BegunLogs, containerKey, type LogInstance, planLogs } from '../core/logs/sources.js'
import type { ObservedPod } from '../core/rollout-observation.js'
import type { LogEvent, LogSource, PodLogs } from '../ports/pod-logs.js'

export interface LogStreams {
  /**
   * All pods whose logs are wanted, and all that are seen now, by UID. What is being read is read to its end: of a pod that is no longer wanted for as long
   * as it runs, of one that is gone soon.
   */
  update(wanted: readonly ObservedPod[], seen: Readonly<Record<string, ObservedPod>>): void
  /** Resolves when no log is being read: each was read to its end. */
  idle(): Promise<void>
  /** Stops reading. Nothing comes to the sink any more, and once this resolves every connection is closed. */
  close(): Promise<void>
}

interface Stream {
  /** Runs that are read, or wait for the run before to be read to its end. */
  readonly open: { readonly instance: LogInstance; readonly ended: AbortController }[]
  tail: Promise<void>
}

/**
 * Reads the log of every run of every container of the wanted pods, each once. Runs of one container come one after the other; containers
 * do not wait for each other. A call that throws is reported as a gap in that log and does not touch the others.
 */
export function createLogStreams(options: {
  readonly logs: Pick<PodLogs, 'follow'>
  readonly sink: (entry: { readonly source: LogSource; readonly event: LogEvent }) => void
}): LogStreams {
  const { logs, sink } = options
  const stop = new AbortController()
  // One listener for each container that is read: many, and no leak.
  setMaxListeners(0, stop.signal)
  const { signal } = stop
  const streams = new Map<string, Stream>()
  let begun: BegunLogs = {}

  async function read(instance: LogInstance, lost: number, ended: AbortSignal): Promise<void> {
    if (signal.aborted) return
    if (lost > 0) sink({ source: instance, event: { type: 'gap', message: lostMessage(lost) } })
    try {
      await logs.follow(instance, event => signal.aborted || sink({ source: instance, event }), {
        signal,
        ended,
      })
    } catch (error) {
      if (signal.aborted) return
      const words = error instanceof Error ? error.message : String(error)
      sink({
        source: instance,
        event: { type: 'gap', message: `This log cannot be read any further: ${words}` },
      })
    }
  }

  function begin(instance: LogInstance, lost: number): void {
    const key = containerKey(instance.podUid, instance.container)
    const stream = streams.get(key) ?? { open: [], tail: Promise.resolve() }
    streams.set(key, stream)
    for (const earlier of stream.open) earlier.ended.abort()
    const entry = { instance, ended: new AbortController() }
    stream.open.push(entry)
    stream.tail = stream.tail
      .then(() => read(instance, lost, entry.ended.signal))
      .finally(() => {
        stream.open.splice(stream.open.indexOf(entry), 1)
        if (stream.open.length === 0) streams.delete(key)
      })
  }

  async function idle(): Promise<void> {
    while (streams.size > 0) await Promise.all([...streams.values()].map(({ tail }) => tail))
  }

  return {
    update(wanted, seen) {
      if (signal.aborted) return
      const plan = planLogs(begun, wanted)
      begun = plan.begun
      for (const { instance, lost } of plan.start) begin(instance, lost)
      for (const { open } of streams.values()) {
        for (const { instance, ended } of open) if (hasEnded(seen[instance.podUid], instance)) ended.abort()
      }
    },
    idle,
    close() {
      stop.abort()
      return idle()
    },
  }
}

function hasEnded(pod: ObservedPod | undefined, instance: LogInstance): boolean {
  const container = pod?.containers.find(({ name }) => name === instance.container)
  return container?.containerId !== instance.containerId || container.state.kind !== 'running'
}

function lostMessage(lost: number): string {
  return lost === 1
    ? 'The container ran once more before; the cluster no longer has that log.'
    : `The container ran ${lost} times more before; the cluster no longer has those logs.`
}
