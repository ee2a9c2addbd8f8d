import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { exitCodeFor, exitCodes } from '../../core/exit-code.js'
import { displayRef } from '../../core/kube-object.js'
import { isNothingOwned } from '../../core/ownership/journal-state.js'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import { PROCESSES } from '../../core/select-cluster.js'
import { trustedIdentity } from '../../engine/effects/connect.js'
import { type DownReport, takeDown } from '../../engine/take-down.js'
import type { ProjectMeta, ProjectState } from '../../ports/state-store.js'
import type { CommandEnd } from '../command-end.js'
import { type Adapters, compose } from '../compose.js'
import { composeHosts } from '../compose-hosts.js'
import { composeProvider } from '../compose-provider.js'
import type { CommandIo } from '../io.js'
import { loadProject } from '../open-project.js'
import { removeHosts } from '../remove-hosts.js'
import { reportProblem } from '../report-problem.js'
import { takeTurn } from '../take-turn.js'
import { clusterOfMeta } from './cluster-of-meta.js'

export interface DownOptions {
  readonly file?: string
  readonly volumes?: true
  readonly cluster?: true
}

/** Takes away what the journals of this folder's projects say, whatever has become of the config. */
export async function down(io: CommandIo, options: DownOptions): Promise<CommandEnd> {
  const adapters = compose(io)
  const metas = await journalsOf(io, adapters, options)
  if (!metas.ok) return metas.error
  if (metas.value.length === 0) {
    io.stdout.write('Nothing to take down: devloop has no journal for this folder.\n')
    return exitCodes.ok
  }
  let end: CommandEnd = exitCodes.ok
  for (const meta of metas.value) {
    const taken = await takeDownProject(io, adapters, meta, options)
    if (taken === undefined) {
      await removeHosts(composeHosts(io, adapters, meta), message => io.stdout.write(`${message}\n`))
      continue
    }
    reportProblem(io, taken)
    if (end === exitCodes.ok) end = exitCodeFor(taken)
  }
  return end
}

/** The projects of this folder, narrowed to the config's own where there are several and the config can still be read. */
async function journalsOf(
  io: CommandIo,
  adapters: Adapters,
  { file }: DownOptions,
): Promise<Result<readonly ProjectMeta[]>> {
  const loaded = await loadProject(io, file === undefined ? {} : { file })
  const root = await realpath(loaded.ok ? loaded.value.project.root : io.cwd)
  const found = await adapters.states.findProjects({ root })
  if (!found.ok) return found
  const nearest = found.value.filter(meta => meta.root === found.value[0]?.root)
  if (file !== undefined && !loaded.ok && nearest.length === 0) return err(loaded.error)
  if (nearest.length < 2 || !loaded.ok) return ok(nearest)
  const own = nearest.filter(({ name }) => name === loaded.value.project.name)
  return ok(own.length > 0 ? own : nearest)
}

async function takeDownProject(
  io: CommandIo,
  adapters: Adapters,
  meta: ProjectMeta,
  options: DownOptions,
): Promise<Problem | undefined> {
  const opened = await adapters.states.open(meta)
  if (!opened.ok) return opened.error
  const state = opened.value
  const lock = await takeTurn(state, 'down', { clock: adapters.clock })
  if (!lock.ok) return lock.error
  const say = (message: string) => io.stdout.write(`${message}\n`)
  try {
    await state.endOrphans()
    const removed = await state.removeLogs()
    if (!removed.ok) say(`logs stay in ${state.logsDirectory}: they cannot be deleted`)
    if (meta.context === PROCESSES) return await removeProcesses(state, options, say)
    const journal = await state.openJournal({ access: 'write', onNotice: say })
    if (!journal.ok) return journal.error
    const { provider } = await composeProvider(clusterOfMeta(meta), io, state.directory)
    const access = adapters.access(meta.context)
    const abort = new AbortController()
    const off = io.onInterrupt(() => abort.abort())
    try {
      const made = journal.value.state().clusterCreated
      if (isNothingOwned(journal.value.state()) && made === undefined) {
        say(`Nothing to take down in ${meta.context}: devloop has nothing there.`)
        return undefined
      }
      if (options.cluster === true && made !== undefined) {
        say(`deleting the cluster ${meta.context}`)
        const deleted = await provider.delete({ onOutput: say })
        if (!deleted.ok) return deleted.error
        await state.remove()
        return undefined
      }
      if (options.cluster === true) say(`${meta.context} was not made by devloop and stays`)
      const exists = await provider.exists()
      if (exists.ok && !exists.value) {
        say(`the cluster ${meta.context} is gone, and all that devloop made in it`)
        await state.remove()
        return undefined
      }
      const known = journal.value.state().clusterUid
      if (known !== undefined) {
        // Bound to another cluster by now: takeDown says so and touches nothing.
        const trusted = await access.cluster.identity(abort.signal)
        if (!trusted.ok) return trusted.error
        if (trusted.value.uid === known) {
          const verified = await trustedIdentity({ access, provider, journal: journal.value }, abort.signal)
          if (!verified.ok) return verified.error
        }
      }
      const report = await takeDown(
        { cluster: access.cluster, journal: journal.value, clock: adapters.clock },
        {
          volumes: options.volumes === true,
          signal: abort.signal,
          onProgress: ({ ref, step }) => {
            if (step === 'absent') say(`${displayRef(ref)} was gone already`)
            if (step === 'deleted' || step === 'restored') say(`${displayRef(ref)} ${step}`)
          },
          onWait: say,
        },
      )
      if (!report.ok) return report.error
      tellDown(report.value, say)
      return report.value.problems[0] ?? stuckProblem(report.value)
    } finally {
      off()
      await access.close()
      await provider.loader().close()
      await journal.value.close()
    }
  } finally {
    await lock.value.release()
  }
}

function stuckProblem({ stuck }: DownReport): Problem | undefined {
  const [first] = stuck
  return first === undefined
    ? undefined
    : {
        kind: 'delete-failed',
        object: displayRef(first.ref),
        message: `it is still there, held by ${first.heldBy.join('; ') || 'nothing that it names'}`,
      }
}

/** Says what a take-down left, and why. */
export function tellDown(report: DownReport, say: (message: string) => void): void {
  if (report.otherCluster) say('the cluster was made anew since: nothing of the older one is left')
  for (const { ref, fields, left } of report.restored) {
    say(
      `${displayRef(ref)} was there before: put back ${fields.join(', ') || 'nothing'}${left.length === 0 ? '' : `; changed by others since and left: ${left.join(', ')}`}`,
    )
  }
  for (const { ref, reason, holds } of report.kept) {
    const what = holds.map(displayRef).join(', ')
    switch (reason) {
      case 'volume':
        say(`${displayRef(ref)} stays with its data; devloop down --volumes deletes it`)
        break
      case 'holds-volume':
        say(`${displayRef(ref)} stays, for it holds ${what}`)
        break
      case 'holds-foreign':
        say(`${displayRef(ref)} stays, for it holds what devloop did not make: ${what}`)
        break
      case 'unknown':
        say(`${displayRef(ref)} stays, for what it holds could not be read`)
        break
    }
  }
  for (const { ref, heldBy } of report.stuck) {
    say(
      `${displayRef(ref)} is still being deleted${heldBy.length === 0 ? '' : `, held by ${heldBy.join('; ')}`}`,
    )
  }
}

/** Processes ended with the `up` that ran them, or were ended as its orphans: what is left is what devloop kept of them, and the data of claims. */
async function removeProcesses(
  state: ProjectState,
  { volumes }: DownOptions,
  say: (message: string) => void,
): Promise<Problem | undefined> {
  const claims = join(state.directory, 'processes', 'claims')
  const holds = await readdir(claims).catch(() => [])
  if (holds.length > 0 && volumes !== true) {
    say(
      `No process of ${state.meta.name} runs. The data of its claims stays in ${claims}; with --volumes it goes.`,
    )
    return undefined
  }
  const removed = await state.remove()
  if (!removed.ok) return removed.error
  say(`No process of ${state.meta.name} runs, and what devloop kept of it is gone.`)
  return undefined
}
