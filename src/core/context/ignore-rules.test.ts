import { describe, expect, it } from 'vitest'
import { parseIgnoreFile } from './ignore-rules.js'

const ignored = (text: string, path: string, windows = false): boolean => {
  const rules = parseIgnoreFile(text, { file: '.dockerignore', windows })
  if (!rules.ok) throw new Error(rules.error.message)
  return rules.value.decide(path).ignored
}

describe('which paths one pattern ignores', () => {
  it.each<[pattern: string, path: string, ignored: boolean]>([
    // `**`
    ['**', 'file', true],
    ['**/', 'dir/file', true],
    ['**/**', 'dir/file', true],
    ['dir/**', 'dir/sub/file', true],
    ['dir/**', 'dir', false],
    ['**/dir', 'dir', true],
    ['**/dir', 'x/dir/file', true],
    ['**/dir2/*', 'dir/dir2/file', true],
    ['**file', 'file', true],
    ['**file', 'dir/myfile', true],
    ['**/file', 'dir/myfile', false],
    ['**/file*txt', 'a/b/file.txt', true],
    ['**/**/*.txt', 'file.txt', true],
    ['**/**/*.txt2', 'a/file.txt', false],
    ['a**/*.txt', 'a/b/c/file.txt', true],
    ['a/*.txt**', 'a/file.txt', true],
    ['**/.foo', 'bar.foo', false],
    // one level
    ['*', 'file', true],
    ['*', 'dir/file', true],
    ['a/*.txt', 'a/b/file.txt', false],
    ['a*/b', 'a/c/b', false],
    ['.*', '.env', true],
    ['.*', 'env', false],
    ['node_modules', 'packages/a/node_modules/x', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['a?b', 'a☺b', true],
    // everything that a regular expression would take for more than it is
    ['abc.def', 'abcZdef', false],
    ['a(b)c/d', 'a(b)c/d', true],
    ['a.|)$(}+{bc', 'a.|)$(}+{bc', true],
    ['dist/*+g08.whl', 'dist/x-2.4+g08.whl', true],
    ['a-b*', 'a-bc', true],
    ['a]*', 'a]b', true],
    // classes and escapes
    ['a[b-d]e', 'ace', true],
    ['a[b-d]e', 'aae', false],
    ['a[^b-d]e', 'aze', true],
    ['[a-ζ]*', 'α', true],
    ['[\\]a]', ']', true],
    ['[x\\-]', '-', true],
    ['[x\\-]', 'z', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    // cleaning
    ['docs/', 'docs/README.md', true],
    ['/docs', 'docs/README.md', true],
    ['./docs', 'docs/README.md', true],
    ['a/../docs', 'docs/x', true],
    ['  docs  ', 'docs/x', true],
    ['.', 'docs', false],
    ['Docs', 'docs', false],
    ['docs\r', 'docs', true],
    ['# docs', '# docs', false],
    [' # docs', '# docs', true],
    ['\uFEFFdocs', 'docs', true],
    ['Dockerfile', 'Dockerfile', true],
  ])('%j on %j: %s', (pattern, path, expected) => {
    expect(ignored(pattern, path)).toBe(expected)
  })
})

describe('the order of rules', () => {
  it.each<[rules: string[], path: string, ignored: boolean]>([
    [['*.go', '!a.go'], 'a.go', false],
    [['!a.go', '*.go'], 'a.go', true],
    [['docs', '!docs/README.md'], 'docs/README.md', false],
    [['docs', '!docs/README.md'], 'docs/other.md', true],
    [['docs/*', '! /docs/README.md '], 'docs/README.md', false],
    [['**', '!util/web'], 'util/web/foo', false],
    [['**', '!util/web', 'util/web/foo'], 'util/web/foo', true],
    [['*', '!src', 'src/**/*.test.ts'], 'src/a/b.test.ts', true],
    [['*', '!src', 'src/**/*.test.ts'], 'src/a/b.ts', false],
    [['*', '!**/package.json'], 'packages/a/package.json', false],
    // A `!` that had nothing to take back at the folder does not come back at its children.
    [['a/b', '!a'], 'a/b', true],
  ])('%j on %j: %s', (rules, path, expected) => {
    expect(ignored(rules.join('\n'), path)).toBe(expected)
  })

  it('names the rule that decided', () => {
    const rules = parseIgnoreFile('# all\n*\n\n!src\n', { file: '.dockerignore' })
    expect(rules.ok && rules.value.decide('src/a')).toMatchObject({
      ignored: false,
      rule: { line: 4, text: '!src' },
    })
    expect(rules.ok && rules.value.decide('lib/a')).toMatchObject({
      ignored: true,
      rule: { line: 2, text: '*' },
    })
  })

  it('takes a backslash for a separator on Windows only', () => {
    expect(ignored('docs\\a', 'docs/a', true)).toBe(true)
    expect(ignored('docs\\a', 'docs/a', false)).toBe(false)
  })
})

describe('malformed lines', () => {
  it.each(['!', '! ', '[', '[^', '[^bc', 'a[', '[]a]', '[-]', '[x-]', '[-x]', '[a-b-c]', 'a\\'])(
    '%j',
    line => {
      expect(parseIgnoreFile(`ok\n${line}`, { file: 'f' })).toMatchObject({ ok: false, error: { line: 2 } })
    },
  )
})

describe('which folders a walk may skip', () => {
  it.each<[rules: string[], folder: string, prune: boolean]>([
    [['node_modules'], 'node_modules', true],
    [['node_modules'], 'src', false],
    [['*', '!src'], 'lib', true],
    [['*', '!src'], 'src', false],
    [['*', '!src/app/main.ts'], 'src', false],
    [['*', '!src/app/main.ts'], 'src/app', false],
    [['*', '!src/app/main.ts'], 'src/lib', true],
    [['*', '!*/package.json'], 'packages', false],
    [['*', '!*/package.json'], 'packages/a', true],
    [['*', '!**/package.json'], 'packages/a/b', false],
    [['*', '![a-z]/x'], 'q', false],
  ])('%j: %j %s', (rules, folder, expected) => {
    const parsed = parseIgnoreFile(rules.join('\n'), { file: 'f' })
    expect(parsed.ok && parsed.value.canPrune(folder)).toBe(expected)
  })
})
