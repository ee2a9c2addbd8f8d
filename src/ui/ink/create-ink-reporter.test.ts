import { expect, it } from 'vitest'
import type { Announcement } from '../../core/announcement.js'
import type { LogLine } from '../../core/logs/log-line.js'
import { originOf } from '../../testing/log-lines.js'
import { createMemoryLogStore } from '../../testing/memory-log-store.js'
import { createInkReporter, DEVLOOP_ORIGIN } from './create-ink-reporter.js'

function told(announcements: readonly Announcement[], verbose = false): readonly LogLine[] {
  const store = createMemoryLogStore()
  const reporter = createInkReporter(store, { clock: { now: () => 0 }, verbose })
  for (const announcement of announcements) reporter.tell(announcement)
  return store.after(0, { limit: 100 }).lines
}

it('keeps a line of a container as what it is', () => {
  const origin = originOf('tour')
  const text = '\u001b[31mred\u001b[0m'
  expect(told([{ type: 'log', ...origin, time: '2026-01-01T10:00:00.5Z', text }])).toMatchObject([
    { origin, kind: 'line', time: '2026-01-01T10:00:00.5Z', text },
  ])
})

it('keeps what else is told in the words of --plain, as lines of devloop', () => {
  const lines = told([
    { type: 'session', project: 'shop', services: ['tour'], mode: 'up' },
    { type: 'live', service: 'tour', save: 2, duration: 2500, stages: { build: 900 } },
    {
      type: 'problem',
      service: 'tour',
      final: true,
      problem: {
        kind: 'image-build-failed',
        service: 'tour',
        message: 'exit 1',
        output: ['one', 'two │ three'],
      },
    },
  ])
  expect(
    lines.every(({ origin }) => origin === DEVLOOP_ORIGIN || origin.podUid === DEVLOOP_ORIGIN.podUid),
  ).toBe(true)
  expect(lines.map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      'up shop: tour',
      'tour: ✓ live: save 2 in 2.5 s (build 900 ms)',
      'tour: ✗ tour: the build failed',
      'tour:     two │ three',
    ]),
  )
})

it('keeps build output for those who ask for it', () => {
  const line: Announcement = { type: 'build-output', service: 'tour', line: 'Step 1/2' }
  expect(told([line])).toEqual([])
  expect(told([line], true).map(({ text }) => text)).toEqual(['tour: Step 1/2'])
})
