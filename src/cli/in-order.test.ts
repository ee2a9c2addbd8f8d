import { expect, test } from 'vitest'
import type { Announcement } from '../core/announcement.js'
import { inOrder } from './in-order.js'

const origin = (container: string) =>
  ({ namespace: 'n', pod: 'p', podUid: 'u', container, role: 'app', restarts: 0 }) as const

const line = (container: string, seconds: string, text: string): Announcement => ({
  type: 'log',
  ...origin(container),
  time: `2026-01-01T00:00:${seconds}Z`,
  text,
})

const mark = (container: string, message: string): Announcement => ({
  type: 'log-mark',
  ...origin(container),
  message,
})

const words = (announcements: readonly Announcement[]): readonly string[] =>
  announcements.map(one => (one.type === 'log' ? one.text : one.type === 'log-mark' ? one.message : one.type))

test.each([
  {
    what: 'containers come together in the order of time, to the nanosecond',
    given: [
      line('a', '01.000000002', 'a1'),
      line('a', '03', 'a2'),
      line('b', '01.000000001', 'b1'),
      line('b', '02', 'b2'),
    ],
    gives: ['b1', 'a1', 'b2', 'a2'],
  },
  {
    what: "a container's own lines stay as they came, whatever their times",
    given: [line('a', '05', 'a1'), line('a', '04', 'a2'), line('b', '04.5', 'b1')],
    gives: ['b1', 'a1', 'a2'],
  },
  {
    what: 'what stands before a line stays before it',
    given: [
      mark('a', 'a begins'),
      line('a', '02', 'a1'),
      line('b', '01', 'b1'),
      mark('b', 'b again'),
      line('b', '03', 'b2'),
    ],
    gives: ['b1', 'b again', 'a begins', 'a1', 'b2'],
  },
  { what: 'nothing gives nothing', given: [], gives: [] },
])('$what', ({ given, gives }) => {
  const gathered = inOrder()
  for (const announcement of given) gathered.add(announcement)
  expect(words(gathered.all())).toEqual(gives)
})
