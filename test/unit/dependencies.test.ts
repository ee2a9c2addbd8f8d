import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')
const { dependencies, scripts, files } = JSON.parse(read('package.json')) as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly scripts: Readonly<Record<string, string>>
  readonly files: readonly string[]
}

test('each dependency has its reason in CONTRIBUTING.md, and nothing else has one', () => {
  const [, section = ''] = read('CONTRIBUTING.md').split('\n## Dependencies\n')
  const named = [...section.matchAll(/^\| (`.+?`) \| \S.* \|$/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  )
  expect(named.toSorted()).toEqual(Object.keys(dependencies).toSorted())
})

test('installing runs nothing', () => {
  expect(Object.keys(scripts).filter(name => /^(pre|post)?install$/.test(name))).toEqual([])
})

test('what is published is the program, its schema and its docs', () => {
  expect(files).toEqual(['bin', 'dist', 'schema.json', 'LICENSE', 'README.md', 'docs/*.md'])
})
