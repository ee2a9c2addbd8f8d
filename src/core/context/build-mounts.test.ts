import { expect, it } from 'vitest'
import { buildMounts, missingMountHint } from './build-mounts.js'

it.each([
  [
    'FROM a\nRUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=cache,target=/c npm ci',
    ['npmrc'],
    false,
  ],
  [
    'FROM a\nRUN --mount=type=secret,target=/run/token x\nRUN --mount=type=secret,id=token y',
    ['token'],
    false,
  ],
  [
    'FROM a\nRUN --mount=id=a,type=secret,required x\nONBUILD RUN --mount=type=secret,id=b y',
    ['a', 'b'],
    false,
  ],
  ['FROM a\nRUN --mount=type=ssh git clone x', [], true],
  ['FROM a\nRUN --mount=type=bind,source=secret x', [], false],
])('%j mounts the secrets %j, and the agent: %s', (dockerfile, secrets, ssh) => {
  expect(buildMounts(dockerfile)).toEqual({ secrets, ssh })
})

it.each([
  ['[deps 7/7] RUN --mount=type=secret,id=a --mount=type=secret,id=b npm ci', ['a'], '{ id: b, file: … }'],
  ['[2/2] RUN --mount=type=ssh git clone x', [], 'SSH agent'],
  ['[2/2] RUN --mount=type=secret,id=a npm ci', ['a'], undefined],
  ['[2/2] RUN npm ci', [], undefined],
  [undefined, [], undefined],
])('a failure at %j with the secrets %j: %s', (step, given, said) => {
  const hint = missingMountHint(
    { service: 'web', ...(step === undefined ? {} : { step }) },
    given.map(id => ({ id, env: 'X' })),
  )
  if (said === undefined) expect(hint).toBeUndefined()
  else expect(hint).toContain(said)
})
