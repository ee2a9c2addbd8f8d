import { expect, test } from 'vitest'
import { hookOf } from './release-hook.js'

test.each([
  [undefined, undefined, { kind: 'none' }],
  ['', undefined, { kind: 'none' }],
  ['crd-install', undefined, { kind: 'none' }],
  ['pre-install', undefined, { kind: 'hook', hook: { phase: 'pre', weight: 0 } }],
  ['pre-upgrade,pre-install', '-5', { kind: 'hook', hook: { phase: 'pre', weight: -5 } }],
  ['post-install, post-upgrade', '2', { kind: 'hook', hook: { phase: 'post', weight: 2 } }],
  ['post-upgrade,pre-install', 'x', { kind: 'hook', hook: { phase: 'pre', weight: 0 } }],
  ['test', undefined, { kind: 'left-out', reason: 'is a test hook of its chart' }],
  ['test-success', undefined, { kind: 'left-out', reason: 'is a test hook of its chart' }],
  ['test,post-install', undefined, { kind: 'hook', hook: { phase: 'post', weight: 0 } }],
  [
    'pre-delete,pre-rollback',
    undefined,
    { kind: 'left-out', reason: 'is a hook for pre-delete, pre-rollback, which up does not do' },
  ],
])('%s of weight %s', (hook, weight, expected) => {
  const annotations = {
    ...(hook === undefined ? {} : { 'helm.sh/hook': hook }),
    ...(weight === undefined ? {} : { 'helm.sh/hook-weight': weight }),
  }
  expect(hookOf({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'x', annotations } })).toEqual(
    expected,
  )
})
