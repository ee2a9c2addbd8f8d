import type { ServiceReport, StatusReport } from '../core/status-report.js'
import { formatDuration } from './format.js'

/** One screen: each service with its phase, its saves and its pods, then what is wrong. */
export function formatStatus(report: StatusReport, now: number): string {
  const { project, context, connected, save, live, services, problems } = report
  const width = Math.max(8, ...services.map(({ name }) => name.length))
  const where = context === undefined ? 'no cluster' : `${context}${connected ? '' : ' (no connection)'}`
  const lines = [
    `${project} on ${where}: ${save === 0 ? 'the tree as it was found' : saveWord(save)} is ${live ? 'live' : 'not live yet'}`,
    ...services.flatMap(service => serviceLines(service, width, now)),
    ...(report.overrides ?? []).map(overrideLine),
    ...(report.addresses ?? []).map(address => `→ ${address}`),
    ...(report.forwards ?? []).map(({ target, address, problem }) =>
      address === undefined ? `✗ ${problem?.title ?? target}` : `→ ${address}  ${target}`,
    ),
    // Most titles begin with what they are about.
    ...problems.map(({ of, title }) => `✗ ${title.startsWith(of) ? title : `${of}: ${title}`}`),
  ]
  return `${lines.join('\n')}\n`
}

/** Told of what people asked to be otherwise than the files say. */
export const overrideLine = (text: string): string => `! ${text}, as asked for (devloop clear takes it back)`

function serviceLines(service: ServiceReport, width: number, now: number): string[] {
  const { name, phase, message, save, liveSave, pods, problem } = service
  const saves =
    liveSave === undefined || liveSave === save
      ? saveWord(save)
      : `${saveWord(save)}, live: ${saveWord(liveSave)}`
  const head = `${phase === 'live' ? '✓' : phase === 'failed' ? '✗' : '·'} ${name.padEnd(width)}  ${phase}${message === undefined ? '' : ` ${message}`}  (${saves})`
  return [
    head,
    ...(problem === undefined ? [] : [`    ${problem.title}`]),
    ...pods.map(
      pod =>
        `    ${pod.name}  ${pod.ready}  ${pod.status}  restarts ${pod.restarts}  ${formatDuration(Math.max(0, now - Date.parse(pod.createdAt)))}${runsWord(pod)}`,
    ),
  ]
}

/** As on the screen: save 0 is the tree as it was found, before anything was saved. */
const saveWord = (save: number): string => (save === 0 ? 'as found' : `save ${save}`)

/** Said of pods only that have more than their image: `image of save 12 + synced save 14`. */
function runsWord({ runs }: ServiceReport['pods'][number]): string {
  return runs?.synced === undefined ? '' : `  image of save ${runs.image} + synced save ${runs.synced}`
}
