import { expect, it } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { parseManifests } from './parse-manifests.js'
import { printObjects } from './print.js'

const strings = [
  'y',
  'N',
  'on',
  'Yes',
  '0644',
  '0o17',
  '08',
  '1_000',
  '12:30',
  '1e3',
  '.5',
  '+.inf',
  '~',
  '',
  '<<',
  '=',
  '2001-01-01',
  '- a',
  'a: b',
  '# c',
  "it's",
  '"',
  ' lead',
  'trail ',
  'two\nlines\n',
  'no end\nhere',
  '\n\nlead\n',
  'tab\there',
  '\u0007',
  '*a',
  '&a',
  '!x',
  '%d',
  '@x',
  '`',
  '{}',
  '[]',
  '$X',
  `${'long '.repeat(60)}x`,
  'null',
  '0x1F',
  '---',
  '\uFEFFx',
  '\u0085x',
  'x\u2028y\n',
  'a\r\nb',
  '서울',
]
const object: KubeObject = {
  apiVersion: 'x.dev/v1',
  kind: 'Thing',
  metadata: { name: 'a' },
  spec: {
    strings,
    keys: Object.fromEntries(strings.map((text, at) => [text || 'empty', at])),
    numbers: [1, 1.5, 1e21, -3, 9223372036854775807n],
    none: null,
    flags: [true, false],
    shared: [strings, strings],
    empty: [{}, []],
  },
}

it.each(['yaml', 'json'] as const)('%s reads back as the same objects', format => {
  const parsed = parseManifests({
    file: 'out',
    text: printObjects([object, { ...object, metadata: { name: 'b' } }], format),
    variables: undefined,
  })
  expect(parsed.diagnostics).toEqual([])
  expect(parsed.objects.map(({ object: read }) => read)).toEqual([
    object,
    { ...object, metadata: { name: 'b' } },
  ])
})
