import { type CommandFailed, cancelled } from '../core/problem.js'
import { err, ok } from '../core/result.js'
import type { ProcessRunner } from '../ports/process-runner.js'

/** What a program once said. */
export interface RecordedOutput {
  readonly stdout?: string
  readonly stderr?: string
  readonly exitCode?: number
}

export interface RecordedRunner extends ProcessRunner {
  /** The command lines that were run, in order. */
  readonly ran: string[]
}

/** A runner that answers each command line from `outputs`. One that is not there is a program that is not installed. */
export function createRecordedRunner(
  outputs: Readonly<Record<string, RecordedOutput | (() => RecordedOutput)>>,
): RecordedRunner {
  const ran: string[] = []
  return {
    ran,
    async run(argv, options = {}) {
      if (options.signal?.aborted) return err(cancelled)
      const line = argv.join(' ')
      ran.push(line)
      const recorded = outputs[line]
      if (recorded === undefined)
        return err<CommandFailed>({ kind: 'command-failed', argv, reason: 'not-found', output: [] })
      const {
        stdout = '',
        stderr = '',
        exitCode = 0,
      } = typeof recorded === 'function' ? recorded() : recorded
      const lines = { stdout: linesOf(stdout), stderr: linesOf(stderr) }
      for (const stream of ['stdout', 'stderr'] as const)
        for (const text of lines[stream]) options.onLine?.(text, stream)
      if (exitCode === 0) return ok({ stdout, stderr })
      const output = [...lines.stdout, ...lines.stderr]
      return err<CommandFailed>({ kind: 'command-failed', argv, reason: 'exited', exitCode, output })
    },
  }
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))
