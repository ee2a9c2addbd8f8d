import { Duplex } from 'node:stream'
import type Docker from 'dockerode'
import { expect, test } from 'vitest'
import { startInNode } from './node-process.js'

/** An engine whose one program says something, and whose connection then breaks as that of a program does that no longer reads. */
function engineWith(after: { readonly Running: boolean; readonly ExitCode: number | null }): Docker {
  const socket = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  })
  const exec = { start: async () => socket, inspect: async () => after }
  return {
    getContainer: () => ({ exec: async () => exec }),
    modem: {
      demuxStream: (_socket: Duplex, _out: NodeJS.WritableStream, error: NodeJS.WritableStream) =>
        error.write('no space left on device\n'),
    },
  } as unknown as Docker
}

test.each([
  [
    'that has ended is what it said',
    { Running: false, ExitCode: 1 },
    { exitCode: 1, stdout: '', stderr: 'no space left on device\n' },
  ],
  ['that still runs is a broken connection', { Running: true, ExitCode: null }, 'write EPIPE'],
])('input that is refused by a program %s', async (_what, after, expected) => {
  const { input, exited } = await startInNode(engineWith(after), 'node', ['ctr'])
  input.write('an archive')
  if (typeof expected === 'string') await expect(exited).rejects.toThrow(expected)
  else expect(await exited).toEqual(expected)
})
