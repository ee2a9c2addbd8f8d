import { expect, test } from 'vitest'
import { finding } from '../core/doctor/finding.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { type Check, runChecks } from './run-checks.js'

const check = (name: Check['name'], look: Check['look'], late: Check['late'] = 'unknown'): Check => ({
  name,
  about: `the ${name}`,
  late,
  remedies: ['look by hand'],
  look,
})

test('checks run side by side; one that hangs is told as such, and ended', async () => {
  const clock = createFakeClock()
  let ended = false
  const hangs: Check['look'] = signal =>
    new Promise(() => {
      signal.addEventListener('abort', () => {
        ended = true
      })
    })
  const running = runChecks(
    [
      check('docker', hangs, 'failure'),
      check('disk', async () => [finding('disk', 'ok', 'room'), finding('disk', 'ok', 'more room')]),
      check('tools', async () => {
        throw new Error('no such folder')
      }),
    ],
    { clock, limit: 1000 },
  )
  // What needs no waiting has answered after one turn of the event loop.
  await new Promise(resolve => setImmediate(resolve))
  clock.advance(1000)
  expect(await running).toEqual([
    finding(
      'docker',
      'failure',
      'the docker: no answer in time, so that it could not be looked at',
      'look by hand',
    ),
    finding('disk', 'ok', 'room'),
    finding('disk', 'ok', 'more room'),
    finding('tools', 'unknown', 'the tools: no such folder'),
  ])
  expect(ended).toBe(true)
  expect(clock.pending()).toEqual([])
})
