import { describe, expect, it } from 'vitest'
import { type Intent, parseIntent } from './intent.js'

describe('an intent from outside', () => {
  it.each<[what: string, value: unknown, intent: Intent | undefined]>([
    ['is taken', { type: 'restart', service: 'a' }, { type: 'restart', service: 'a' }],
    [
      'is taken without what does not belong to it',
      { type: 'scale-to-zero', service: 'a', force: true },
      { type: 'scale-to-zero', service: 'a' },
    ],
    ['is of a known type', { type: 'explode', service: 'a' }, undefined],
    ['is not of a type that every object has', { type: 'toString', service: 'a' }, undefined],
    ['names a service', { type: 'pause' }, undefined],
    ['names it in text', { type: 'pause', service: ['a'] }, undefined],
    ['is an object', 'pause', undefined],
    ['is there', null, undefined],
  ])('%s', (_what, value, intent) => {
    expect(parseIntent(value)).toEqual(intent)
  })
})
