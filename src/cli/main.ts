import { setMaxListeners } from 'node:events'
import { homedir } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { chooseOn } from './choose.js'
import { confirmOn } from './confirm.js'
import { createInterrupts } from './interrupts.js'
import { createOutputLoss } from './output-loss.js'
import { run } from './run.js'

/** How long what a command left open may hold the process, in milliseconds. */
const LINGER_LIMIT = 1000

// devloop waits most of its life: a young generation that stays small costs nothing that a person could notice, and saves a third of the memory
// (7 services, Node 20: 95 MB in place of 151 MB).
setFlagsFromString('--optimize-for-size')

// One signal ends many requests at once, as many as there are objects to take down; at Node's default of 10 each such crowd prints a warning over the screen.
// What leaks still warns.
setMaxListeners(500)

// Children are ended by the process runner when this process exits.
const { interrupt, onInterrupt } = createInterrupts(
  (milliseconds, callback) => setTimeout(callback, milliseconds).unref(),
  code => process.exit(outputs.exitCode() ?? code),
)
const outputs = createOutputLoss({ exit: code => process.exit(code), interrupt })

process.on('SIGINT', interrupt)
process.on('SIGTERM', interrupt)
process.on('SIGHUP', interrupt)
process.stdout.on('error', error => outputs.lost(error, words => process.stderr.write(words)))
process.stderr.on('error', error => outputs.lost(error))

const exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  platform: process.platform,
  home: homedir(),
  ...(process.stdin.isTTY && process.stdout.isTTY
    ? {
        confirm: confirmOn(process.stdin, process.stdout),
        choose: chooseOn(process.stdin, process.stdout),
        terminal: {
          stdin: process.stdin,
          stdout: process.stdout,
          stderr: process.stderr,
          interrupt: () => interrupt('SIGINT'),
        },
      }
    : {}),
  onInterrupt,
})
process.exitCode = outputs.exitCode() ?? exitCode
// Nothing should be left that holds the process; if something is, it does not hold the person.
setTimeout(() => process.exit(), LINGER_LIMIT).unref()
// Node aborts, with a core dump, where it cannot give back the modes of a terminal that is gone. Listeners that were there before this one have ended all children.
process.on('exit', () => {
  if (outputs.isTerminalGone()) process.kill(process.pid, 'SIGKILL')
})
