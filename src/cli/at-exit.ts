import { displayRef } from '../core/kube-object.js'
import type { Project } from '../core/project.js'
import { scaleDown } from '../engine/scale-down.js'
import type { SessionTools } from '../engine/session-tools.js'
import { takeDown } from '../engine/take-down.js'
import type { Clock } from '../ports/clock.js'
import type { Reporter } from '../ui/reporter.js'
import { tellDown } from './commands/down.js'
import type { CommandIo } from './io.js'
import { removeHosts } from './remove-hosts.js'

interface Leaving {
  readonly io: CommandIo
  readonly clock: Clock
  readonly reporter: Reporter
}

/** How many workloads are named; of more, how many there are says more than their names. */
const NAMED = 5

/** Does what `onExit` says, or what was asked for in its place, with what the session that has ended made. */
export async function atExit(
  action: Project['onExit'],
  { deploy, hosts }: SessionTools,
  leaving: Leaving,
): Promise<void> {
  if (deploy === undefined || action === 'keep') return
  const abort = new AbortController()
  const off = leaving.io.onInterrupt(() => abort.abort())
  const say = (message: string) => leaving.reporter.tell({ type: 'notice', message })
  if (action === 'scale-zero') {
    await toZero(deploy, leaving, abort.signal)
    off()
    return
  }
  const report = await takeDown(
    { cluster: deploy.access.cluster, journal: deploy.journal, clock: leaving.clock },
    { volumes: false, signal: abort.signal, onWait: say },
  )
  off()
  if (report.ok) tellDown(report.value, say)
  else leaving.reporter.tell({ type: 'problem', final: true, problem: report.error })
  if (hosts !== undefined) await removeHosts(hosts, say)
}

async function toZero(
  { access, journal }: NonNullable<SessionTools['deploy']>,
  { reporter }: Leaving,
  signal: AbortSignal,
): Promise<void> {
  const report = await scaleDown({ cluster: access.cluster, journal }, signal)
  if (!report.ok) {
    reporter.tell({ type: 'problem', final: true, problem: report.error })
    return
  }
  const { scaled, problems } = report.value
  for (const problem of problems) reporter.tell({ type: 'problem', final: true, problem })
  if (scaled.length === 0) return
  const names = scaled.slice(0, NAMED).map(ref => displayRef(ref))
  const more = scaled.length > NAMED ? ` and ${scaled.length - NAMED} more` : ''
  reporter.tell({
    type: 'notice',
    message: `scaled to zero: ${names.join(', ')}${more}; the next devloop up brings them up again`,
  })
}
