import { exitCodes } from '../../core/exit-code.js'
import type { Intent } from '../../core/intent.js'
import type { CommandEnd } from '../command-end.js'
import type { CommandIo } from '../io.js'
import { reachProject, readIntentAnswer } from '../reach-up.js'

/** Has the `up` that runs lead a Service to another version of its Deployment. */
export function switchVersion(
  io: CommandIo,
  options: { readonly file?: string; readonly service: string; readonly version: string },
): Promise<CommandEnd> {
  const { service, version } = options
  return ask(io, options, { type: 'switch', service, version })
}

/** Has the `up` that runs take back what was asked of a service: pause, scale-to-zero, rollback, switch. */
export function clear(
  io: CommandIo,
  options: { readonly file?: string; readonly service: string },
): Promise<CommandEnd> {
  return ask(io, options, { type: 'clear', service: options.service })
}

async function ask(io: CommandIo, { file }: { readonly file?: string }, intent: Intent): Promise<CommandEnd> {
  const reached = await reachProject(io, file === undefined ? {} : { file })
  if (!reached.ok) return reached.error
  const answer = readIntentAnswer(await reached.value.ask({ type: 'intent', intent }))
  if (answer === undefined)
    return {
      kind: 'not-running',
      message: `no devloop up runs for ${reached.value.project.name}, which would do it step by step`,
    }
  if (answer.ok) io.stdout.write(`${intent.service}: ${answer.message}\n`)
  else io.stderr.write(`devloop: ${answer.message}\n`)
  return answer.ok ? exitCodes.ok : exitCodes.usage
}
