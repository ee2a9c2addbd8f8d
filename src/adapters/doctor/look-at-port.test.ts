import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { createRecordedRunner } from '../../testing/recorded-runner.js'
import { lookAtPort } from './look-at-port.js'

const system = { platform: process.platform, runner: createRecordedRunner({}) }

test('a port is free, taken by a program that is named without its arguments, or not of this machine', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const wanted = { port, use: 'service/tour', mayMove: true, address: undefined }
  try {
    const taken = await lookAtPort(wanted, system)
    expect(taken).toMatchObject({ port, use: 'service/tour', mayMove: true, state: 'taken' })
    if (process.platform === 'linux') expect(taken.owner?.pid).toBe(process.pid)
    expect(taken.owner?.program ?? '').not.toMatch(/[\s/]/)
  } finally {
    await new Promise(resolve => server.close(resolve))
  }
  expect(await lookAtPort(wanted, system)).toMatchObject({ state: 'free' })
  expect(await lookAtPort({ ...wanted, address: '192.0.2.1' }, system)).toMatchObject({ state: 'unusable' })
})
