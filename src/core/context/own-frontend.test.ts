import { expect, it } from 'vitest'
import { isBeyondFrontend, isFrontendMissing, stableFrontend, withOwnFrontend } from './own-frontend.js'

it.each([
  ['# syntax=docker/dockerfile:1\nFROM a', 'docker/dockerfile:1'],
  ['# syntax = docker/dockerfile:1.4.1\nFROM a', 'docker/dockerfile:1.4.1'],
  ['# escape=`\n#syntax=docker.io/docker/dockerfile\nFROM a', 'docker.io/docker/dockerfile'],
  ['# syntax=docker/dockerfile:1-labs\nFROM a', undefined],
  ['# syntax=acme/frontend\nFROM a', undefined],
  ['# hello\n# syntax=docker/dockerfile:1\nFROM a', undefined],
  ['FROM a', undefined],
])('the stable frontend of %j is %s', (dockerfile, frontend) => {
  expect(stableFrontend(dockerfile)).toBe(frontend)
})

it.each([
  [
    '# syntax=docker/dockerfile:1\nFROM a\n',
    '# built in, for it cannot be fetched: syntax=docker/dockerfile:1\nFROM a\n',
  ],
  [
    '# syntax=docker/dockerfile:1\r\n# escape=`\r\nFROM a',
    '# escape=`\r\n# built in, for it cannot be fetched: syntax=docker/dockerfile:1\r\nFROM a',
  ],
  [
    '\uFEFF# syntax=docker/dockerfile:1\nFROM a',
    '\uFEFF# built in, for it cannot be fetched: syntax=docker/dockerfile:1\nFROM a',
  ],
  ['FROM a', 'FROM a'],
])('%j is %j for the frontend of the engine', (dockerfile, own) => {
  expect(withOwnFrontend(dockerfile)).toBe(own)
  expect(stableFrontend(withOwnFrontend(dockerfile))).toBeUndefined()
})

const REQUEST =
  'failed to solve with frontend dockerfile.v0: failed to solve with frontend gateway.v0: failed to do request: Head "https://registry-1.docker.io/v2/docker/dockerfile/manifests/1.4": dial tcp: no such host'

it.each([
  [{ step: 'resolve image config for docker.io/docker/dockerfile:1.4', message: REQUEST }, true],
  [{ step: 'resolve image config for docker-image://docker.io/docker/dockerfile:1', message: 'x' }, true],
  [{ message: 'docker.io/docker/dockerfile:1: not found' }, true],
  [
    { message: 'failed to resolve source metadata for docker.io/docker/dockerfile:1: failed to do request' },
    true,
  ],
  [
    {
      step: '[internal] load metadata for docker.io/library/node:20',
      message: 'failed to do request: no such host',
    },
    false,
  ],
  [{ step: '[2/2] RUN make', message: 'exit code 1' }, false],
])('%j: the frontend is missing: %s', (failure, missing) => {
  expect(isFrontendMissing(failure)).toBe(missing)
})

it.each([
  ['failed to create LLB definition: dockerfile parse error line 8: unknown instruction: SET', true],
  ['Unknown flag: link'.toLowerCase(), true],
  ['failed to compute cache key: "/app" not found: not found', false],
])('%s: the frontend is too old: %s', (message, beyond) => {
  expect(isBeyondFrontend({ message })).toBe(beyond)
})
