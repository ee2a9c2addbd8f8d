import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { portOwner } from './port-owner.js'
import { createProcessRunner } from './process-runner.js'

const runner = createProcessRunner()
const { platform } = process

describe.runIf(platform === 'linux')('portOwner', () => {
  it('finds who listens, whichever process it is told to look at first', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    await once(other, 'spawn')
    try {
      for (const likely of [undefined, process.pid, other.pid, 2 ** 30])
        expect(await portOwner(port, { platform, runner, likely })).toMatchObject({ pid: process.pid })
    } finally {
      other.kill('SIGKILL')
      server.close()
      await once(server, 'close')
    }
    expect(await portOwner(port, { platform, runner, likely: process.pid })).toBeUndefined()
  })
})
