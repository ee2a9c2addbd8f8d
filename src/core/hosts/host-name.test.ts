import { expect, test } from 'vitest'
import { canonicalAddress, hostNameKind } from './host-name.js'

test.each([
  ['tour.xyz', 'plain'],
  ['a', 'plain'],
  ['1and1.com', 'plain'],
  ['xn--2i4bq6h.kr', 'plain'],
  [`${'a'.repeat(63)}.com`, 'plain'],
  ['*.tour.xyz', 'wildcard'],
  ['localhost', 'local'],
  ['tour.localhost', 'local'],
  ['*.localhost', 'local'],
  ['', 'invalid'],
  ['*', 'invalid'],
  ['a.*.com', 'invalid'],
  ['tour.xyz.', 'invalid'],
  ['-a.com', 'invalid'],
  ['a_b.com', 'invalid'],
  ['A.com', 'invalid'],
  [`${'a'.repeat(64)}.com`, 'invalid'],
  [Array(64).fill('abc').join('.'), 'invalid'],
  ['10.0.0.1', 'invalid'],
  ['a.1', 'invalid'],
  ['a.0x1f', 'invalid'],
  ['a\n10.0.0.1 b', 'invalid'],
  ['a b', 'invalid'],
  ['a#b', 'invalid'],
  ['tour.xyz\n', 'invalid'],
])('%j is %s', (name, kind) => {
  expect(hostNameKind(name)).toBe(kind)
})

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['FE80::A', 'fe80::a'],
  ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ['256.0.0.1', undefined],
  ['010.0.0.1', undefined],
  ['1.2.3', undefined],
  [':', undefined],
  ['a.com', undefined],
  ['', undefined],
  ['::1 a', undefined],
])('the address %j is %s', (text, address) => {
  expect(canonicalAddress(text)).toBe(address)
})
