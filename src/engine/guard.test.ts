import { expect, test } from 'vitest'
import type { Event } from '../core/event.js'
import { createGuard } from './guard.js'

test('a defect of one part is told once, and the parts after it go on', async () => {
  const told: Event[] = []
  const guard = createGuard({ dispatch: event => told.push(event) })
  let went = 0
  for (let round = 0; round < 2; round += 1) {
    guard('gateway', () => {
      throw new TypeError('hosts of null')
    })
    guard('watch', () => Promise.reject(new Error('no folder')))
    guard('forwards', () => {
      went += 1
    })
    await new Promise(setImmediate)
  }
  expect(went).toBe(2)
  expect(told).toMatchObject([
    { type: 'effect-crashed', problem: { kind: 'bug', where: 'gateway', message: 'hosts of null' } },
    { type: 'effect-crashed', problem: { kind: 'bug', where: 'watch', message: 'no folder' } },
  ])
})
