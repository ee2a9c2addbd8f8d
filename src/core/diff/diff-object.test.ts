import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { diffLines } from './diff-lines.js'
import { diffObject } from './diff-object.js'

const lines = (text: string): readonly string[] => (text === '' ? [] : text.split(' '))

describe('the lines that differ', () => {
  it.each([
    ['nothing', 'a b c', 'a b c', ''],
    ['all new', '', 'a b', '@@ -0,0 +1,2 @@|+a|+b'],
    ['all gone', 'a b', '', '@@ -1,2 +0,0 @@|-a|-b'],
    ['one in the middle', 'a b c', 'a x c', '@@ -1,3 +1,3 @@| a|-b|+x| c'],
    [
      'two hunks',
      '1 2 3 4 5 6 7 8 9 10 11 12',
      'x 2 3 4 5 6 7 8 9 10 11 y',
      '@@ -1,4 +1,4 @@|-1|+x| 2| 3| 4|@@ -9,4 +9,4 @@| 9| 10| 11|-12|+y',
    ],
    ['what is common stays', 'a b c d', 'a c x d', '@@ -1,4 +1,4 @@| a|-b| c|+x| d'],
  ])('%s', (_what, before, after, diff) => {
    expect(diffLines(lines(before), lines(after)).join('|')).toBe(diff)
  })
})

const secret = (data: Record<string, string>, over: Partial<KubeObject> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 's',
    uid: '1',
    resourceVersion: '7',
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(data) },
  },
  data,
  ...over,
})
const encode = (text: string): string => Buffer.from(text).toString('base64')

describe('the difference of an object', () => {
  it('shows of a Secret only which values differ', () => {
    const before = secret({ old: encode('hunter2'), same: encode('abc'), gone: encode('gone') })
    const after = secret({ old: encode('hunter3') }, { stringData: { same: 'abc', made: 'new' } })
    const diff = diffObject(before, after)
    expect(diff.split('\n').filter(line => /^[-+]/.test(line))).toEqual([
      '-  gone: "***"',
      '-  old: "*** (before)"',
      '+  made: "***"',
      '+  old: "*** (after)"',
    ])
    expect(diff).not.toMatch(/hunter|aHVud/)
  })

  it('is none where only what the API server keeps differs, or the order of keys', () => {
    const one = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '1', b: '2' } }
    const other = {
      kind: 'ConfigMap',
      data: { b: '2', a: '1' },
      apiVersion: 'v1',
      metadata: {
        uid: 'u',
        generation: 3,
        resourceVersion: '9',
        name: 'c',
        annotations: { 'devloop.dev/token': 'x', 'devloop.dev/save': '3' },
      },
      status: { phase: 'x' },
    }
    expect(diffObject(one, other)).toBe('')
  })
})
