import { exitCodes } from '../../core/exit-code.js'
import { displayRef } from '../../core/kube-object.js'
import type { LiveImages } from '../../core/why/live-images.js'
import { historyOf } from '../../core/why/revisions.js'
import { readRevisions, serviceWorkloads } from '../../engine/service-workloads.js'
import { formatHistory, type WorkloadHistory } from '../../ui/format-history.js'
import type { CommandEnd } from '../command-end.js'
import type { CommandIo } from '../io.js'
import { reachProject } from '../reach-up.js'

export interface HistoryOptions {
  readonly file?: string
  readonly service: string
  readonly json?: true
}

/** Lists what a service ran: the revisions that the cluster keeps, with the saves that a running `up` knows. Changes nothing. */
export async function history(
  io: CommandIo,
  { service, json, ...options }: HistoryOptions,
): Promise<CommandEnd> {
  const reached = await reachProject(io, { ...options, services: [service] })
  if (!reached.ok) return reached.error
  const { project, adapters, opened, ask } = reached.value
  const session = ((await ask({ type: 'history', service })) ?? undefined) as LiveImages | undefined
  const journal = await opened.state.openJournal({ access: 'read', onNotice: () => {} })
  if (!journal.ok) return journal.error
  const access = opened.access()
  const abort = new AbortController()
  const off = io.onInterrupt(() => abort.abort())
  try {
    const found: WorkloadHistory[] = []
    for (const workload of serviceWorkloads(journal.value, project, service)) {
      const revisions = await readRevisions(access.cluster, workload, abort.signal)
      if (!revisions.ok) return revisions.error
      found.push({
        workload: displayRef(workload.linked.ref),
        revisions: historyOf(revisions.value, session),
      })
    }
    if (found.length === 0) {
      io.stderr.write(`devloop: nothing of ${service} is deployed on ${opened.cluster.context}\n`)
      return exitCodes.owner
    }
    const running = session !== undefined
    io.stdout.write(
      json === true
        ? `${JSON.stringify({ service, running, workloads: found })}\n`
        : formatHistory(found, adapters.clock.now()),
    )
    return exitCodes.ok
  } finally {
    off()
    await access.close()
    await journal.value.close()
  }
}
