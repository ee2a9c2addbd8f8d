import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')
const { dependencies, devDependencies, scripts, files } = JSON.parse(read('package.json')) as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly scripts: Readonly<Record<string, string>>
  readonly files: readonly string[]
}

/** The packages that the sources import, tests left out. */
const imported = (): readonly string[] => {
  const root = join(import.meta.dirname, '../../src')
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    file => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file) && !file.startsWith('testing'),
  )
  const names = sources.flatMap(file =>
    [
      ...readFileSync(join(root, file), 'utf8').matchAll(
        / from '([a-z@][^']*)'$|\bimport\('([a-z@][^']*)'\)/gm,
      ),
    ].map(([, named = '', loaded = '']) => named || loaded),
  )
  return [...new Set(names)].filter(name => !name.startsWith('node:'))
}

test('each package that devloop is made of has its reason in CONTRIBUTING.md, and nothing else has one', () => {
  const [, section = ''] = read('CONTRIBUTING.md').split('\n## Dependencies\n')
  const named = [...section.matchAll(/^\| (`.+?`) \| \S.* \|$/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  )
  expect(named.toSorted()).toEqual(imported().toSorted())
  expect(Object.keys({ ...dependencies, ...devDependencies })).toEqual(expect.arrayContaining(named))
})

test('installing runs nothing', () => {
  expect(Object.keys(scripts).filter(name => /^(pre|post)?install$/.test(name))).toEqual([])
})

test('what is published is the program, its schema and its docs', () => {
  expect(files).toEqual(['bin', 'dist', 'schema.json', 'LICENSE', 'README.md', 'docs/*.md'])
})
