import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { jsonSchemaText } from './json-schema.js'

test('schema.json is the one that the schema makes; `npm run schema` writes it', () => {
  expect(readFileSync(new URL('../../schema.json', import.meta.url), 'utf8')).toBe(jsonSchemaText())
})

interface Described {
  readonly description?: string
  readonly $ref?: string
}

test('every key has a description', () => {
  const schema = JSON.parse(jsonSchemaText()) as { readonly definitions: Readonly<Record<string, Described>> }
  const described = ({ description, $ref }: Described): string | undefined => {
    const target = $ref === undefined ? undefined : schema.definitions[$ref.replace('#/definitions/', '')]
    return description ?? (target === undefined ? undefined : described(target))
  }
  const undescribed: string[] = []
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, child] of Object.entries(value)) {
      if (key === 'properties')
        for (const [name, property] of Object.entries(child as Readonly<Record<string, Described>>))
          if (described(property) === undefined) undescribed.push(`${path}/${name}`)
      walk(child, `${path}/${key}`)
    }
  }
  walk(schema, '')
  expect(undescribed).toEqual([])
})
