import { exitCodes } from '../../core/exit-code.js'
import type { Intent } from '../../core/intent.js'
import { err, ok, type Result } from '../../core/result.js'
import { parseRevisionName, type RevisionName } from '../../core/why/find-revision.js'
import { followDirectly } from '../../engine/direct/follow-directly.js'
import { rollbackTarget } from '../../engine/direct/roll-directly.js'
import { serviceWorkloads } from '../../engine/service-workloads.js'
import type { CommandEnd } from '../command-end.js'
import type { CommandIo } from '../io.js'
import { asOwner, besideOwner, type ReachedProject, reachProject, readIntentAnswer } from '../reach-up.js'
import { renderDeclared } from '../render-declared.js'

/** A service to steer, and how. */
export type SteerOptions = { readonly file?: string; readonly service: string } & (
  | {
      readonly type: 'pause' | 'resume' | 'scale-to-zero' | 'scale-back' | 'clear'
    }
  | { readonly type: 'switch'; readonly version: string }
  /** `to` as it was typed. */
  | { readonly type: 'rollback'; readonly to?: string }
)

/**
 * Has a service be otherwise than its files say, or takes that back: by the `up` that runs, else on the cluster itself. Either way it is recorded, and holds
 * until it is taken back.
 */
export async function steer(io: CommandIo, options: SteerOptions): Promise<CommandEnd> {
  const { service, file } = options
  const to = options.type === 'rollback' ? readRevision(options.to) : ok(undefined)
  if (!to.ok) return to.error
  // `switch` and `clear` also go by the name of a Service.
  const isOfConfig = options.type !== 'switch' && options.type !== 'clear'
  const reached = await reachProject(io, {
    ...(file === undefined ? {} : { file }),
    ...(isOfConfig ? { services: [service] } : {}),
  })
  if (!reached.ok) return reached.error
  const { ask, project } = reached.value
  const directly = () => followAsOwner(io, reached.value, options, to.value)
  if (to.value === undefined) return (await askUp(io, ask, plainIntent(options))) ?? directly()
  const named = to.value
  // Numbers of revisions are the cluster's: the session is given the image.
  if ((await ask({ type: 'history', service })) === undefined) return directly()
  return besideOwner(io, reached.value, async ({ access, journal, signal }) => {
    const workloads = serviceWorkloads(journal, project, service)
    const target = await rollbackTarget(access.cluster, workloads, { service, to: named, signal })
    if (!target.ok) return target.error
    return (
      (await askUp(io, ask, { type: 'rollback', service, to: target.value })) ?? {
        kind: 'not-running',
        message: 'the devloop up that was asked ended',
      }
    )
  })
}

/** What an `up` makes of an intent; undefined where none runs. */
async function askUp(
  io: CommandIo,
  ask: ReachedProject['ask'],
  intent: Intent,
): Promise<CommandEnd | undefined> {
  const answer = readIntentAnswer(await ask({ type: 'intent', intent }))
  if (answer === undefined) return undefined
  if (answer.ok) io.stdout.write(`${intent.service}: ${answer.message}\n`)
  else io.stderr.write(`devloop: ${answer.message}\n`)
  return answer.ok ? exitCodes.ok : exitCodes.usage
}

function plainIntent(options: SteerOptions): Intent {
  const { type, service } = options
  return type === 'switch' ? { type, service, version: options.version } : { type, service }
}

/** Does it in place of an `up`. */
function followAsOwner(
  io: CommandIo,
  reached: ReachedProject,
  options: SteerOptions,
  to: RevisionName | undefined,
): Promise<CommandEnd> {
  const { type, service } = options
  const { project, opened, adapters } = reached
  return asOwner(io, reached, type, async ({ access, journal, loader, signal }) => {
    const overrides = await opened.state.openOverrides()
    if (!overrides.ok) return overrides.error
    const done = await followDirectly(
      {
        project,
        cluster: access.cluster,
        observer: access.observer,
        clock: adapters.clock,
        journal,
        loader,
        overrides: overrides.value,
        declared: () => renderDeclared(io, reached, { access, signal }),
        tell: message => io.stdout.write(`${service}: ${message}\n`),
        signal,
      },
      type === 'switch'
        ? { type, service, version: options.version }
        : type === 'rollback'
          ? { type, service, to }
          : { type, service },
    )
    if (!done.ok) return done.error
    io.stdout.write(`${service}: ${done.value}\n`)
    return exitCodes.ok
  })
}

function readRevision(to: string | undefined): Result<RevisionName | undefined> {
  if (to === undefined) return ok(undefined)
  const name = parseRevisionName(to)
  return name === undefined
    ? err({
        kind: 'usage-invalid',
        message: `--to ${to} is no revision`,
        hint: 'Give a number of "devloop history", as in --to 3, or --to worker:3 where several workloads run the service.',
      })
    : ok(name)
}
