import type { HookFailed } from '../problem.js'
import type { Explanation } from './explanation.js'

/** A hook that failed: its command, its last lines, and when it runs again. */
export function explainHook(problem: HookFailed): Explanation {
  const { hook, command, place, output } = problem
  return {
    title: `the hook ${hook} ${howOf(problem)}`,
    detail: [
      `$ ${command}${place === undefined ? '' : `   (in ${place})`}`,
      ...output.map(line => `  ${line}`),
    ],
    hints: hintsOf(problem),
    anchor: 'hook-failed',
  }
}

function howOf({ reason, exitCode, timeout }: HookFailed): string {
  switch (reason) {
    case 'not-found':
      return 'names a program that was not found'
    case 'exited':
      return `failed with exit code ${exitCode ?? 'unknown'}`
    case 'signalled':
      return 'was ended by a signal'
    case 'timed-out':
      return `took longer than ${timeout ?? 0} s and was ended`
    case 'no-container':
      return 'found no running container'
    case 'failed':
      return 'could not be run'
  }
}

function hintsOf({ reason }: HookFailed): readonly string[] {
  const again = 'Correct it and save; it runs again with the next save. The other services go on.'
  switch (reason) {
    case 'not-found':
      return ['Install the program, or check that it is on PATH.', again]
    case 'timed-out':
      return ['Where it only needs longer, raise its "timeout".', again]
    case 'no-container':
      return [
        'Name a workload that runs with "workload: KIND/NAME", and its container with "container".',
        again,
      ]
    case 'exited':
    case 'signalled':
    case 'failed':
      return [again]
  }
}
