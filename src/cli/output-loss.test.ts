import { expect, it } from 'vitest'
import { createOutputLoss } from './output-loss.js'

const failure = (code: string): NodeJS.ErrnoException => Object.assign(new Error(`${code}: no`), { code })

it.each<[code: string, done: readonly string[], exitCode: number | undefined, isTerminalGone: boolean]>([
  ['EPIPE', ['exit 0', 'exit 0'], undefined, false],
  ['EIO', ['SIGHUP'], 130, true],
  ['ENOSPC', ['said', 'SIGTERM'], 11, false],
])('output that fails with %s, twice', (code, done, exitCode, isTerminalGone) => {
  const did: string[] = []
  const outputs = createOutputLoss({
    exit: exited => did.push(`exit ${exited}`),
    interrupt: signal => did.push(signal),
  })
  for (let time = 0; time < 2; time += 1)
    outputs.lost(failure(code), words => did.push(/ENOSPC: no\n {2}→ Make room/.test(words) ? 'said' : words))
  expect(did).toEqual(done)
  expect([outputs.exitCode(), outputs.isTerminalGone()]).toEqual([exitCode, isTerminalGone])
})
