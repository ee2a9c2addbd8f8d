import { stripVTControlCharacters } from 'node:util'
import type { Announcement } from '../../core/announcement.js'
import { exitCodes } from '../../core/exit-code.js'
import { ownedWorkload } from '../../core/logs/owned-workloads.js'
import type { LinkedObject } from '../../core/manifest/link.js'
import type { Problem } from '../../core/problem.js'
import type { Project } from '../../core/project.js'
import { err, ok, type Result } from '../../core/result.js'
import { type AttachedLogsWish, attachLogs } from '../../engine/attached-logs.js'
import type { ClusterIdentity } from '../../ports/cluster.js'
import type { ClusterAccess } from '../../ports/cluster-access.js'
import type { CommandEnd } from '../command-end.js'
import { type Adapters, compose } from '../compose.js'
import { createReporter } from '../create-reporter.js'
import { inOrder } from '../in-order.js'
import type { CommandIo } from '../io.js'
import { openLogsScreen } from '../logs-screen.js'
import { loadProject, type OpenedProject, openProject } from '../open-project.js'
import { parseSince } from '../parse-since.js'
import { screenTerminal } from '../screen-terminal.js'

export interface LogsOptions {
  readonly file?: string
  readonly services: readonly string[]
  readonly since?: string
  readonly previous?: true
  readonly grep?: string
  readonly container?: string
  readonly allContainers?: true
  readonly follow?: boolean
  readonly tail?: string
  readonly json?: true
}

/** Shows the logs of what is deployed, whether or not an `up` runs. Takes no lock, changes nothing, needs no Docker engine. */
export async function logs(io: CommandIo, options: LogsOptions): Promise<CommandEnd> {
  const adapters = compose(io)
  const { services } = options
  const wish = wishOf(options, adapters.clock.now())
  if (!wish.ok) return wish.error
  const loaded = await loadProject(io, options)
  if (!loaded.ok) return loaded.error
  const { project } = loaded.value
  const opened = await openProject(adapters, project)
  if (!opened.ok) return opened.error
  const { context } = opened.value.cluster
  const access = opened.value.access()
  try {
    const workloads = () => readWorkloads(opened.value, access, project)
    const first = await workloads()
    if (!first.ok) return first.error
    const wanted = first.value.filter(
      linked => services.length === 0 || linked.services.some(name => services.includes(name)),
    )
    if (wanted.length === 0) {
      const what = services.length === 0 ? `Nothing of ${project.name}` : `Nothing of ${services.join(', ')}`
      io.stderr.write(`devloop: ${what} is deployed on ${context}.\n  → Start it with "devloop up".\n`)
      return exitCodes.owner
    }
    const identity = await access.cluster.identity()
    if (!identity.ok) return identity.error
    return await show(io, options, {
      ...wish.value,
      adapters,
      access,
      project,
      identity: identity.value,
      workloads: async () => {
        const present = await workloads()
        return present.ok ? present.value : first.value
      },
    })
  } finally {
    await access.close()
  }
}

interface Shown extends Wished {
  readonly adapters: Adapters
  readonly access: ClusterAccess
  readonly project: Project
  readonly identity: ClusterIdentity
  readonly workloads: () => Promise<readonly LinkedObject[]>
}

/** Until everything was read, or the person has seen enough. */
async function show(
  io: CommandIo,
  options: LogsOptions,
  { adapters, access, project, identity, workloads, wish, accepts }: Shown,
): Promise<CommandEnd> {
  const { services, grep } = options
  const { clock } = adapters
  const reporter = createReporter(io, options.json === true ? { json: true } : {}, clock)
  const terminal = wish.follow ? screenTerminal(io, options) : undefined
  const { context } = identity
  const screen =
    terminal && (await openLogsScreen(io, { terminal, adapters, project, context, services, grep }))
  const gathered = wish.follow ? undefined : inOrder()
  let off = (): void => {}
  const interrupted = new Promise<'interrupted'>(resolve => {
    off = io.onInterrupt(() => resolve('interrupted'))
  })
  try {
    const attached = await attachLogs({
      project,
      identity,
      wish,
      observer: access.observer,
      logs: access.logs,
      now: () => clock.now(),
      workloads,
      tell: announcement => {
        // On the screen a filter can be taken away again.
        if (screen !== undefined) screen.tell(announcement)
        else if (accepts(announcement)) (gathered?.add ?? reporter.tell)(announcement)
      },
    })
    const left = screen === undefined ? [] : [screen.quit.then(() => 'left' as const)]
    const end = await Promise.race([attached.read.then(() => 'read' as const), interrupted, ...left])
    screen?.close()
    await attached.stop()
    for (const announcement of gathered?.all() ?? []) reporter.tell(announcement)
    return end === 'interrupted' ? exitCodes.interrupted : exitCodes.ok
  } finally {
    off()
    screen?.close()
  }
}

interface Wished {
  readonly wish: AttachedLogsWish
  /** Which of the lines are shown. */
  readonly accepts: (announcement: Announcement) => boolean
}

/** What the command line asks for. */
function wishOf(
  { services, since, previous, grep, container, allContainers, follow, tail }: LogsOptions,
  now: number,
): Result<Wished> {
  const from = since === undefined ? undefined : parseSince(since, now)
  if (since !== undefined && from === undefined)
    return usage(
      `--since ${since} is no time`,
      'Write 90s, 5m, 2h or 1d, or a time such as 2026-01-31T08:00:00Z.',
    )
  if (tail !== undefined && !/^\d{1,9}$/.test(tail))
    return usage(`--tail ${tail} is no number of lines`, 'Write --tail 100.')
  const pattern = grep === undefined ? undefined : regexOf(grep)
  if (pattern !== undefined && !pattern.ok)
    return usage(`--grep: ${pattern.error}`, 'It takes a regular expression of JavaScript.')
  const runs = previous === true ? 'previous' : tail === undefined ? 'all' : 'present'
  return ok({
    wish: {
      services,
      containers: container !== undefined ? { name: container } : allContainers === true ? 'all' : 'own',
      runs,
      since: from,
      tail: tail === undefined ? undefined : Number(tail),
      // What ended has no more to say.
      follow: follow !== false && previous !== true,
    },
    accepts: announcement => {
      if (pattern === undefined) return true
      // Between lines that were picked out, where a run begins is nothing to go by.
      if (announcement.type === 'log-mark') return false
      return announcement.type !== 'log' || pattern.value.test(stripVTControlCharacters(announcement.text))
    },
  })
}

function usage(message: string, hint: string): Result<never> {
  return err({ kind: 'usage-invalid', message, hint })
}

function regexOf(text: string): Result<RegExp, string> {
  try {
    return ok(new RegExp(text))
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error))
  }
}

/** The workloads in the journal, as they were applied; as they are, where that is not known. */
async function readWorkloads(
  { state }: OpenedProject,
  { cluster }: ClusterAccess,
  { services, configFile }: Project,
): Promise<Result<readonly LinkedObject[], Problem>> {
  const journal = await state.openJournal({ access: 'read', onNotice: () => {} })
  if (!journal.ok) return journal
  const owned = [...journal.value.state().objects.values()]
  await journal.value.close()
  const found: LinkedObject[] = []
  for (const { ref, applied } of owned) {
    const object = applied === undefined ? await cluster.get(ref) : ok(applied.object)
    if (!object.ok) return object
    const linked = object.value === undefined ? undefined : ownedWorkload(object.value, services, configFile)
    if (linked !== undefined) found.push(linked)
  }
  return ok(found)
}
