import { exitCodes } from '../../core/exit-code.js'
import type { ServiceReason } from '../../core/why/service-reason.js'
import { formatSaveRecord, formatServiceReason } from '../../ui/format-why.js'
import type { CommandEnd } from '../command-end.js'
import type { CommandIo } from '../io.js'
import { reachProject } from '../reach-up.js'

export interface WhyOptions {
  readonly file?: string
  readonly service: string
  readonly json?: true
}

/** What started the last build of a service, or why the last change did not: told by the `up` that runs, else from what is kept of the last one. */
export async function why(io: CommandIo, { service, json, ...options }: WhyOptions): Promise<CommandEnd> {
  const reached = await reachProject(io, { ...options, services: [service] })
  if (!reached.ok) return reached.error
  const { project, opened, adapters, ask } = reached.value
  const now = adapters.clock.now()
  const reason = (await ask({ type: 'why', service })) as ServiceReason | undefined | null
  if (reason != null) {
    io.stdout.write(
      json === true
        ? `${JSON.stringify({ running: true, ...reason })}\n`
        : formatServiceReason(reason, { root: project.root, now }),
    )
    return exitCodes.ok
  }
  const timings = await opened.state.openTimings()
  if (!timings.ok) return timings.error
  const record = timings.value.records().findLast(one => one.service === service)
  if (json === true) {
    io.stdout.write(`${JSON.stringify({ running: false, service, ...record })}\n`)
    return exitCodes.ok
  }
  io.stdout.write(
    record === undefined
      ? `No devloop up runs that has ${service}, and nothing is known of an earlier one.\n`
      : formatSaveRecord(record, now),
  )
  return exitCodes.ok
}
