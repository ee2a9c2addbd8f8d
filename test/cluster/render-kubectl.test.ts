import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { parseManifests } from '../../src/core/manifest/parse-manifests.js'
import { printObjects } from '../../src/core/manifest/print.js'

/** What kubectl makes of a text; it asks the cluster for the kinds only. */
function kubectlReads(text: string): unknown {
  const argv = ['create', '--dry-run=client', '--validate=false', '-n', 'x', '-o', 'json', '-f', '-']
  const { data } = JSON.parse(execFileSync('kubectl', argv, { input: text, encoding: 'utf8' }))
  return data
}

const SCALARS = [
  'y',
  'Yes',
  'on',
  'N',
  'tRue',
  '0644',
  '0o644',
  '-0o17',
  '0b101',
  '-0x1F',
  '0x_1F',
  '1_000',
  '+12',
  '08',
  '12:30',
  '2001-01-01',
  '1e3',
  '1.',
  '.5',
  '1.10',
  '.e3',
  '1e400',
  '=',
  '~',
  'Null',
  '',
  '!!str 12',
  '!!binary aGVsbG8=',
  '"0644"',
]
const STRINGS = [
  'y',
  'N',
  'on',
  '0644',
  '0o17',
  '08',
  '1_000',
  '12:30',
  '1e3',
  '.5',
  '~',
  '',
  '<<',
  '=',
  '- a',
  'a: b',
  '# c',
  '"',
  "'",
  ' lead',
  'trail ',
  'two\nlines\n',
  'no end\nhere',
  '\n\nlead\n',
  'tab\there',
  '*a',
  '&a',
  '{}',
  '---',
  `${'long '.repeat(60)}x`,
  '서울',
  '\u0007',
  '\u2028x',
  'x\u0085y',
  'x\u2028\ny\n',
  'a\r\nb',
  '\uFEFFx',
]

const keyed = (values: readonly string[]): readonly (readonly [string, string])[] =>
  values.map((value, at) => [`k${at}`, value])

describe('manifests and kubectl', () => {
  it('scalars mean the same to both', () => {
    // A ConfigMap would have its numbers refused before kubectl is asked; `x` is in no list of strings.
    const lines = keyed(SCALARS).map(([key, value]) => `  ${key}: ${value}\n`)
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n${lines.join('')}`
    const parsed = parseManifests({
      file: 'x',
      text: text.replace('ConfigMap', 'Thing'),
      variables: undefined,
    })
    expect(parsed.diagnostics).toEqual([])
    expect(parsed.objects[0]?.object.data).toEqual(kubectlReads(text))
  })

  it('printed YAML reads back as the same strings', () => {
    const data = Object.fromEntries([
      ...keyed(STRINGS),
      ...STRINGS.filter(text => text !== '' && !text.includes('\n') && text.length < 128).map(text => [
        text,
        'key',
      ]),
    ])
    const text = printObjects(
      [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data }],
      'yaml',
    )
    expect(kubectlReads(text)).toEqual(data)
  })
})
