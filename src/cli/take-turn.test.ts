import { expect, it } from 'vitest'
import { err, ok } from '../core/result.js'
import type { Owner } from '../ports/state-store.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { takeTurn } from './take-turn.js'

const owner = (command: string): Owner => ({
  pid: 7,
  started: '',
  startedAt: '',
  configFile: '/shop/dev.config.yaml',
  command,
})
const held = { kind: 'already-running', pid: 7, startedAt: '', config: '' } as const

/** A lock that the owners hold one after the other, each for so many looks. */
function locks(...owners: (readonly [command: string, looks: number])[]) {
  const clock = createFakeClock()
  const queue = owners.flatMap(([command, looks]) => Array.from({ length: looks }, () => owner(command)))
  let looks = 0
  const state = {
    lock: async () => {
      const now = queue[looks]
      return now === undefined
        ? ok({ registerChild: async () => ok(undefined), release: async () => {} })
        : err(held)
    },
    readOwner: async () => {
      const now = queue[looks]
      looks += 1
      setImmediate(() => clock.advance(100))
      return ok(now)
    },
  }
  return { clock, state, looks: () => looks }
}

it.each<[name: string, owners: [string, number][], outcome: string, looks: number]>([
  ['free', [], 'taken', 0],
  ['held by one that is done in a moment', [['restart', 3]], 'taken', 3],
  [
    'held by several of these',
    [
      ['restart', 2],
      ['rollback', 2],
    ],
    'taken',
    4,
  ],
  ['held by an up', [['up', 1000]], 'already-running', 1],
  [
    'taken by an up meanwhile',
    [
      ['switch', 2],
      ['up', 1000],
    ],
    'already-running',
    3,
  ],
  ['held by one that does not end', [['switch', 1000]], 'already-running', 300],
])('a project that is %s', async (_name, owners, outcome, looks) => {
  const rig = locks(...owners)
  const taken = await takeTurn(rig.state, 'rollback', { clock: rig.clock })
  expect([taken.ok ? 'taken' : taken.error.kind, rig.looks()]).toEqual([outcome, looks])
})

it('is not waited for after Ctrl-C', async () => {
  const { clock, state } = locks(['restart', 1000])
  expect(await takeTurn(state, 'rollback', { clock, signal: AbortSignal.abort() })).toMatchObject({
    error: { kind: 'cancelled' },
  })
})
