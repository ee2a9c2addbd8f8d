import { expect, test } from 'vitest'
import { INITIAL_LOG_VIEW, type LogAction, type LogViewState, reduceLogView } from './log-view.js'

const typed = (kind: 'search' | 'filter', text: string): readonly LogAction[] => [
  { type: 'open-input', kind },
  { type: 'edit', text },
]
const toggle = (what: (LogAction & { type: 'toggle' })['what']): LogAction => ({ type: 'toggle', what })

test.each<[string, readonly LogAction[], Partial<LogViewState>]>([
  ['holds and follows', [{ type: 'hold', top: { seq: 3, row: 1 } }, { type: 'follow' }], {}],
  [
    'holds',
    [{ type: 'hold', top: { seq: 3, row: 1 } }],
    { position: { kind: 'held', top: { seq: 3, row: 1 } } },
  ],
  ['a search', [...typed('search', 'a b'), { type: 'submit' }], { search: 'a b' }],
  [
    'an empty search repeats the last, from no match',
    [
      ...typed('search', 'a'),
      { type: 'submit' },
      { type: 'matched', seq: 4 },
      ...typed('search', ''),
      { type: 'submit' },
    ],
    { search: 'a' },
  ],
  ['a filter, trimmed', [...typed('filter', ' a '), { type: 'submit' }], { filter: 'a' }],
  [
    'a filter is edited from what it was',
    [
      { type: 'set-filter', text: 'a' },
      { type: 'open-input', kind: 'filter' },
    ],
    { filter: 'a', input: { kind: 'filter', text: 'a' } },
  ],
  [
    'an emptied filter is none',
    [{ type: 'set-filter', text: 'a' }, ...typed('filter', ''), { type: 'submit' }],
    {},
  ],
  [
    'escape leaves the input first',
    [{ type: 'set-filter', text: 'a' }, ...typed('search', 'x'), { type: 'cancel' }],
    { filter: 'a' },
  ],
  [
    'then the search',
    [{ type: 'set-filter', text: 'a' }, ...typed('search', 'x'), { type: 'submit' }, { type: 'cancel' }],
    { filter: 'a' },
  ],
  ['then filter and level', [{ type: 'set-filter', text: 'a' }, toggle('level'), { type: 'cancel' }], {}],
  ['levels go round', [toggle('level'), toggle('level'), toggle('level'), toggle('level')], {}],
  ['times go round', [toggle('timestamps'), toggle('timestamps')], { timestamps: 'relative' }],
  ['wrapped lines do not shift', [{ type: 'shift', cells: 8 }], {}],
  [
    'others do, but not beyond their beginning',
    [toggle('wrap'), { type: 'shift', cells: 8 }, { type: 'shift', cells: -24 }],
    { wrap: false },
  ],
  ['wrapping forgets the shift', [toggle('wrap'), { type: 'shift', cells: 8 }, toggle('wrap')], {}],
  ['containers', [toggle('containers')], { containers: 'all' }],
  ['nothing is typed where there is no input', [{ type: 'edit', text: 'x' }, { type: 'submit' }], {}],
])('%s', (_name, actions, expected) => {
  expect(actions.reduce(reduceLogView, INITIAL_LOG_VIEW)).toEqual({ ...INITIAL_LOG_VIEW, ...expected })
})

test('what cannot be read stays to be mended', () => {
  const state = [...typed('filter', '/(/'), { type: 'submit' } as const].reduce(
    reduceLogView,
    INITIAL_LOG_VIEW,
  )
  expect(state.filter).toBe('')
  expect(state.input).toMatchObject({
    text: '/(/',
    problem: expect.stringContaining('Invalid regular expression'),
  })
})
