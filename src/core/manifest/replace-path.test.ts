import { expect, test } from 'vitest'
import { parseReplacePath, textsAt } from './replace-path.js'

test.each([
  ['data.IMAGE', ['data', 'IMAGE']],
  ['spec.containers[*].image', ['spec', 'containers', { every: true }, 'image']],
  ['spec.jobs[0].image', ['spec', 'jobs', 0, 'image']],
  ["metadata.annotations['example.com/image']", ['metadata', 'annotations', 'example.com/image']],
])('%s is a path', (text, steps) => {
  expect(parseReplacePath(text)).toEqual(steps)
})

test.each([
  '',
  '.spec',
  'spec..image',
  'spec.',
  'spec[',
  'spec[x]',
  'spec image',
  '[0].image',
  'spec[*]image',
])('"%s" is none', text => {
  expect(parseReplacePath(text)).toBeUndefined()
})

test('a path leads to texts alone, wherever they are', () => {
  const value = { jobs: [{ image: 'a' }, { image: 1 }, {}, { image: 'b' }] }
  expect(textsAt(value, ['jobs', { every: true }, 'image'])).toEqual([
    { path: ['jobs', 0, 'image'], text: 'a' },
    { path: ['jobs', 3, 'image'], text: 'b' },
  ])
  expect(textsAt(value, ['jobs', 'image'])).toEqual([])
})
