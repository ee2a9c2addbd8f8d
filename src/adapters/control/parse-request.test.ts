import { describe, expect, it } from 'vitest'
import type { ControlRequest } from '../../ports/control-channel.js'
import { parseRequest } from './parse-request.js'

const client = { namespace: 'a', name: 'devloop-verify-0123abcd', token: 't' }

describe('a request over the socket', () => {
  it.each<[what: string, value: unknown, request: ControlRequest | undefined]>([
    ['for the status', { type: 'status', more: 1 }, { type: 'status' }],
    [
      'that gives an intent',
      { type: 'intent', intent: { type: 'pause', service: 'a', more: 1 } },
      { type: 'intent', intent: { type: 'pause', service: 'a' } },
    ],
    ['to wait', { type: 'wait', services: ['a'], more: 1 }, { type: 'wait', services: ['a'] }],
    ['to wait for what has no name', { type: 'wait', services: [1] }, undefined],
    ['to wait for nothing that is said', { type: 'wait' }, undefined],
    ['for a reason', { type: 'why', service: 'a' }, { type: 'why', service: 'a' }],
    ['for the reason of nothing', { type: 'why' }, undefined],
    ['about a path', { type: 'why-not', path: '/a' }, { type: 'why-not', path: '/a' }],
    ['about no path', { type: 'why-not', path: ['/a'] }, undefined],
    ['for a history', { type: 'history', service: 'a' }, { type: 'history', service: 'a' }],
    ['with an intent that there is not', { type: 'intent', intent: { type: 'x', service: 'a' } }, undefined],
    ['without its intent', { type: 'intent' }, undefined],
    ['of a later version', { type: 'exec' }, undefined],
    [
      'that expects a pod of verify',
      { type: 'client', step: 'expect', client: { ...client, more: 1 } },
      { type: 'client', step: 'expect', client },
    ],
    ['that holds one', { type: 'client', step: 'hold', client }, { type: 'client', step: 'hold', client }],
    [
      'that holds a pod which verify never makes',
      { type: 'client', step: 'hold', client: { ...client, name: 'mysql-0' } },
      undefined,
    ],
    ['that does something else with one', { type: 'client', step: 'make', client }, undefined],
    ['that is no JSON', undefined, undefined],
  ])('%s', (_what, value, request) => {
    expect(parseRequest(value)).toEqual(request)
  })
})
