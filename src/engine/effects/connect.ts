import type { Effect } from '../../core/effect.js'
import type { Event } from '../../core/event.js'
import type { Problem } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { Clock } from '../../ports/clock.js'
import type { ClusterIdentity } from '../../ports/cluster.js'
import type { DeployTools } from '../session-tools.js'
import { removeClients } from '../verify/client-book.js'

interface ConnectTools extends DeployTools {
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly dispatch: (event: Event) => void
}

/** Finds the cluster or makes it, proves that it is the one that is meant, and asks what it serves. */
export async function connect(
  { run }: Extract<Effect, { type: 'connect' }>,
  tools: ConnectTools,
): Promise<Event> {
  const failed = (problem: Problem): Event => ({ type: 'connect-failed', run, problem })
  const progress = (message: string) => tools.dispatch({ type: 'connect-progressed', run, message })
  const { access, signal } = tools

  const made = await makeIfMissing(tools, progress)
  if (!made.ok) return failed(made.error)
  const identity = await trustedIdentity(tools, signal)
  if (!identity.ok) return failed(identity.error)
  await removeClients({ cluster: access.cluster, journal: tools.journal, clock: tools.clock })
  const resources = await access.cluster.discover({ refresh: true })
  if (!resources.ok) return failed(resources.error)
  if (signal.aborted) return failed({ kind: 'cancelled' })
  const { context, uid, version } = identity.value
  const scopes = Object.fromEntries(
    resources.value.map(({ apiVersion, kind, namespaced }) => [`${apiVersion}/${kind}`, namespaced]),
  )
  return { type: 'cluster-connected', run, context, uid, version, created: made.value, scopes }
}

async function makeIfMissing(
  { provider, journal, create, signal }: ConnectTools,
  progress: (message: string) => void,
): Promise<Result<boolean>> {
  const exists = await provider.exists()
  if (!exists.ok) return exists
  if (exists.value) return ok(false)
  if (!create) {
    return err({
      kind: 'cluster-missing',
      message: `there is no cluster ${provider.contextName}`,
      hint: `create it, or set create: true under cluster: ${provider.kind} and devloop makes it`,
    })
  }
  const noted = await journal.append(
    [{ type: 'cluster-created', provider: provider.kind, name: provider.contextName }],
    { durable: true },
  )
  if (!noted.ok) return noted
  progress(`making the cluster ${provider.contextName}`)
  const created = await provider.create({ signal, onOutput: progress })
  if (created.ok) return ok(true)
  const released = await journal.append([{ type: 'cluster-released' }], { durable: true })
  return released.ok ? created : released
}

/** Whoever answers must be the cluster that its name says, and for a cluster that is not local, the one that was allowed. */
export async function trustedIdentity(
  { access, provider, journal }: Pick<DeployTools, 'access' | 'provider' | 'journal'>,
  signal?: AbortSignal,
): Promise<Result<ClusterIdentity>> {
  const identity = await access.cluster.identity(signal)
  if (!identity.ok) return identity
  const verified = await provider.verify(identity.value.server)
  if (!verified.ok) return verified
  const known = journal.state().clusterUid
  const { uid, context } = identity.value
  if (known !== undefined && known !== uid && provider.kind === 'context') {
    return err({
      kind: 'cluster-refused',
      context,
      reason: 'uid-changed',
      message: `the context ${context} leads to another cluster than the one that devloop used before (UID ${uid}, before ${known})`,
    })
  }
  if (known !== uid) {
    const bound = await journal.append([{ type: 'cluster-bound', uid }], { durable: true })
    if (!bound.ok) return bound
  }
  return identity
}
