import { CommanderError } from 'commander'
import { exitCodeFor, exitCodes } from '../core/exit-code.js'
import type { CommandEnd } from './command-end.js'
import { createProgram } from './create-program.js'
import type { CommandIo } from './io.js'
import { reportProblem } from './report-problem.js'

/** Runs one command line. Nothing heavier than the parser is loaded before the command is known. */
export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  let end: CommandEnd = exitCodes.ok
  // What follows `--` is a command of its own, and none of its flags are ours.
  const split = argv.indexOf('--')
  const own = split === -1 ? argv : argv.slice(0, split)
  const command = split === -1 ? [] : argv.slice(split + 1)
  const program = createProgram(io, command, async action => {
    end = await action()
  })
  try {
    await program.parseAsync(own, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined }
    end = {
      kind: 'bug',
      where: `devloop ${argv[0] ?? ''}`,
      message,
      ...(stack === undefined ? {} : { stack }),
    }
  }
  if (typeof end === 'number') return end
  reportProblem(io, end)
  return exitCodeFor(end)
}
