import type { Clock } from '../ports/clock.js'
import { createNdjsonReporter } from '../ui/ndjson.js'
import { createPlainReporter } from '../ui/plain.js'
import type { Reporter } from '../ui/reporter.js'
import type { CommandIo } from './io.js'

export interface ReporterOptions {
  readonly plain?: true
  readonly json?: true
  readonly verbose?: true
}

export function createReporter(
  { stdout, env }: CommandIo,
  { json, verbose }: ReporterOptions,
  clock: Clock,
): Reporter {
  if (json === true) return createNdjsonReporter(stdout, () => clock.now())
  return createPlainReporter(stdout, {
    colour: wantsColour(stdout.isTTY === true, env),
    verbose: verbose === true,
  })
}

/** NO_COLOR (https://no-color.org) and FORCE_COLOR beat what the output is. */
export function wantsColour(isTTY: boolean, env: CommandIo['env']): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0'
  return isTTY && env.TERM !== 'dumb'
}
