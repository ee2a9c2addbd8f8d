import { expect, it } from 'vitest'
import { unrequiredImageHint } from './unrequired-image.js'

const others = [
  { name: 'worker', image: 'shop/worker' },
  { name: 'blue', image: 'shop/web:blue' },
]
const failure = { step: '[internal] load metadata for docker.io/shop/worker:latest', message: 'no such host' }

it.each([
  ['another service builds it', ['node:20', 'shop/worker'], failure, 'worker'],
  [
    'another service builds it with this tag',
    ['shop/web:blue'],
    { message: 'pull access denied for shop/web' },
    'blue',
  ],
  ['it has another tag', ['shop/web:green'], { message: 'pull access denied for shop/web' }, undefined],
  ['the build failed of something else', ['shop/worker'], { message: 'exit code: 1' }, undefined],
  ['nobody here builds it', ['node:20'], { message: 'node: not found' }, undefined],
])('a base that was not found: %s', (_, baseImages, given, service) => {
  const hint = unrequiredImageHint({ output: [], ...given }, { baseImages, others })
  expect(hint === undefined ? undefined : /requires: \[\{ service: (\w+),/.exec(hint)?.[1]).toBe(service)
})
