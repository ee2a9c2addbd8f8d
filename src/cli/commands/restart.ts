import { isRestartable } from '../../core/answer-intent.js'
import { exitCodes } from '../../core/exit-code.js'
import { displayRef } from '../../core/kube-object.js'
import { restartObject } from '../../engine/restart-object.js'
import { serviceWorkloads } from '../../engine/service-workloads.js'
import type { CommandEnd } from '../command-end.js'
import type { CommandIo } from '../io.js'
import {
  asOwner,
  type OwnedCluster,
  type ReachedProject,
  reachProject,
  readIntentAnswer,
} from '../reach-up.js'

export interface RestartOptions {
  readonly file?: string
  readonly services: readonly string[]
}

/** Has the pods of services replaced as their workloads' strategy says: by the `up` that runs, else in the cluster itself. */
export async function restart(io: CommandIo, options: RestartOptions): Promise<CommandEnd> {
  const reached = await reachProject(io, options)
  if (!reached.ok) return reached.error
  const { services } = options
  const [first = '', ...others] = services
  const answer = readIntentAnswer(
    await reached.value.ask({ type: 'intent', intent: { type: 'restart', service: first } }),
  )
  if (answer === undefined)
    return asOwner(io, reached.value, 'restart', cluster => restartAll(io, reached.value, cluster, services))
  let isRefused = !say(io, first, answer)
  for (const service of others) {
    const next = readIntentAnswer(
      await reached.value.ask({ type: 'intent', intent: { type: 'restart', service } }),
    )
    if (!say(io, service, next ?? { ok: false, message: `${service}: the devloop up that was asked ended` }))
      isRefused = true
  }
  return isRefused ? exitCodes.usage : exitCodes.ok
}

function say(
  io: CommandIo,
  service: string,
  { ok, message }: { readonly ok: boolean; readonly message: string },
): boolean {
  if (ok) io.stdout.write(`${service}: ${message}\n`)
  else io.stderr.write(`devloop: ${message}\n`)
  return ok
}

async function restartAll(
  io: CommandIo,
  { project, adapters }: ReachedProject,
  { access, journal, signal }: OwnedCluster,
  services: readonly string[],
): Promise<CommandEnd> {
  const at = new Date(adapters.clock.now()).toISOString()
  let end: CommandEnd = exitCodes.ok
  for (const service of services) {
    const workloads = serviceWorkloads(journal, project, service)
    const restartable = workloads.filter(({ linked }) => isRestartable(linked.ref))
    if (restartable.length === 0) {
      const why =
        workloads.length === 0
          ? 'nothing of it is deployed'
          : 'it has no pods that are replaced one by another'
      io.stderr.write(`devloop: ${service}: ${why}\n`)
      end = exitCodes.usage
    }
    for (const { linked, applied } of restartable) {
      const done = await restartObject(
        { cluster: access.cluster, journal },
        { ref: linked.ref, uid: applied.uid, at, signal },
      )
      if (!done.ok) return done.error
      io.stdout.write(`${service}: the pods of ${displayRef(linked.ref)} are replaced\n`)
    }
  }
  return end
}
