import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
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

// The build makes a chunk of what is imported when first needed; of a CommonJS package that chunk has a default export alone, and `const { pack } = await import(…)` is undefined.
test('no CommonJS package that the build takes in is imported by itself', () => {
  const root = join(import.meta.dirname, '../../src')
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file) && !file.startsWith('testing'))
    .flatMap(file => [...readFileSync(join(root, file), 'utf8').matchAll(/\bimport\('([a-z@][^']*)'\)/g)])
    .map(([, name = '']) => name)
  const bundled = [...new Set(names)].filter(
    name => !name.startsWith('node:') && dependencies[name] === undefined,
  )
  expect(bundled).not.toEqual([])
  expect(bundled.filter(name => !isModule(fileURLToPath(import.meta.resolve(name))))).toEqual([])
})

/** Whether Node takes a file for an ES module. */
function isModule(file: string): boolean {
  if (/\.[mc]js$/.test(file)) return file.endsWith('.mjs')
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const found = join(folder, 'package.json')
    if (existsSync(found)) return JSON.parse(readFileSync(found, 'utf8')).type === 'module'
  }
}
