import { exitCodes } from '../../core/exit-code.js'
import { displayRef, type KubeObject } from '../../core/kube-object.js'
import { observeWorkload } from '../../core/observe/observe-workload.js'
import { overrideText } from '../../core/overrides/overrides.js'
import type { Project } from '../../core/project.js'
import { isRolledOut } from '../../core/rolled-out.js'
import type { StatusReport } from '../../core/status-report.js'
import { timingReport } from '../../engine/timing-report.js'
import type { ProjectState } from '../../ports/state-store.js'
import { formatStatus, overrideLine } from '../../ui/format-status.js'
import { formatTimings } from '../../ui/format-timings.js'
import type { CommandEnd } from '../command-end.js'
import { type Adapters, compose } from '../compose.js'
import type { CommandIo } from '../io.js'
import { loadProject, type OpenedProject, openProject } from '../open-project.js'

/** What is live: told by the `up` that runs, else read from the journal and the cluster. */
export async function status(
  io: CommandIo,
  options: { readonly file?: string; readonly json?: true; readonly timings?: true },
): Promise<CommandEnd> {
  const adapters = compose(io)
  const loaded = await loadProject(io, options)
  if (!loaded.ok) return loaded.error
  const opened = await openProject(adapters, loaded.value.project)
  if (!opened.ok) return opened.error
  if (options.timings === true)
    return showTimings(io, adapters, { project: loaded.value.project, state: opened.value.state, options })
  const owner = await opened.value.state.readOwner()
  if (!owner.ok) return owner.error
  const report = (await adapters.control.ask(opened.value.state.socketPath, { type: 'status' })) as
    | StatusReport
    | undefined
  if (report !== undefined) {
    const running = { running: true, pid: owner.value?.pid, ...report }
    io.stdout.write(
      options.json === true ? `${JSON.stringify(running)}\n` : formatStatus(report, adapters.clock.now()),
    )
    return exitCodes.ok
  }
  if (opened.value.cluster.kind === 'process' && options.json !== true) {
    io.stdout.write('No devloop up runs, and so no process: they live only while it does.\n')
    return exitCodes.ok
  }
  const journal = await readJournal(opened.value)
  if (!journal.ok) return journal.error
  const overrides = await opened.value.state.openOverrides()
  if (!overrides.ok) return overrides.error
  const asked = overrides.value.read().map(overrideText)
  if (options.json === true) {
    io.stdout.write(
      `${JSON.stringify({ running: false, project: loaded.value.project.name, ...journal.value, overrides: asked })}\n`,
    )
    return exitCodes.ok
  }
  const lines = journal.value.objects.map(({ name, state }) => `  ${name.padEnd(40)} ${state}`)
  const head =
    lines.length === 0
      ? 'devloop has nothing in the cluster.'
      : `No devloop up runs. In ${journal.value.context}, from the journal:`
  io.stdout.write(`${[head, ...lines, ...asked.map(overrideLine)].join('\n')}\n`)
  return exitCodes.ok
}

/** What saves took and what would help, from what is kept of this session and earlier ones. */
async function showTimings(
  io: CommandIo,
  { tree }: Adapters,
  {
    project,
    state,
    options,
  }: { readonly project: Project; readonly state: ProjectState; readonly options: { readonly json?: true } },
): Promise<CommandEnd> {
  const timings = await state.openTimings()
  if (!timings.ok) return timings.error
  const journal = await state.openJournal({ access: 'read', onNotice: () => {} })
  if (!journal.ok) return journal.error
  const abort = new AbortController()
  const off = io.onInterrupt(() => abort.abort())
  const reports = await timingReport({
    project,
    records: timings.value.records(),
    journal: journal.value,
    tree,
    signal: abort.signal,
  })
  off()
  await journal.value.close()
  io.stdout.write(
    options.json === true ? `${JSON.stringify({ services: reports })}\n` : formatTimings(reports),
  )
  return exitCodes.ok
}

interface JournalReport {
  readonly context: string
  readonly objects: readonly {
    readonly name: string
    readonly state: string
    readonly save: number | undefined
  }[]
}

async function readJournal({ state, cluster, access: open }: OpenedProject) {
  const journal = await state.openJournal({ access: 'read', onNotice: () => {} })
  if (!journal.ok) return journal
  const access = open()
  try {
    const owned = [...journal.value.state().objects.values()]
    const objects = await Promise.all(
      owned.map(async ({ ref, applied }) => {
        const live = await access.cluster.get(ref)
        const words = !live.ok
          ? 'unknown: the cluster does not answer'
          : live.value === undefined
            ? 'gone'
            : readiness(live.value)
        return { name: displayRef(ref), state: words, save: applied?.save }
      }),
    )
    const report: JournalReport = { context: cluster.context, objects }
    return { ok: true as const, value: report }
  } finally {
    await access.close()
    await journal.value.close()
  }
}

function readiness(object: KubeObject): string {
  if (!isRolledOut(object)) return 'applied'
  const workload = observeWorkload(object)
  return workload === undefined ? 'applied' : `${workload.readyReplicas} of ${workload.desiredReplicas} ready`
}
