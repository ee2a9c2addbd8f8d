import type { LogEvent, LogSource, PodLogs } from '../../ports/pod-logs.js'

/** UTF-16 units of one run that are kept for who reads later: the oldest go first, and whoever has not read them is told. */
const KEPT = 4 * 1024 * 1024
/** Runs of one container that are kept: as a kubelet does, the present one and the one before. */
const RUNS = 2

/** Where one run of a container writes its lines. */
export interface RunLog {
  line(text: string): void
  /** No line comes any more. */
  end(): void
}

export interface ContainerLogs extends PodLogs {
  open(run: Pick<LogSource, 'podUid' | 'container' | 'restarts'>): RunLog
  /** The pod is gone. Who reads it reads on to the end. */
  forget(podUid: string): void
}

interface Line {
  readonly time: string
  readonly text: string
}

interface Run {
  readonly restarts: number
  readonly lines: Line[]
  /** Lines that were kept once and are no more. */
  dropped: number
  units: number
  isOver: boolean
  readonly readers: Set<() => void>
}

export function createContainerLogs(now: () => number): ContainerLogs {
  const containers = new Map<string, Run[]>()
  const stamp = createStamp(now)
  const keyOf = ({ podUid, container }: { readonly podUid: string; readonly container: string }) =>
    `${podUid}/${container}`

  return {
    open({ podUid, container, restarts }) {
      const key = keyOf({ podUid, container })
      const run: Run = { restarts, lines: [], dropped: 0, units: 0, isOver: false, readers: new Set() }
      containers.set(key, [...(containers.get(key) ?? []), run].slice(-RUNS))
      return {
        line: text => {
          run.lines.push({ time: stamp(), text })
          run.units += text.length
          shorten(run)
          for (const read of run.readers) read()
        },
        end: () => {
          run.isOver = true
          for (const read of run.readers) read()
        },
      }
    },
    forget: podUid => {
      for (const key of containers.keys()) if (key.startsWith(`${podUid}/`)) containers.delete(key)
    },
    follow: (source, sink, options) => {
      const run = containers.get(keyOf(source))?.find(({ restarts }) => restarts === source.restarts)
      if (run === undefined) {
        sink({ type: 'gap', message: 'The process is gone, and its log with it.' })
        return Promise.resolve()
      }
      return followRun(run, sink, options)
    },
    tail: async (source, { lines, previous }) => {
      const runs = containers.get(keyOf(source)) ?? []
      const run = runs.at(previous ? -2 : -1)
      return (run?.lines ?? []).slice(-lines).map(({ text }) => text)
    },
  }
}

function shorten(run: Run): void {
  if (run.units <= KEPT) return
  // A tenth at a time: taking lines off one by one would move all of them each time.
  let freed = 0
  let count = 0
  while (run.units - freed > KEPT * 0.9 && count < run.lines.length - 1) {
    freed += run.lines[count]?.text.length ?? 0
    count++
  }
  run.lines.splice(0, count)
  run.dropped += count
  run.units -= freed
}

function followRun(
  run: Run,
  sink: (event: LogEvent) => void,
  { signal, since, from, lines, snapshot = false }: Parameters<PodLogs['follow']>[2],
): Promise<void> {
  return new Promise(resolve => {
    const first = lines === undefined ? 0 : run.dropped + Math.max(0, run.lines.length - lines)
    // A person who asks for the last lines, or for those since a time, knows that there were more.
    let at = Math.max(
      first,
      lines === undefined && since === undefined && from === undefined ? 0 : run.dropped,
    )
    const after = since ?? ''
    const finish = (): void => {
      run.readers.delete(read)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const read = (): void => {
      if (signal.aborted) return
      if (at < run.dropped) {
        sink({ type: 'gap', message: `${run.dropped - at} lines were written faster than they were kept.` })
        at = run.dropped
      }
      for (let line = run.lines[at - run.dropped]; line !== undefined; line = run.lines[at - run.dropped]) {
        at++
        if (line.time > after && (from === undefined || Date.parse(line.time) >= Date.parse(from)))
          sink({ type: 'line', ...line })
        if (signal.aborted) return
      }
      if (run.isOver || snapshot) finish()
    }
    if (signal.aborted) return finish()
    run.readers.add(read)
    signal.addEventListener('abort', finish, { once: true })
    read()
  })
}

/** Times of one length that only ever grow: equal milliseconds are told apart by nanoseconds. */
function createStamp(now: () => number): () => string {
  let last = 0
  let count = 0
  return () => {
    const at = Math.max(now(), last)
    count = at === last ? Math.min(count + 1, 999_999) : 0
    last = at
    return `${new Date(at).toISOString().slice(0, -1)}${String(count).padStart(6, '0')}Z`
  }
}
