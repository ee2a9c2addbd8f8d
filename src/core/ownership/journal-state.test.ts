import { expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import type { JournalEntry } from './journal-entry.js'
import { compactJournal, reduceJournal } from './journal-state.js'

const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a' }
const key = '/ConfigMap/shop/a'
const object = (data: Record<string, string>): KubeObject => ({ ...ref, metadata: { name: 'a' }, data })
const intent: JournalEntry = { type: 'intent', key, ref, token: 't' }
const created: JournalEntry = { type: 'created', key, uid: 'u' }
const adopted: JournalEntry = {
  type: 'adopted',
  key,
  ref,
  uid: 'u',
  token: 't',
  snapshot: object({ x: '1' }),
  revisions: [],
}
const applied: JournalEntry = {
  type: 'applied',
  key,
  uid: 'u',
  hash: 'h',
  resourceVersion: '2',
  object: object({ x: '2' }),
  left: [],
}
const bound = (uid: string): JournalEntry => ({ type: 'cluster-bound', uid })
const made: JournalEntry = { type: 'cluster-created', provider: 'kind', name: 'dev' }
const changed: JournalEntry = {
  ...applied,
  changes: [{ path: [{ field: 'data' }, { field: 'x' }], before: '1', after: '2' }],
}

const stories: readonly (readonly [string, readonly JournalEntry[], string | undefined])[] = [
  ['an intent alone', [intent], 'intent'],
  ['created', [intent, created], 'created'],
  ['created and applied', [intent, created, applied], 'created'],
  ['adopted', [adopted], 'adopted'],
  ['adopted and changed', [adopted, changed], 'adopted'],
  [
    'a write whose answer was lost',
    [adopted, { type: 'writing', key, before: object({ x: '1' }) }],
    'adopted',
  ],
  [
    'two lost writes',
    [
      adopted,
      { type: 'writing', key, before: object({ x: '1' }) },
      { type: 'writing', key, before: object({ x: '2' }) },
    ],
    'adopted',
  ],
  ['released', [intent, created, { type: 'released', key }], undefined],
  ['a kept volume', [{ type: 'kept-volume', key, ref, uid: 'u' }], 'created'],
  ['another cluster', [bound('1'), intent, created, bound('2')], undefined],
  ['the same cluster', [bound('1'), intent, created, bound('1')], 'created'],
  ['an answer for what is not known', [created, applied], undefined],
]

test.each(stories)('%s', (_name, entries, origin) => {
  const state = reduceJournal(entries)
  expect(state.objects.get(key)?.origin).toBe(origin)
  // What a crash leaves on the disk is always enough for the same state.
  expect(reduceJournal(JSON.parse(JSON.stringify(compactJournal(state))))).toEqual(state)
})

test('a write whose answer was lost counts as ours on the next one', () => {
  const state = reduceJournal([
    adopted,
    { type: 'writing', key, before: object({ x: '1' }) },
    { type: 'writing', key, before: object({ x: '2' }) },
  ])
  expect(state.objects.get(key)).toMatchObject({ changes: [{ before: '1', after: '2' }] })
})

test.each([
  ['made and bound', [made, bound('1')], '1'],
  ['made anew by somebody', [made, bound('1'), bound('2')], undefined],
  ['made anew by devloop', [made, bound('1'), made, bound('2')], '2'],
  ['given up', [made, { type: 'cluster-released' } as const, bound('1')], undefined],
])('a cluster %s', (_name, entries, uid) => {
  const state = reduceJournal(entries)
  expect(state.clusterCreated?.uid).toBe(uid)
  expect(reduceJournal(compactJournal(state))).toEqual(state)
})
