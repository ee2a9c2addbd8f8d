import { expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { changesOfLostWrite, diffObjects, mergeChanges } from './field-changes.js'
import { restoreObject } from './restore-object.js'

const keys = { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } }

function object(spec: unknown, owners: Record<string, unknown> = { kubectl: keys }): KubeObject {
  const managedFields = Object.entries(owners).map(([manager, fieldsV1]) => ({
    manager,
    operation: manager === 'devloop' ? ('Apply' as const) : ('Update' as const),
    apiVersion: 'v1',
    fieldsV1: fieldsV1 as Record<string, unknown>,
  }))
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x', managedFields }, spec }
}
const one = (more: object = {}, image = '1') => ({ name: 'a', image, ...more })

test.each([
  ['a value', { n: 1 }, { n: 2 }, { n: 2 }, { n: 1 }],
  ['a field that was not there', { n: 1 }, { n: 1, m: { deep: 1 } }, { n: 1, m: { deep: 1 } }, { n: 1 }],
  ['a field that was dropped', { n: 1, port: 3 }, { n: 1 }, { n: 1 }, { n: 1, port: 3 }],
  ['a value changed since', { n: 1, m: 1 }, { n: 2, m: 2 }, { n: 3, m: 2 }, { n: 3, m: 1 }],
  [
    'a field added since beside ours',
    { n: 1 },
    { n: 1, m: { a: 1 } },
    { n: 1, m: { a: 1, b: 2 } },
    { n: 1, m: { b: 2 } },
  ],
  [
    'an empty map that was filled',
    { dir: {} },
    { dir: { medium: 'x' } },
    { dir: { medium: 'x' } },
    { dir: {} },
  ],
  ['a list without keys', { args: ['a'] }, { args: ['b', 'c'] }, { args: ['b', 'c'] }, { args: ['a'] }],
  [
    'an item that was added',
    { containers: [one()] },
    { containers: [one({}, '2'), { name: 'b', image: 'x' }] },
    { containers: [one({}, '2'), { name: 'b', image: 'x' }] },
    { containers: [one()] },
  ],
  [
    'the order of items',
    { containers: [one(), { name: 'b' }] },
    { containers: [{ name: 'b' }, one({}, '2')] },
    { containers: [{ name: 'b' }, one({}, '2')] },
    { containers: [one(), { name: 'b' }] },
  ],
])('%s goes back', (_name, before, after, live, expected) => {
  const snapshot = object(before)
  const restored = restoreObject({
    live: object(live),
    snapshot,
    changes: diffObjects(snapshot, object(after)),
    manager: 'devloop',
  })
  expect(restored.object.spec).toEqual(expected)
})

test("the mark of a restart is devloop's too: neither it nor its owner stays", () => {
  const template = { 'f:spec': { 'f:restartedAt': {} } }
  const snapshot = object({ n: 1 })
  const live = object({ n: 1, restartedAt: 'now' }, { kubectl: keys, 'devloop-restart': template })
  const restored = restoreObject({
    live,
    snapshot,
    changes: diffObjects(snapshot, live),
    manager: 'devloop',
  })
  expect(restored.object.spec).toEqual({ n: 1 })
  expect(restored.managedFields.map(({ manager }) => manager)).toEqual(['kubectl'])
})

test('a restart whose answer was lost counts as ours', () => {
  const template = { 'f:spec': { 'f:restartedAt': {} } }
  const before = object({ n: 1 })
  const live = object({ n: 1, restartedAt: 'now' }, { kubectl: keys, 'devloop-restart': template })
  expect(changesOfLostWrite(before, live, 'devloop')).toMatchObject([{ after: 'now' }])
})

test('owners get their fields back and devloop keeps none', () => {
  const snapshot = object({ n: 1, m: 1 }, { kubectl: { 'f:spec': { 'f:n': {}, 'f:m': {} } } })
  const live = object(
    { n: 2, m: 1 },
    { kubectl: { 'f:spec': { 'f:m': {} } }, devloop: { 'f:spec': { 'f:n': {} } } },
  )
  const { managedFields } = restoreObject({
    live,
    snapshot,
    changes: diffObjects(snapshot, live),
    manager: 'devloop',
  })
  expect(managedFields.map(entry => [entry.manager, entry.fieldsV1])).toEqual([
    ['kubectl', { 'f:spec': { 'f:m': {}, 'f:n': {} } }],
  ])
})

const path = [{ field: 'spec' }, { field: 'n' }]
test.each([
  [
    'two writes in a row go back to before the first',
    { before: 1, after: 2 },
    { before: 2, after: 3 },
    [{ path, before: 1, after: 3 }],
  ],
  [
    "somebody's value in between is the one to go back to",
    { before: 1, after: 2 },
    { before: 7, after: 3 },
    [{ path, before: 7, after: 3 }],
  ],
  [
    'a value that we put back ourselves is nothing to do',
    { before: 1, after: 2 },
    { before: 2, after: 1 },
    [],
  ],
])('%s', (_name, first, second, merged) => {
  expect(mergeChanges([{ path, ...first }], [{ path, ...second }])).toEqual(merged)
})
