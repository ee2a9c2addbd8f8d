import { expect, test } from 'vitest'
import type { SyncRule } from '../project.js'
import { matchRule } from './match-rule.js'

const rule = (match: string, to: string, strip = ''): SyncRule => ({
  match,
  strip,
  to,
  after: { kind: 'nothing' },
})
const rules = [
  rule('src/**', '/app/src/', 'src'),
  rule('lib/pom.xml', '/app/'),
  rule('lib/**', '/app/'),
  rule('*.js', '/app/', 'src'),
  rule('**/*.html', '/'),
]

test.each([
  ['src/a.js', '/app/src/a.js'],
  ['src/deep/.env', '/app/src/deep/.env'],
  ['lib/x y.js', '/app/lib/x y.js'],
  ['pages/é.html', '/pages/é.html'],
  ['lib/pom.xml', '/app/lib/pom.xml'],
  ['lib/package.json', 'dependencies'],
  ['src/requirements-dev.txt', 'dependencies'],
  ['src/go.sum', 'dependencies'],
  ['src/web.csproj', 'dependencies'],
  ['src/my-package.json', '/app/src/my-package.json'],
  ['a.js', 'strip'],
  ['Makefile', 'no-rule'],
  ['src', '/app/src'],
  ['src/a\nb', 'line-break'],
])('%j goes to %s', (path, expected) => {
  const found = matchRule(rules, path)
  expect(typeof found === 'string' ? found : found.to).toBe(expected)
})
