import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { configSchema } from '../../src/config/schema.js'
import { configExamples } from './config-examples.js'
import { configJsonSchema, generatedPages } from './generated-pages.js'
import { fieldsOf } from './schema-fields.js'

test.each(Object.entries(generatedPages()))(
  'docs/%s is what the code makes; `npm run docs` writes it',
  (name, text) => {
    expect(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')).toBe(text)
  },
)

const examples = Object.entries(configExamples).flatMap(([key, text]) =>
  parseAllDocuments(text).map(document => ({ key, value: document.toJS() as Record<string, unknown> })),
)

test.each(examples)('an example of $key is a valid config', ({ key, value }) => {
  expect(Object.keys(value)).toContain(key)
  expect(configSchema.safeParse(value).error?.issues ?? []).toEqual([])
})

test('every key is in an example', () => {
  const shown = [...new Set(examples.flatMap(({ value }) => pathsOf(value, '')))]
  const fields = fieldsOf(configJsonSchema())
  const isShown = (path: string) => {
    const pattern = new RegExp(`^${path.replaceAll('.', '\\.').replaceAll('*', '[^.]+')}$`)
    return shown.some(one => pattern.test(one))
  }
  // A key of a mapping that is listed once for several places may be shown at any of them.
  const places = (path: string) => [
    path,
    ...fields.flatMap(({ path: at, as }) =>
      as !== undefined && path.startsWith(`${as}.`) ? [`${at}${path.slice(as.length)}`] : [],
    ),
  ]
  expect(fields.map(({ path }) => path).filter(path => !places(path).some(isShown))).toEqual([])
})

/** Every path in a value, as `fieldsOf` writes them but with the names that are there. */
function pathsOf(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(item => pathsOf(item, path))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, below]) => {
    const here = path === '' ? key : `${path}.${key}`
    return [here, ...pathsOf(below, here)]
  })
}
