import { plural } from '../explain/explanation.js'
import { type Finding, finding } from './finding.js'

/** What file watches need and get on this machine. */
export interface WatchFacts {
  /** Folders that `up` would watch; undefined without a config. */
  readonly folders: number | undefined
  /** Whether the watcher was told to poll (CHOKIDAR_USEPOLLING). */
  readonly polls: boolean
  /** Undefined where the system has no inotify. */
  readonly inotify:
    | {
        readonly maxWatches: number | undefined
        readonly maxInstances: number | undefined
        /** What this user's programs hold. */
        readonly watches: number
        readonly instances: number
        /** Watches among these of an `up` of this very project, which a second one would not take again. */
        readonly ours?: number
      }
    | undefined
  /** Folders on a file system that tells nobody of changes, with its name. */
  readonly silent: readonly { readonly path: string; readonly system: string }[]
}

/** A further watch takes one of these for each root, and other programs want some too. */
const SPARE_INSTANCES = 8

/** Whether every folder can be watched. */
export function judgeWatches({ folders, polls, inotify, silent }: WatchFacts): readonly Finding[] {
  const told = silent.map(({ path, system }) =>
    finding(
      'watches',
      'warning',
      `${path} is on ${system}, which tells of no change that is made on its other side`,
      'Keep the sources on a file system of this system (WSL: below your home folder, not /mnt/c).',
      'Or have them polled: CHOKIDAR_USEPOLLING=1 devloop up.',
    ),
  )
  const wanted = folders === undefined ? '' : `${plural(folders, 'folder')} to watch`
  if (polls)
    return [...told, finding('watches', 'ok', `${wanted || 'files are'}, polled (CHOKIDAR_USEPOLLING)`)]
  if (inotify === undefined)
    return [
      ...told,
      finding('watches', 'ok', `${wanted || 'file watches'}: this system has no inotify limits`),
    ]
  const { maxWatches, maxInstances, watches, instances } = inotify
  const used = `of ${maxWatches ?? 'unlimited'} watches ${watches} are taken, of ${maxInstances ?? 'unlimited'} instances ${instances}`
  const raise = (name: string, value: number) => [
    `sudo sysctl fs.inotify.${name}=${value}`,
    `To keep it: echo fs.inotify.${name}=${value} | sudo tee /etc/sysctl.d/60-${name.replaceAll('_', '-')}.conf`,
  ]
  const needed = watches + (folders ?? 0)
  const findings: Finding[] = []
  if (maxWatches !== undefined && needed > maxWatches)
    findings.push(
      finding(
        'watches',
        'failure',
        `${wanted}, but ${used}`,
        ...raise('max_user_watches', Math.max(524_288, needed * 2)),
        'Or leave folders out, by .dockerignore or watch.ignore.',
      ),
    )
  else if (maxWatches !== undefined && needed > maxWatches * 0.9)
    findings.push(
      finding(
        'watches',
        'warning',
        `${wanted || 'hardly a watch is left'}, which is nearly all: ${used}`,
        ...raise('max_user_watches', Math.max(524_288, maxWatches * 2)),
      ),
    )
  if (maxInstances !== undefined && instances + SPARE_INSTANCES > maxInstances)
    findings.push(
      finding(
        'watches',
        instances >= maxInstances ? 'failure' : 'warning',
        `your programs hold ${instances} of ${maxInstances} inotify instances`,
        ...raise('max_user_instances', Math.max(1024, maxInstances * 2)),
      ),
    )
  if (findings.length > 0) return [...told, ...findings]
  const text = folders === undefined ? used : `${wanted}; ${used}`
  return [...told, finding('watches', 'ok', text)]
}
