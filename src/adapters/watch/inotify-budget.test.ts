import { expect, test } from 'vitest'
import { type InotifyReading, shortageOf, watchProblem } from './inotify-budget.js'

const reading: InotifyReading = { maxWatches: 8192, maxInstances: 128, watches: 100, instances: 5 }

test.each<[what: string, reading: Partial<InotifyReading>, folders: number, hint: string | undefined]>([
  ['room for all', {}, 8092, undefined],
  ['one folder too many', {}, 8093, 'sudo sysctl fs.inotify.max_user_watches=524288'],
  [
    'what other programs hold counts',
    { watches: 8000 },
    200,
    'sudo sysctl fs.inotify.max_user_watches=524288',
  ],
  [
    'twice what is needed of a large limit',
    { maxWatches: 600_000 },
    700_000,
    'sudo sysctl fs.inotify.max_user_watches=1400200',
  ],
  ['no instance left', { instances: 128 }, 1, 'sudo sysctl fs.inotify.max_user_instances=1024'],
  ['limits that nobody can read', { maxWatches: undefined, maxInstances: undefined }, 1_000_000, undefined],
])('%s', (_, more, folders, hint) => {
  expect(shortageOf({ ...reading, ...more }, folders, '/app')?.hint).toBe(hint)
})

test('the reason names what is wanted, what is taken and what there is', () => {
  expect(shortageOf({ ...reading, watches: 8000 }, 200, '/app')).toMatchObject({
    kind: 'watch-failed',
    reason: 'limit',
    path: '/app',
    message: expect.stringMatching(/200 folders.*8000 watches are taken.*8192/),
  })
})

test.each([
  ['ENOSPC', 'limit', 'max_user_watches'],
  ['EMFILE', 'limit', 'max_user_instances'],
  ['EACCES', 'permission', undefined],
  ['EIO', 'other', undefined],
])('what the system says while folders are watched: %s', (code, reason, hint) => {
  const problem = watchProblem(Object.assign(new Error('no'), { code }), '/app')
  expect(problem.reason).toBe(reason)
  if (hint === undefined) expect(problem.hint).toBeUndefined()
  else expect(problem.hint).toContain(hint)
})
