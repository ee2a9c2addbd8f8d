import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { jsonSchemaText } from './json-schema.js'
import { knownKeys } from './known-keys.js'
import { isLaterKey } from './later-keys.js'

test('schema.json is the one that the schema makes; `npm run schema` writes it', () => {
  expect(readFileSync(new URL('../../schema.json', import.meta.url), 'utf8')).toBe(jsonSchemaText())
})

test('every key has a description', () => {
  const undescribed: string[] = []
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, child] of Object.entries(value)) {
      if (key === 'properties')
        for (const [name, property] of Object.entries(
          child as Readonly<Record<string, { description?: string }>>,
        ))
          if (property.description === undefined) undescribed.push(`${path}/${name}`)
      walk(child, `${path}/${key}`)
    }
  }
  walk(JSON.parse(jsonSchemaText()), '')
  expect(undescribed).toEqual([])
})

test.each([[[]], [['services', 'x']], [['cluster']], [['manifests']], [['manifests', 0]]])(
  'no key at %j is both known and for later',
  path => {
    expect(knownKeys(path).length).toBeGreaterThan(0)
    expect(knownKeys(path).filter(key => isLaterKey(path, key))).toEqual([])
  },
)
