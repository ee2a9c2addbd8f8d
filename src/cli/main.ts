import { setMaxListeners } from 'node:events'
import { homedir } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { chooseOn } from './choose.js'
import { confirmOn } from './confirm.js'
import { createInterrupts } from './interrupts.js'
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
  code => process.exit(code),
)

process.on('SIGINT', interrupt)
process.on('SIGTERM', interrupt)
process.on('SIGHUP', interrupt)
// A reader that went away (`devloop logs | head`) is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

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
process.exitCode = exitCode
// Nothing should be left that holds the process; if something is, it does not hold the person.
setTimeout(() => process.exit(), LINGER_LIMIT).unref()
