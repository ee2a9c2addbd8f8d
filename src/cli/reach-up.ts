import type { Problem } from '../core/problem.js'
import type { Project } from '../core/project.js'
import { ok, type Result } from '../core/result.js'
import { trustedIdentity } from '../engine/effects/connect.js'
import { removeClients } from '../engine/verify/client-book.js'
import type { ClusterAccess } from '../ports/cluster-access.js'
import type { AskOptions, ControlRequest } from '../ports/control-channel.js'
import type { ImageLoader } from '../ports/image-loader.js'
import type { Journal } from '../ports/journal.js'
import type { CommandEnd } from './command-end.js'
import { type Adapters, compose } from './compose.js'
import { composeProvider } from './compose-provider.js'
import type { CommandIo } from './io.js'
import { loadProject, type OpenedProject, openProject, type ProjectOptions } from './open-project.js'
import { takeTurn } from './take-turn.js'

/** A project, and the `up` that may run for it. */
export interface ReachedProject {
  readonly adapters: Adapters
  readonly project: Project
  readonly opened: OpenedProject
  /** The answer of the `up` that runs; undefined where none does. */
  ask(request: ControlRequest, options?: AskOptions): Promise<unknown>
}

/** Opens the project of a command. Touches neither the cluster nor the `up`. */
export async function reachProject(io: CommandIo, options: ProjectOptions): Promise<Result<ReachedProject>> {
  const adapters = compose(io)
  const loaded = await loadProject(io, options)
  if (!loaded.ok) return loaded
  const opened = await openProject(adapters, loaded.value.project)
  if (!opened.ok) return opened
  const { socketPath } = opened.value.state
  return ok({
    adapters,
    project: loaded.value.project,
    opened: opened.value,
    ask: (request, asking) => adapters.control.ask(socketPath, request, asking),
  })
}

export interface OwnedCluster {
  readonly access: ClusterAccess
  readonly journal: Journal
  /** Undefined where pods pull from a registry. */
  readonly loader: ImageLoader | undefined
  readonly signal: AbortSignal
}

/** Acts on the cluster beside the `up` that owns the project, and only on the cluster that its journal is about. The journal is read alone. */
export async function besideOwner(
  io: CommandIo,
  { opened }: ReachedProject,
  work: (cluster: Omit<OwnedCluster, 'loader'>) => Promise<CommandEnd>,
): Promise<CommandEnd> {
  const { state, cluster } = opened
  const abort = new AbortController()
  const off = io.onInterrupt(() => abort.abort())
  const journal = await state.openJournal({ access: 'read', onNotice: () => {} })
  if (!journal.ok) return journal.error
  const { provider, adapters } = await composeProvider(cluster, io, state.directory)
  // Processes are in the memory of the `up` that runs.
  const access = cluster.kind === 'process' ? opened.access() : adapters.access(provider.contextName)
  try {
    const problem = await refusal({ access, provider, journal: journal.value })
    if (problem !== undefined) return problem
    return await work({ access, journal: journal.value, signal: abort.signal })
  } finally {
    off()
    await access.close()
    await journal.value.close()
  }
}

/** Acts on the cluster in place of an `up`: as the owner of the project, and only on the cluster that its journal is about. */
export async function asOwner(
  io: CommandIo,
  { opened: { state, cluster }, adapters: { clock } }: ReachedProject,
  command: string,
  work: (cluster: OwnedCluster) => Promise<CommandEnd>,
): Promise<CommandEnd> {
  if (cluster.kind === 'process') return onlyUp
  const abort = new AbortController()
  const off = io.onInterrupt(() => abort.abort())
  const lock = await takeTurn(state, command, { clock, signal: abort.signal })
  if (!lock.ok) {
    off()
    return lock.error
  }
  try {
    const journal = await state.openJournal({
      access: 'write',
      onNotice: message => io.stderr.write(`${message}\n`),
    })
    if (!journal.ok) return journal.error
    const { provider, adapters } = await composeProvider(cluster, io, state.directory)
    const access = adapters.access(provider.contextName)
    const loader = provider.loader()
    try {
      const problem = await refusal({ access, provider, journal: journal.value })
      if (problem !== undefined) return problem
      await removeClients({ cluster: access.cluster, journal: journal.value, clock: adapters.clock })
      return await work({
        access,
        journal: journal.value,
        loader: provider.kind === 'context' ? undefined : loader,
        signal: abort.signal,
      })
    } finally {
      await loader.close()
      await access.close()
      await journal.value.close()
    }
  } finally {
    off()
    await lock.value.release()
  }
}

const onlyUp: Problem = {
  kind: 'usage-invalid',
  message: 'without a cluster, processes live only while "devloop up" runs, and only it can do this to them',
  hint: 'Start it with devloop up, then do this again beside it.',
}

/** Where the journal knows no cluster there is nothing of ours in it, and nothing to verify. */
async function refusal(tools: Parameters<typeof trustedIdentity>[0]): Promise<Problem | undefined> {
  if (tools.journal.state().clusterUid === undefined) return undefined
  const trusted = await trustedIdentity(tools)
  return trusted.ok ? undefined : trusted.error
}

/** What an owner answers to an intent: the words for a person, or why it does nothing. */
export function readIntentAnswer(
  answer: unknown,
): { readonly ok: boolean; readonly message: string } | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  if ('error' in answer) return { ok: false, message: String(answer.error) }
  return { ok: true, message: 'message' in answer ? String(answer.message) : 'asked for' }
}
