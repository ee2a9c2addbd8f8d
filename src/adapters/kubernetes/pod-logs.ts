import { createLineReader } from '../../core/logs/line-reader.js'
import { compareLogTimes, type LogTime, parseLogTime } from '../../core/logs/log-time.js'
import { createLogResume, isNodeError, type LogResume, type Resumed } from '../../core/logs/resume.js'
import type { LogEvent, LogSource, PodLogs } from '../../ports/pod-logs.js'
import { createSlices, type Slices } from '../logs/slices.js'
import type { KubeHttp, KubeStream } from './http-client.js'
import { findLog, type LogPlace, podPath } from './pod-logs-place.js'
import { backOff, sleep } from './retry.js'

export interface PodLogsOptions {
  readonly http: Pick<KubeHttp, 'request' | 'stream'>
  /** Milliseconds of silence after which a connection is made anew: after a rotation a kubelet may follow the old file for ever. */
  readonly silence?: number
  /** The same, once the run is known to have ended. */
  readonly endedSilence?: number
  /** Milliseconds before the second attempt of a row that fails; the pauses after it double up to 10 s. */
  readonly firstPause?: number
}

/**
 *   find ──► open ──► find again ──► read ──► cut, silent, or over while it ran ──► find …
 *                        │            └─► read to its end after the run had ended ──► done
 *                        └─► not where it was: open again
 *
 * The log is asked for by the container's name alone, so the run that answers is made sure of after the answer began: runs only ever move
 * on. The API server may be behind the kubelet in that, though: of a connection that was made anew, a line that does not follow what was shown is held
 * back until the API server has had its time to say that another run has begun. What ends the work is always a reading that began when the run had ended: its clean end is the log's end.
 */
export function createPodLogs(options: PodLogsOptions): PodLogs {
  const slices = createSlices()
  return {
    follow: (source, sink, { signal, since, ended, from, lines, snapshot = false }) => {
      const resume = createLogResume(since === undefined ? {} : { since })
      const start = { from: from === undefined ? undefined : parseLogTime(from), lines }
      return follow({ ...options, slices, source, sink, signal, ended, resume, start, snapshot })
    },
    tail: (source, wanted) => tail(options.http, source, wanted),
  }
}

interface Following extends PodLogsOptions {
  /** Shared by all logs that are followed. */
  readonly slices: Slices
  readonly source: LogSource
  readonly sink: (event: LogEvent) => void
  readonly signal: AbortSignal
  readonly ended: AbortSignal | undefined
  readonly resume: LogResume
  /** Where the first connection begins. */
  readonly start: { readonly from: LogTime | undefined; readonly lines: number | undefined }
  readonly snapshot: boolean
}

/** How often a log that does not follow what was shown is opened again, a first pause apart, before it counts as rotated: the kubelet's news take less. */
const DOUBTS = 20

async function follow(following: Following): Promise<void> {
  const { http, source, sink, signal, resume, start, snapshot, firstPause = 250 } = following
  let failures = 0
  let doubts = 0
  let isFirst = true
  /** What is to be said should the log be gone: nothing once a connection had reached its end. */
  let unread = true
  let unfinished: (() => void) | undefined
  let told = ''

  const gap = (message: string) => {
    if (message !== told) sink({ type: 'gap', message })
    told = message
  }
  const pause = () => sleep(backOff(++failures, firstPause, 10_000), signal)

  while (!signal.aborted) {
    const place = await findLog(http, source, signal)
    if (signal.aborted) return
    if (place === 'pod-gone' || place === 'pod-replaced' || place === 'lost') {
      unfinished?.()
      if (unread) gap(GONE[place])
      return
    }
    if (place === 'unknown') {
      await pause()
      continue
    }
    const certain = isFirst || place === 'previous' || doubts === DOUBTS
    const opened = await open(following, { place, certain })
    if (opened.kind === 'refused') {
      if (place !== 'running' && opened.final) return gap(opened.message)
      if (snapshot && opened.forbidden) return gap(opened.message)
      if (opened.forbidden) gap(opened.message)
      await pause()
      continue
    }
    const sure = await findLog(http, source, signal)
    if (!isSame(place, sure)) {
      opened.stream.body.destroy()
      if (sure === 'unknown') await pause()
      continue
    }
    const read = await readStream(following, opened.stream)
    if (signal.aborted) return
    isFirst = false
    if (read.apart) {
      doubts++
      await sleep(firstPause, signal)
      continue
    }
    doubts = 0
    if (read.lines > 0) failures = 0
    if (read.foreign !== undefined) gap(`The node cannot read this log: ${read.foreign}`)
    unfinished = read.unfinished
    unread = !read.clean || read.foreign !== undefined
    if (read.clean && read.foreign === undefined && (place !== 'running' || snapshot))
      return read.unfinished?.()
    // A run that goes on although its stream ended: a limit on the way, or the 4 hours of the kubelet.
    if (read.lines === 0 && !read.silent) await pause()
  }

  async function open(
    { signal }: Following,
    { place, certain }: { readonly place: LogPlace; readonly certain: boolean },
  ): Promise<Opened> {
    const since = resume.connect({ certain })
    const query = new URLSearchParams({ container: source.container, timestamps: 'true' })
    if (place === 'running' && !snapshot) query.set('follow', 'true')
    if (place === 'previous') query.set('previous', 'true')
    if (since !== undefined) query.set('sinceTime', since)
    else {
      // In whole seconds; what is earlier in that second is left out when it is read.
      if (start.from !== undefined)
        query.set('sinceTime', `${new Date(start.from.seconds * 1000).toISOString().slice(0, 19)}Z`)
      if (start.lines !== undefined) query.set('tailLines', String(start.lines))
    }
    const stream = await http.stream({ path: `${podPath(source)}/log?${query}`, signal })
    if (!stream.ok) return { kind: 'refused', final: false, forbidden: false, message: '' }
    const { status, body } = stream.value
    if (status === 200) return { kind: 'open', stream: stream.value }
    const text = await shortBody(body)
    // 400 `previous terminated container … not found`: the node cleaned it up. 204 and 400 `is waiting to start` pass.
    const final = status === 400 && /not found/.test(text)
    const forbidden = status === 403
    const why = forbidden ? 'You may not read this log' : 'The cluster no longer has this log'
    return { kind: 'refused', final, forbidden, message: `${why}: ${text}` }
  }
}

type Opened =
  | { readonly kind: 'open'; readonly stream: KubeStream }
  | {
      readonly kind: 'refused'
      readonly final: boolean
      readonly forbidden: boolean
      readonly message: string
    }

const GONE = {
  'pod-gone': 'The pod is gone, and with it what was not yet read of this log.',
  'pod-replaced':
    'The pod was replaced by another of its name, and what was not yet read of this log is gone.',
  lost: 'The container was restarted more than once since; what was not yet read of this log is gone.',
} as const

/**
 * Whether what was opened when the run was at `place` is that run's log, the run being at `sure` now. A pod that is just gone left its
 * open log to us; where another has its name already, that one may have answered.
 */
function isSame(place: LogPlace, sure: LogPlace): boolean {
  switch (sure) {
    case 'running':
    case 'ended':
      return place !== 'previous'
    case 'previous':
      return place === 'previous'
    case 'pod-gone':
      return true
    case 'pod-replaced':
    case 'lost':
    case 'unknown':
      return false
  }
}

interface Read {
  readonly clean: boolean
  readonly silent: boolean
  /** It may be another run's log; nothing of it was shown. */
  readonly apart: boolean
  /** Lines that were not shown before. */
  readonly lines: number
  /** The node's own words in place of a line. */
  readonly foreign: string | undefined
  /** Shows what came after the last line end: right only where nothing will come after it. */
  readonly unfinished: (() => void) | undefined
}

async function readStream(following: Following, { body }: KubeStream): Promise<Read> {
  const { slices, resume, sink, signal, ended, start, silence = 300_000, endedSilence = 2_000 } = following
  const reader = createLineReader()
  let lines = 0
  let foreign: string | undefined
  let silent = false
  let apart = false

  const show = (resumed: Resumed) => {
    switch (resumed.type) {
      case 'line':
        lines++
        if (isEarlier(resumed.time, start.from)) return
        if (resumed.gap !== undefined) sink({ type: 'gap', message: resumed.gap })
        return sink({ type: 'line', time: resumed.time, text: resumed.text })
      case 'foreign':
        foreign = resumed.text
        return
      case 'apart':
        apart = true
        return
      case 'seen':
        return
    }
  }
  const giveUp = () => {
    silent = true
    body.destroy()
  }
  let timer = setTimeout(giveUp, ended?.aborted ? endedSilence : silence)
  const restart = () => {
    clearTimeout(timer)
    timer = setTimeout(giveUp, ended?.aborted ? endedSilence : silence)
  }
  ended?.addEventListener('abort', restart)
  const abort = () => body.destroy()
  signal.addEventListener('abort', abort)
  const result = (clean: boolean): Read => {
    const rest = clean ? reader.rest() : undefined
    return {
      clean,
      silent,
      apart,
      lines,
      foreign,
      unfinished: rest === undefined ? undefined : () => show(resume.last(rest)),
    }
  }
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      if (!ended?.aborted) timer.refresh()
      else restart()
      await slices.run(() => {
        for (const line of reader.read(chunk)) {
          show(resume.line(line))
          if (apart) return
        }
      })
      if (signal.aborted || apart) break
    }
    return result(!silent && !signal.aborted)
  } catch (error) {
    if (!isConnectionError(error) && !silent && !signal.aborted) throw error
    return result(false)
  } finally {
    clearTimeout(timer)
    ended?.removeEventListener('abort', restart)
    signal.removeEventListener('abort', abort)
  }
}

function isEarlier(time: string, from: LogTime | undefined): boolean {
  const at = from === undefined ? undefined : parseLogTime(time)
  return at !== undefined && from !== undefined && compareLogTimes(at, from) < 0
}

/** Node's errors of sockets and streams have a code; a defect of ours or of the sink has none. */
function isConnectionError(error: unknown): boolean {
  return error instanceof Error && 'code' in error
}

async function tail(
  http: PodLogsOptions['http'],
  source: Pick<LogSource, 'namespace' | 'pod' | 'podUid' | 'container'>,
  { lines, previous }: { readonly lines: number; readonly previous: boolean },
): Promise<readonly string[]> {
  const query = new URLSearchParams({ container: source.container, tailLines: String(lines) })
  if (previous) query.set('previous', 'true')
  const answer = await http.request({ method: 'GET', path: `${podPath(source)}/log?${query}` })
  if (!answer.ok || answer.value.status !== 200) return []
  const pod = await http.request({ method: 'GET', path: podPath(source) })
  if (!pod.ok || !pod.value.body.includes(`"${source.podUid}"`)) return []
  const reader = createLineReader()
  const whole = reader.read(Buffer.from(answer.value.body))
  const rest = reader.rest()
  const all = rest === undefined ? whole : [...whole, rest]
  // While a container is made anew its log is there for nobody; what the kubelet says of that are no words of the program.
  return all.length === 1 && isNodeError(all[0] ?? '') ? [] : all
}

async function shortBody(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  try {
    for await (const chunk of body) {
      text += Buffer.from(chunk).toString('utf8')
      if (text.length > 10_000) break
    }
  } catch {
    // The status alone says enough.
  }
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]?.replace(/\\(.)/g, '$1') ?? text.trim().slice(0, 300)
}
