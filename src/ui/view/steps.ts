import { explain } from '../../core/explain.js'
import type { ServiceState } from '../../core/state.js'
import type { ServiceStatus } from '../../core/status/status.js'
import { describeHold } from '../describe-hold.js'
import { formatBytes, formatDuration } from '../format.js'
import { type Span, span, spansWidth, type Tone } from './row.js'
import { cutEnd, oneLine } from './text.js'

/** One step of a save on its way to live. */
export interface Step {
  readonly text: string
  readonly tone: Tone
}

/** The way of a service's last save: what is behind it, where it is, and what is told besides where there is room. */
export interface Way {
  readonly save: string | undefined
  readonly done: readonly Step[]
  readonly current: Step
  readonly aside: string | undefined
}

export function wayOf(
  service: ServiceState,
  { status, counts, now }: { status: ServiceStatus; counts: Counts | undefined; now: number },
): Way {
  const { ledger } = service
  return {
    save: ledger.save === 0 ? 'as found' : `save ${ledger.save}`,
    done: doneSteps(service, status),
    current: currentStep({ status, counts, now, live: liveText(ledger) }),
    aside:
      [pausedWord(service), lastLive(service, status), asideOf(status)]
        .filter(text => text !== undefined)
        .join(' · ') || undefined,
  }
}

/** Of a workload that no service of ours builds: only where it is. */
export function workloadWay(status: ServiceStatus, counts: Counts | undefined, now: number): Way {
  const live = counts === undefined ? 'applied' : 'ready'
  return {
    save: undefined,
    done: [],
    current: currentStep({ status, counts, now, live }),
    aside: asideOf(status),
  }
}

/** Pods of the newest revision that are ready, of those that are wanted. */
export interface Counts {
  readonly ready: number
  readonly desired: number
}

const STAGES = [
  ['sync', 'synced'],
  ['build', 'built'],
  ['load', 'loaded'],
  ['rollout', 'rolled out'],
] as const

function doneSteps({ ledger }: ServiceState, status: ServiceStatus): readonly Step[] {
  if (ledger.save === 0 && status.phase === 'live') return []
  return STAGES.flatMap(([stage, word]) => {
    const took = ledger.stages[stage]
    // Of a rollout that is not over there is no time yet, but that of an earlier one may stand there.
    if (took === undefined || took < 1 || (stage === 'rollout' && status.phase !== 'live')) return []
    return [{ text: `${word} ${formatDuration(took)}`, tone: 'dim' as const }]
  })
}

function currentStep({
  status,
  counts,
  now,
  live,
}: {
  status: ServiceStatus
  counts: Counts | undefined
  now: number
  live: string
}): Step {
  switch (status.phase) {
    case 'reading':
      return { text: 'reading files', tone: 'busy' }
    case 'waiting':
      return {
        text: status.hold.kind === 'paused' ? 'paused' : `waits ${describeHold(status.hold)}`,
        tone: 'warn',
      }
    case 'building':
      return {
        text: status.superseded
          ? 'stopping the build for a newer save'
          : `building ${clock(now - status.since)}`,
        tone: 'busy',
      }
    case 'loading':
      return { text: `loading ${loadProgress(status)}`.trimEnd(), tone: 'busy' }
    case 'deploying':
      return { text: 'deploying', tone: 'busy' }
    case 'syncing':
      return { text: 'syncing', tone: 'busy' }
    case 'rolling':
      return {
        text: counts === undefined ? 'rolling' : `rolling ${counts.ready}/${counts.desired}`,
        tone: 'busy',
      }
    case 'failed':
      return {
        text: status.final || status.problem.kind !== 'rollout-failed' ? 'failed' : 'failing',
        tone: 'bad',
      }
    case 'scaled-to-zero':
      return { text: 'scaled to zero', tone: 'warn' }
    case 'rolled-back':
      return {
        text: `rolled back to ${status.to === 'save 0' ? 'the tree as found' : status.to}${status.held === undefined ? '' : `, save ${status.held} held`}`,
        tone: 'warn',
      }
    case 'live':
      return { text: live, tone: 'good' }
  }
}

function liveText({ save, savedAt, liveAt }: ServiceState['ledger']): string {
  return save === 0 || liveAt === undefined ? 'live' : `live ${formatDuration(liveAt - savedAt)}`
}

/** A running clock, in tenths of a second. */
const clock = (milliseconds: number): string =>
  milliseconds < 1000 ? `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s` : formatDuration(milliseconds)

function loadProgress({ sentBytes, totalBytes }: Extract<ServiceStatus, { phase: 'loading' }>): string {
  if (totalBytes !== undefined && totalBytes > 0)
    return `${formatBytes(sentBytes)} of ${formatBytes(totalBytes)}`
  return sentBytes === 0 ? '' : formatBytes(sentBytes)
}

function asideOf(status: ServiceStatus): string | undefined {
  switch (status.phase) {
    case 'building':
      return status.step
    case 'failed':
      return explain(status.problem).title
    case 'rolling':
      return status.message
    case 'live':
    case 'scaled-to-zero':
    case 'rolled-back':
    case 'reading':
    case 'waiting':
    case 'loading':
    case 'deploying':
    case 'syncing':
      return undefined
  }
}

/** Told wherever the pause is not itself what is waited for. */
function pausedWord({ steering: { paused } }: ServiceState): string | undefined {
  if (paused === undefined) return undefined
  return paused.saves === 0
    ? 'paused'
    : `paused, ${paused.saves} save${paused.saves === 1 ? '' : 's'} waiting`
}

/** The last save that is live, while a later one is not. */
function lastLive({ ledger }: ServiceState, status: ServiceStatus): string | undefined {
  const { save, liveSave } = ledger
  if (
    status.phase === 'live' ||
    status.phase === 'rolled-back' ||
    liveSave === undefined ||
    liveSave === save
  )
    return undefined
  return liveSave === 0 ? 'live: as found' : `live: save ${liveSave}`
}

/** The way in at most so many columns: the present step is never given up, then the save's number, then what is behind, the latest first. */
export function waySpans({ save, done, current: step, aside }: Way, columns: number): readonly Span[] {
  const arrow = span(' → ', 'dim')
  const current = span(step.text, step.tone)
  let spans: readonly Span[] = [current]
  const before = save === undefined ? [] : [span(save), arrow]
  if (spansWidth([...before, current]) <= columns) {
    let behind: readonly Span[] = []
    for (const { text, tone } of done.toReversed()) {
      const more = [span(text, tone), arrow, ...behind]
      if (spansWidth([...before, ...more, current]) > columns) break
      behind = more
    }
    spans = [...before, ...behind, current]
  }
  const left = columns - spansWidth(spans) - ASIDE.length
  return aside === undefined || left < 8
    ? spans
    : [...spans, span(ASIDE, 'dim'), span(cutEnd(oneLine(aside), left), 'dim')]
}

const ASIDE = ' · '
