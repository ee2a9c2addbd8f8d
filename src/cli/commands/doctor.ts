import { isWell } from '../../core/doctor/finding.js'
import { redact } from '../../core/doctor/redact.js'
import { exitCodes } from '../../core/exit-code.js'
import { runChecks } from '../../engine/run-checks.js'
import { formatDoctor } from '../../ui/format-doctor.js'
import type { CommandEnd } from '../command-end.js'
import { compose } from '../compose.js'
import { composeDoctor } from '../compose-doctor.js'
import { wantsColour } from '../create-reporter.js'
import { doctorChecks } from '../doctor-checks.js'
import { doctorFacts } from '../doctor-facts.js'
import type { CommandIo } from '../io.js'
import { loadProject } from '../open-project.js'

/** How long all checks together may take, in milliseconds: with the start of Node, and what a lookup of the system holds it by at the end, under 3 s. */
const LIMIT = 2500

/** Looks at all that `up` needs on this machine, changes nothing, and says what to do. Code 1 where something would stop `up`. */
export async function doctor(
  io: CommandIo,
  options: { readonly file?: string; readonly json?: true },
): Promise<CommandEnd> {
  const adapters = compose(io)
  const tools = composeDoctor(io, adapters)
  const abort = new AbortController()
  const off = io.onInterrupt(() => abort.abort())
  try {
    const loaded = await loadProject(io, options)
    const facts = doctorFacts(adapters, tools, loaded, abort.signal)
    const checks = doctorChecks({ io, adapters, tools, facts, loaded })
    const found = await runChecks(checks, { clock: adapters.clock, limit: LIMIT })
    if (abort.signal.aborted) return exitCodes.interrupted
    const findings = found.map(one => ({
      ...one,
      text: redact(one.text),
      remedies: one.remedies.map(redact),
    }))
    const ok = isWell(findings)
    io.stdout.write(
      options.json === true
        ? `${JSON.stringify({ ok, findings })}\n`
        : `${formatDoctor(findings, { colour: wantsColour(io.stdout.isTTY === true, io.env) }).join('\n')}\n`,
    )
    return ok ? exitCodes.ok : exitCodes.failure
  } finally {
    off()
    abort.abort()
  }
}
