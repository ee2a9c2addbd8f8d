import { createProgram } from '../cli/create-program.js'

/** Whether the parser of the command line takes what comes after `devloop`; nothing of it is done. */
export async function takesLine(line: string): Promise<boolean> {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  const split = words.indexOf('--')
  let ran = false
  await program(() => {
    ran = true
  })
    .parseAsync(split === -1 ? words : words.slice(0, split), { from: 'user' })
    .catch(() => {})
  return ran
}

/** The names of all commands. */
export const commandNames = (): readonly string[] => program(() => {}).commands.map(command => command.name())

function program(onRun: () => void) {
  const silent = { write: () => {} }
  const io = { stdout: silent, stderr: silent, env: {}, cwd: '/', platform: process.platform, home: '/' }
  return createProgram({ ...io, onInterrupt: () => () => {} }, [], async () => onRun())
}
