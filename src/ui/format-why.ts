import { relative } from 'node:path'
import type { SaveRecord } from '../core/timings/save-record.js'
import type { PathReport } from '../core/why/path-report.js'
import type { FileReason, ServiceReason } from '../core/why/service-reason.js'
import { formatDuration } from './format.js'

/** What a change of one file starts, and the rule that decides it, for people. Paths are shown relative to the project. */
export function formatPathReport(report: PathReport, root: string): string {
  const { path, starts, services, manifests, config, why } = report
  const short = shortener(root)
  const lines = [
    `${short(path)}: a change of it ${starts ? 'starts something' : 'starts nothing'}`,
    ...(config ? ['  ✓ config: it is the config file, and is read again'] : []),
    ...services.map(({ service, input, why: rule }) => `  ${input ? '✓' : '·'} ${service}: ${short(rule)}`),
    ...(manifests === undefined
      ? []
      : [`  ${manifests.input ? '✓' : '·'} manifests: ${short(manifests.why)}`]),
    ...(why === undefined ? [] : [`  · ${why}`]),
  ]
  return `${lines.join('\n')}\n`
}

/** Why the last save of a service started what it did, or why a change after it did not. */
export function formatServiceReason(
  reason: ServiceReason,
  { root, now }: { readonly root: string; readonly now: number },
): string {
  const { service, save, savedAt, cause, files, more, image, later, liveAt } = reason
  const short = shortener(root)
  const ago = (at: number) => `${formatDuration(Math.max(0, now - at))} ago`
  const name = save === 0 ? 'the tree as it was found' : `save ${save}`
  const lines = [
    `${service}: ${cause === 'unread' ? 'its files are not read yet' : `${name}, ${ago(savedAt)}`}`,
  ]
  lines.push(...fileLines(files, short))
  if (more > 0) lines.push(`  and ${more} more`)
  if (cause === 'manifests' && files.length === 0) lines.push('  its manifests changed')
  const built = image?.save === save ? (image.cached ? 'reused' : 'built') : 'unchanged'
  if (image !== undefined) lines.push(`  image ${image.reference}: ${built}`)
  if (reason.sync !== undefined)
    lines.push(
      reason.sync.kind === 'sync'
        ? '  synced into its containers'
        : `  an image ${image?.save === save ? 'was' : 'is to be'} made: ${reason.sync.why}`,
    )
  if (reason.problem !== undefined) lines.push(`  ✗ ${reason.problem}`)
  lines.push(...stageLine(reason.stages))
  if (liveAt !== undefined && save > 0)
    lines.push(`  live ${formatDuration(liveAt - savedAt)} after the save`)
  if (later !== undefined) {
    const words = later.kind === 'equal' ? 'with the content that they had' : 'of files that are no input'
    lines.push(`The last change, ${ago(later.at)}, started nothing: it was ${words}`)
    lines.push(...fileLines(later.files, short))
  }
  return `${lines.join('\n')}\n`
}

/** The same from what is kept of an earlier session. */
export function formatSaveRecord(record: SaveRecord, now: number): string {
  const { service, save, savedAt, liveAt, changed, more, image, cached } = record
  const name = save === 0 ? 'the tree as it was found' : `save ${save}`
  const lines = [
    `No devloop up runs. The last that was live of ${service}: ${name}, ${formatDuration(Math.max(0, now - savedAt))} ago`,
    ...changed.map(path => `  ${path}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(image === undefined ? [] : [`  image ${image}${cached === true ? ': reused' : ''}`]),
    ...stageLine(record.stages),
    `  live ${formatDuration(liveAt - savedAt)} after the save`,
  ]
  return `${lines.join('\n')}\n`
}

function fileLines(files: readonly FileReason[], short: (text: string) => string): readonly string[] {
  return files.map(({ path, why }) => `  ${short(path)}: ${short(why)}`)
}

function stageLine(stages: Readonly<Record<string, number | undefined>>): readonly string[] {
  const parts = Object.entries(stages).flatMap(([stage, time]) =>
    time === undefined ? [] : [`${stage} ${formatDuration(time)}`],
  )
  return parts.length === 0 ? [] : [`  ${parts.join(', ')}`]
}

/** Takes the project's folder off the paths in a text. */
function shortener(root: string): (text: string) => string {
  const prefix = `${root}/`
  return text => (text === root ? '.' : relativeIn(text.replaceAll(prefix, ''), root))
}

const relativeIn = (text: string, root: string): string =>
  text.startsWith('/') && !text.includes(' ') && !relative(root, text).startsWith('..')
    ? relative(root, text)
    : text
