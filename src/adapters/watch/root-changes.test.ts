import { describe, expect, test } from 'vitest'
import { stepsTo } from './root-changes.js'

describe('the folders that lead to the roots', () => {
  test.each<readonly [string, readonly string[], Readonly<Record<string, readonly string[]>>]>([
    ['one root: its own folder', ['/shop/k8s'], { '/shop': ['k8s'] }],
    ['roots beside each other', ['/shop/a', '/shop/b'], { '/shop': ['a', 'b'] }],
    [
      'roots at different depths, up to what they have in common',
      ['/shop/services/a', '/shop/k8s'],
      { '/shop': ['services', 'k8s'], '/shop/services': ['a'] },
    ],
    [
      'a root outside of the project',
      ['/shop/a', '/lib/x'],
      { '/': ['shop', 'lib'], '/shop': ['a'], '/lib': ['x'] },
    ],
    ['a root within another', ['/shop/a', '/shop/a/b'], { '/shop': ['a'], '/shop/a': ['b'] }],
  ])('%s', (_, roots, expected) => {
    const steps = Object.fromEntries([...stepsTo(roots)].map(([folder, names]) => [folder, [...names]]))
    expect(steps).toEqual(expected)
  })
})
