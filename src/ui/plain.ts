import { styleText } from 'node:util'
import type { Announcement } from '../core/announcement.js'
import { whereToRead } from '../core/explain/explanation.js'
import { explain } from '../core/explain.js'
import type { Problem } from '../core/problem.js'
import { PROCESSES } from '../core/select-cluster.js'
import { cleanText } from './clean-text.js'
import { describeHold } from './describe-hold.js'
import { formatBytes, formatDuration } from './format.js'
import { formatHosts } from './format-hosts.js'
import type { Output, Reporter } from './reporter.js'

export interface PlainOptions {
  readonly colour: boolean
  /** Build output line by line; without it only that of failed builds, in their problem. */
  readonly verbose: boolean
}

/** Columns in front of each line. */
const LEAST_NAME = 12
const MOST_NAME = 28
/** Of a pod's name: `·x7k2p`. */
const POD_SUFFIX = 6

/** Bytes above which a load is worth following. */
const LONG_LOAD = 10e6

/** Lines for people, one thing a line, each with what it concerns in front. Log lines keep their text but for control sequences. */
export function createPlainReporter(output: Output, options: PlainOptions): Reporter {
  const style = createStyle(options.colour)
  const lastShown = new Map<string, number>()
  let columns = LEAST_NAME

  /** Text may come from anywhere: each of its lines has in front whose it is. */
  const line = (who: string, text: string, paint: (text: string) => string = plainly): void => {
    for (const part of cleanText(text).split('\n'))
      output.write(`${style.name(who, columns)} ${style.dim('│')} ${paint(part)}\n`)
  }

  const problem = (
    who: string,
    { problem: what, final }: { readonly problem: Problem; readonly final: boolean },
  ): void => {
    const explanation = explain(what)
    line(who, `✗ ${explanation.title}`, style.bad)
    for (const text of explanation.detail) line(who, `  ${text}`)
    for (const hint of [...explanation.hints, ...whereToRead(explanation)])
      line(who, `  → ${hint}`, style.dim)
    if (!final && what.kind === 'rollout-failed')
      line(who, '  it may still recover; devloop keeps watching', style.dim)
  }

  /** A long load says where it is once for each tenth. */
  const progress = (image: string, sentBytes: number, totalBytes: number | undefined): void => {
    if ((totalBytes ?? sentBytes) < LONG_LOAD) return
    const step =
      totalBytes === undefined ? Math.floor(sentBytes / 50e6) : Math.floor((sentBytes / totalBytes) * 10)
    if (step === 0 || lastShown.get(image) === step) return
    lastShown.set(image, step)
    line(
      'devloop',
      `loading ${image}: ${formatBytes(sentBytes)}${totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`}`,
    )
  }

  return {
    tell: announcement => {
      switch (announcement.type) {
        case 'session':
          columns = nameColumns(announcement.services)
          return line(
            'devloop',
            `${announcement.mode} ${announcement.project}: ${announcement.services.join(', ') || 'no services'}`,
          )
        case 'notice':
          return line(announcement.service ?? 'devloop', announcement.message)
        case 'save':
          return line(announcement.service, `save ${announcement.save}: ${listFiles(announcement.files)}`)
        case 'phase':
          return phase(announcement)
        case 'build-output':
          return options.verbose ? line(announcement.service, announcement.line, style.dim) : undefined
        case 'built':
          return line(
            announcement.service,
            announcement.cached
              ? `image ${announcement.reference} is built already`
              : `built ${announcement.reference} in ${formatDuration(announcement.duration ?? 0)}`,
          )
        case 'sync-output':
          return line(announcement.service, announcement.line, style.dim)
        case 'synced':
          return line(announcement.service, syncedLine(announcement))
        case 'loaded':
          return line('devloop', loadedText(announcement))
        case 'load-progress':
          return progress(announcement.image, announcement.sentBytes, announcement.totalBytes)
        case 'cluster':
          return line('devloop', clusterLine(announcement))
        case 'rendered':
          return line(
            'devloop',
            `${announcement.objects} ${announcement.objects === 1 ? 'object' : 'objects'} in the manifests`,
          )
        case 'applied':
          return line('devloop', `${announcement.object} ${announcement.outcome}`)
        case 'dropped':
          for (const { object, restores } of announcement.objects)
            line('devloop', `- ${object}${restores ? ' (was there before: gets back what was changed)' : ''}`)
          return line('devloop', `no longer in the manifests: ${announcement.hint}`)
        case 'pruned':
          return line('devloop', `${announcement.object} ${announcement.outcome}`)
        case 'ready':
          return line('devloop', `${announcement.object} is ready`)
        case 'answers':
          return line(
            announcement.service,
            `save ${announcement.save} takes requests after ${formatDuration(announcement.duration)}: gateway and forwards lead to ${announcement.pod}`,
          )
        case 'live':
          return line(announcement.service, `✓ live${liveDetail(announcement)}`, style.good)
        case 'problem':
          return problem(announcement.service ?? announcement.object ?? 'devloop', announcement)
        case 'solved':
          return line(announcement.service ?? announcement.object ?? 'devloop', '✓ solved', style.good)
        case 'config':
          return line('devloop', 'the config was read again')
        case 'hosts':
          for (const text of [...formatHosts(announcement.file, announcement.names), ...announcement.notes])
            line('devloop', text)
          return
        case 'gateway':
          return line('gateway', announcement.addresses.join('  '))
        case 'forward':
          return line(announcement.service ?? 'forward', `${announcement.address} → ${announcement.target}`)
        case 'log':
          return announcement.ignored === true ? undefined : line(logName(announcement), announcement.text)
        case 'log-gap':
          return line(logName(announcement), `… ${announcement.message} …`, style.dim)
        case 'log-mark':
          return line(logName(announcement), `─── ${announcement.message} ───`, style.dim)
        case 'end':
          return line('devloop', announcement.outcome)
      }
    },
  }

  function phase(announcement: Extract<Announcement, { type: 'phase' }>): void {
    const { service, hold, message } = announcement
    if (
      announcement.phase === 'reading' ||
      announcement.phase === 'deploying' ||
      announcement.phase === 'syncing'
    )
      return
    if (announcement.phase === 'waiting') {
      if (hold !== undefined) line(service, `waiting: ${describeHold(hold)}`, style.dim)
      return
    }
    if (announcement.phase === 'scaled-to-zero') {
      line(service, '✓ scaled to zero', style.good)
      return
    }
    if (announcement.phase === 'rolled-back') {
      line(service, `✓ rolled back ${message ?? ''}`, style.good)
      return
    }
    line(
      service,
      message === undefined ? `${announcement.phase} …` : `${announcement.phase}: ${message}`,
      style.dim,
    )
  }
}

function syncedLine({
  files,
  bytes,
  containers,
  restarted,
  duration,
}: Extract<Announcement, { type: 'synced' }>): string {
  const what = `${files} file${files === 1 ? '' : 's'}, ${formatBytes(bytes)}`
  const where = `${containers} container${containers === 1 ? '' : 's'}`
  return `synced ${what} to ${where}${restarted ? ', restarted' : ''} in ${formatDuration(duration)}`
}

function listFiles(files: readonly string[]): string {
  const shown = files.slice(0, 3).join(', ')
  return files.length > 3 ? `${shown} and ${files.length - 3} more` : shown || 'settings'
}

/** Some ways of loading cannot say how many bytes they sent. */
function loadedText({
  image,
  method,
  sentLayers,
  totalLayers,
  sentBytes,
}: Extract<Announcement, { type: 'loaded' }>): string {
  const bytes = sentBytes === 0 && sentLayers > 0 ? '' : `, ${formatBytes(sentBytes)}`
  return `loaded ${image}: ${sentLayers} of ${totalLayers} layers${bytes} (${method})`
}

function clusterLine({
  context,
  state,
  message,
  version,
}: Extract<Announcement, { type: 'cluster' }>): string {
  switch (state) {
    case 'connecting':
      return message ?? 'connecting'
    case 'connected':
      if (context === PROCESSES) return 'without a cluster: each container is a process of this machine'
      return `on ${context}, Kubernetes ${version ?? ''}`
    case 'lost':
      return `the connection to ${context} is lost: ${message ?? ''}`
  }
}

function liveDetail({ save, duration, stages }: Extract<Announcement, { type: 'live' }>): string {
  if (save === 0) return ''
  const parts = Object.entries(stages)
    .filter(([, took]) => took >= 1)
    .map(([stage, took]) => `${stage} ${formatDuration(took)}`)
  return `: save ${save} in ${formatDuration(duration)}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`
}

/** Which of several pods and containers speaks, in few letters: the end of the pod's name tells it from its siblings. */
function logName({
  service,
  pod,
  container,
}: Extract<Announcement, { type: 'log' | 'log-gap' | 'log-mark' }>): string {
  const suffix = pod.slice(pod.lastIndexOf('-') + 1)
  const who = service === undefined || service === container ? container : `${service}/${container}`
  return `${who}·${suffix}`
}

/** So wide that the names of pods stand in one column, where none is very long. */
const nameColumns = (services: readonly string[]): number =>
  Math.min(MOST_NAME, Math.max(LEAST_NAME, ...services.map(name => name.length + POD_SUFFIX)))

const plainly = (text: string): string => text

const COLOURS = ['cyan', 'magenta', 'yellow', 'blue', 'green', 'gray'] as const

function createStyle(colour: boolean) {
  const as = (format: Parameters<typeof styleText>[0], text: string) =>
    // Whether the output takes colours is decided already; Node would look at standard output, whatever is written to.
    colour ? styleText(format, text, { validateStream: false }) : text
  return {
    name: (text: string, columns: number) =>
      as(COLOURS[hash(text) % COLOURS.length] ?? 'cyan', text.padEnd(columns)),
    dim: (text: string) => as('dim', text),
    good: (text: string) => as('green', text),
    bad: (text: string) => as('red', text),
  }
}

function hash(text: string): number {
  let sum = 0
  for (const character of text.split('·')[0] ?? '') sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0
  return sum
}
