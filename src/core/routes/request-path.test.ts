import { expect, test } from 'vitest'
import { changedPath } from './http-route-filters.js'
import { requestHost } from './request-host.js'
import { escapePath, nginxPath } from './request-path.js'
import { goDuration } from './route-fields.js'
import { safeRegex } from './safe-regex.js'

test.each([
  ['/a/b', '/a/b'],
  ['/a//b///c', '/a/b/c'],
  ['/a/./b/../c', '/a/c'],
  ['/a/..', '/'],
  ['/a/.', '/a/'],
  ['/a%2Fb', '/a/b'],
  ['/%2e%2e/x', undefined],
  ['/a%25b', '/a%b'],
  ['/a%3Fb', '/a?b'],
  ['/%EC%84%9C', '/서'],
  ['/..', undefined],
  ['/%', undefined],
  ['/%00', undefined],
  ['x', undefined],
])('nginx reads %s as %s', (raw, path) => {
  expect(nginxPath(raw)).toBe(path)
})

test('a path that was made anew is escaped', () => {
  expect(escapePath('/a b?c#d%e/서')).toBe('/a%20b%3Fc%23d%25e/%EC%84%9C')
})

test.each([
  ['A.com', { name: 'a.com', port: undefined }],
  ['a.com.:80', { name: 'a.com', port: 80 }],
  ['[::1]:8080', { name: '[::1]', port: 8080 }],
  ['a.com:99999', undefined],
  ['a/b', undefined],
  ['', undefined],
])('the host %j', (header, host) => {
  expect(requestHost(header)).toEqual(host)
})

test.each([
  ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz/', '/xyz/bar'],
  ['/foo', '/foo', '/xyz', '/xyz'],
  ['/foo', '/foo', '', '/'],
  ['/foo', '/foo', '/', '/'],
  ['/foo/', '/foo', '/xyz', '/xyz/'],
  ['/foo/bar', '/foo', '', '/bar'],
])('%s of %s to %s is %s', (path, prefix, value, expected) => {
  expect(changedPath(path, prefix, { type: 'ReplacePrefixMatch', value })).toBe(expected)
})

test.each([
  ['/?(.*)', true],
  ['/api(/|$)(.*)', true],
  ['(?i)/abc', true],
  ['/[[:alpha:]]+/x\\z', true],
  ['/(?:[^/]+/)*x', true],
  ['/(a|b)+', true],
  ['/(a+)+$', false],
  ['/(.*)*', false],
  ['/((a|b+))*x', false],
  ['/(.+/)*x', false],
  ['/a++', false],
  ['/(?>a)', false],
  ['/a(', false],
])('%s can be used: %s', (source, usable) => {
  expect(safeRegex(source, { anchored: 'start', ignoreCase: true }).ok).toBe(usable)
})

test.each([
  ['30s', 30_000],
  ['1h2m3s4ms', 3_723_004],
  ['0s', 0],
  ['x', undefined],
  // More than a timer takes.
  ['8760h', 2_147_483_647],
])('the duration %s', (text, milliseconds) => {
  expect(goDuration(text)).toBe(milliseconds)
})
