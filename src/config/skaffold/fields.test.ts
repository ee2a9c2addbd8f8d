import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { skaffoldFields } from './fields.js'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

/** Every field of Skaffold's schemas from v2beta1 to v4beta14, but those of profiles that a pipeline has, too. */
const schemaFields = read('../../testing/skaffold-fields.txt').trim().split('\n')
const known = skaffoldFields.map(({ field }) => field)
const covers = (field: string, name: string): boolean =>
  name === field || name.startsWith(`${field}.`) || name.startsWith(`${field}[]`)

describe('the table of fields', () => {
  it('has every field of the schemas', () => {
    expect(schemaFields.filter(name => !known.some(field => covers(field, name)))).toEqual([])
  })

  it('has each field once, and none within another', () => {
    const within = known.flatMap(field => known.filter(other => other !== field && covers(field, other)))
    expect(within).toEqual([])
    expect(new Set(known).size).toBe(known.length)
  })

  it('has none that Skaffold does not', () => {
    // The old name of context, which Skaffold still reads.
    const extra = ['build.artifacts[].workspace']
    const unknown = known.filter(field => !schemaFields.some(name => covers(field, name)))
    expect(unknown.filter(field => !/^(manifests|deploy)\.(helm|kustomize)\./.test(field))).toEqual(extra)
  })

  it('is that of the docs, line by line', () => {
    const rows = read('../../../docs/coming-from-skaffold.md')
      .split('\n')
      .flatMap(line => {
        const [, field, verdict, text] =
          /^\| `([^`]+)` \| (translated|partly|not) \| (.*) \|$/.exec(line) ?? []
        return field === undefined ? [] : [{ field, verdict, text }]
      })
    expect(rows).toEqual(skaffoldFields.map(({ field, verdict, text }) => ({ field, verdict, text })))
  })
})
