import { expect, test } from 'vitest'
import { restartText, startText } from './divider-text.js'

test.each([
  [2, { exitCode: 137, reason: 'OOMKilled', message: '' }, 'restart 2, exit code 137 (OOMKilled)'],
  [1, { exitCode: 1, reason: 'Error', message: '' }, 'restart 1, exit code 1'],
  [1, { exitCode: 0, reason: 'Completed', message: '' }, 'restart 1, exit code 0'],
  [3, undefined, 'restart 3'],
])('restart %i after %o', (restarts, ending, text) => {
  expect(restartText(restarts, ending)).toBe(text)
})

test.each([
  [14, 'shop/tour:dev-0a1b', 'save 14: image dev-0a1b starts in tour-abc'],
  [0, 'localhost:5000/shop/tour:dev-0a1b', 'image dev-0a1b starts in tour-abc'],
  [undefined, 'localhost:5000/shop/tour', 'image localhost:5000/shop/tour starts in tour-abc'],
  [2, `shop/tour@sha256:${'ab'.repeat(32)}`, 'save 2: image sha256:abababababab starts in tour-abc'],
])('save %s, image %s', (save, image, text) => {
  expect(startText({ save, image, pod: 'tour-abc' })).toBe(text)
})
