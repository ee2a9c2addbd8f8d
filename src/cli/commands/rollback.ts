import { exitCodes } from '../../core/exit-code.js'
import { rollbackService } from '../../engine/rollback-service.js'
import type { CommandEnd } from '../command-end.js'
import type { CommandIo } from '../io.js'
import { asOwner, reachProject, readIntentAnswer } from '../reach-up.js'

export interface RollbackOptions {
  readonly file?: string
  readonly service: string
}

/** Has a service run the image that was live before: by the `up` that runs, else by a revision that the cluster keeps. */
export async function rollback(io: CommandIo, { service, ...options }: RollbackOptions): Promise<CommandEnd> {
  const reached = await reachProject(io, { ...options, services: [service] })
  if (!reached.ok) return reached.error
  const { project, ask } = reached.value
  const answer = readIntentAnswer(await ask({ type: 'intent', intent: { type: 'rollback', service } }))
  if (answer !== undefined) {
    if (answer.ok) io.stdout.write(`${service}: ${answer.message}\n`)
    else io.stderr.write(`devloop: ${answer.message}\n`)
    return answer.ok ? exitCodes.ok : exitCodes.usage
  }
  return asOwner(io, reached.value, 'rollback', async ({ access, journal, loader, signal }) => {
    const done = await rollbackService({ cluster: access.cluster, journal, loader }, project, {
      service,
      signal,
    })
    if (!done.ok) return done.error
    for (const { workload, image, save } of done.value) {
      const of = save === undefined ? '' : ` of save ${save}`
      io.stdout.write(`${service}: ${workload} runs ${image}${of} until the next devloop up\n`)
    }
    return exitCodes.ok
  })
}
