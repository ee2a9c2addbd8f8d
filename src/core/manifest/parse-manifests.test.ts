import { describe, expect, it } from 'vitest'
import { valueAt } from './fields.js'
import { parseManifests } from './parse-manifests.js'

const parse = (text: string, variables?: Record<string, string>) =>
  parseManifests({ file: 'a.yaml', text, variables })

const configMap = (data: string): string =>
  `apiVersion: example.dev/v1\nkind: Thing\nmetadata: { name: x }\nspec:\n  a: ${data}\n`

const specA = (data: string, variables?: Record<string, string>): unknown => {
  const parsed = parse(configMap(data), variables)
  expect(parsed.diagnostics).toEqual([])
  return valueAt(parsed.objects[0]?.object, ['spec', 'a'])
}

describe('plain scalars as kubectl reads them', () => {
  // Recorded from `kubectl create --dry-run=client -o json`, 1.32.
  it.each<[string, unknown]>([
    ['y', true],
    ['Yes', true],
    ['on', true],
    ['N', false],
    ['tRue', 'tRue'],
    ['0644', 420],
    ['0o644', 420],
    ['-0o17', -15],
    ['0b101', 5],
    ['-0x1F', -31],
    ['0x_1F', 31],
    ['0777_7', 4095],
    ['1_000', 1000],
    ['+12', 12],
    ['08', 8],
    ['12:30', '12:30'],
    ['2001-01-01', '2001-01-01'],
    ['1e3', 1000],
    ['1.', 1],
    ['.5', 0.5],
    ['-.5e-3', -0.0005],
    ['1.10', 1.1],
    ['1_0.5', 10.5],
    ['.e3', '.e3'],
    ['1e400', '1e400'],
    ['0o', '0o'],
    ['-0', 0],
    ['=', '='],
    ['~', null],
    ['', null],
    ['9223372036854775807', 9223372036854775807n],
    ['18446744073709551615', 18446744073709552000],
    ['"12"', '12'],
    ['!!str 12', '12'],
    ['!foo bar', 'bar'],
    ['!!binary aGVsbG8=', 'hello'],
  ])('%s', (text, expected) => {
    expect(specA(text)).toEqual(expected)
  })

  it('takes keys by the same rules', () => {
    expect(specA('{ on: 1, 8080: 2, 1.10: 3 }')).toEqual({ true: 1, '8080': 2, '1.1': 3 })
  })
})

describe('variables', () => {
  const variables = { N: '3', NAME: 'tours', TEXT: 'a: "b"\n# c', EMPTY: '' }
  it.each<[string, unknown]>([
    ['$N', 3],
    ['"$N"', '3'],
    [`'\${N}'`, '3'],
    [`{ b: \${N} }`, { b: 3 }],
    [`[\${N}, $N]`, [3, 3]],
    ['$NAME$N', 'tours3'],
    [`\${NAME}-$N.x`, 'tours-3.x'],
    ['$TEXT', 'a: "b"\n# c'],
    ['"x $TEXT"', 'x a: "b"\n# c'],
    ['$EMPTY', null],
    [`{ $NAME: 1 }`, { tours: 1 }],
    ['$(NAME)', '$(NAME)'],
    ['$host', '$host'],
    ['/$2', '/$2'],
    ['$$NAME', '$$NAME'],
    ['$NAMES', '$NAMES'],
    [`"(?i)(jpg|ocx)$)$"`, '(?i)(jpg|ocx)$)$'],
    [`|\n    x $NAME\n    $$ \${UNKNOWN}\n`, `x tours\n$$ \${UNKNOWN}\n`],
  ])('%s', (text, expected) => {
    expect(specA(text, variables)).toEqual(expected)
  })

  it('replaces nothing where substitution is off', () => {
    expect(specA('$N')).toBe('$N')
  })

  it('names an undeclared one where only a mistake can have put it', () => {
    const text = `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: $TARGET_NAMESPCE\nspec:\n  containers:\n    - name: a\n      image: \${REG}/a\n`
    const found = parse(text, { TARGET_NAMESPACE: 'x' }).diagnostics
    expect(found.map(({ message, range, suggestion }) => [message, range?.line, suggestion])).toEqual([
      [
        'metadata.namespace has $TARGET_NAMESPCE, but no variable of that name is declared',
        5,
        'did you mean $TARGET_NAMESPACE?',
      ],
      [
        'spec.containers[0].image has $REG, but no variable of that name is declared',
        9,
        'declare REG under variables',
      ],
    ])
    expect(found[0]?.frame).toContain('namespace: $TARGET_NAMESPCE')
    expect(parse(text).diagnostics[0]?.suggestion).toBe('set substitute: true for it')
  })
})

describe('documents', () => {
  const named = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`
  const names = (text: string): readonly unknown[] =>
    parse(text).objects.map(({ object, source }) => [object.metadata.name, source.line])

  it.each<[string, string, readonly unknown[]]>([
    [
      'several',
      `# first\n---\n${named('a')}---\n# none\n---\n${named('b')}`,
      [
        ['a', 3],
        ['b', 10],
      ],
    ],
    [
      'CRLF and BOM',
      `\uFEFF${named('a')}---\n${named('b')}`.replaceAll('\n', '\r\n'),
      [
        ['a', 1],
        ['b', 6],
      ],
    ],
    [
      'a list',
      `apiVersion: v1\nkind: List\nitems:\n- ${named('a').trim().replaceAll('\n', '\n  ')}\n`,
      [['a', 4]],
    ],
    [
      'a kind that only sounds like a list',
      'apiVersion: x/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [1]\n',
      [['a', 1]],
    ],
    [
      'JSON with tabs',
      '{\n\t"apiVersion": "v1",\n\t"kind": "ConfigMap",\n\t"metadata": {\n\t\t"name": "a"\n\t}\n}\n',
      [['a', 1]],
    ],
    ['comments only', '# nothing\n', []],
  ])('%s', (_, text, expected) => {
    expect(parse(text).diagnostics).toEqual([])
    expect(names(text)).toEqual(expected)
  })

  it('resolves anchors and merge keys, own keys first', () => {
    expect(specA('{ base: &b { x: 1, y1: 2 }, use: { y1: 3, <<: *b }, again: *b }')).toEqual({
      base: { x: 1, y1: 2 },
      use: { x: 1, y1: 3 },
      again: { x: 1, y1: 2 },
    })
  })

  it('counts what is no object', () => {
    expect(parse('a: 1\n---\nkind: values\n---\n- 1\n')).toEqual({ objects: [], diagnostics: [], others: 1 })
    expect(parse(`a: 1\n---\n${named('a')}`).others).toBe(1)
    expect(parse('# {{ no YAML\n{{ at all }}').others).toBe(1)
  })

  it.each<[string, string, string, number]>([
    ['a double key', configMap('{ b: 1, b: 2 }'), 'key "b" is given twice', 5],
    ['no kind', 'apiVersion: v1\nmetadata: { name: a }\n', 'this object has no kind', 1],
    ['no name', 'apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {}\n', 'this Pod has no metadata.name', 4],
    [
      'generateName',
      'apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: a-\n',
      'generateName makes a new object at each apply, so it cannot be kept up to date',
      4,
    ],
    [
      'a label that is a number',
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    v: 1.0\n',
      'metadata.labels.v must be a string, not the number 1',
      6,
    ],
    ['infinity', configMap('.inf'), '.inf is no number that JSON can hold', 5],
    ['an alias within itself', configMap('&x [*x]'), 'alias *x stands inside what it refers to', 5],
    [
      'a selector that misses its pods',
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a }\nspec:\n  selector:\n    matchLabels:\n      app: b\n  template:\n    metadata: { labels: { app: a } }\n',
      'the selector wants app: b, but the pods of this Deployment have app: a',
      7,
    ],
  ])('%s is an error', (_, text, message, line) => {
    expect(parse(text).diagnostics.map(found => [found.message, found.range?.line])).toEqual([
      [message, line],
    ])
  })

  it('reports the faults of all documents', () => {
    const parsed = parse(`apiVersion: [\n---\n${configMap('{ b: 1, b: 2 }')}---\n${configMap('1')}`)
    expect(parsed.diagnostics.map(({ range }) => range?.line).at(-1)).toBe(7)
    expect(parsed.diagnostics.length).toBeGreaterThan(1)
  })

  it('refuses aliases that make a document huge', () => {
    const levels = Array.from(
      { length: 9 },
      (_, at) => `  a${at + 1}: &a${at + 1} [${`*a${at}, `.repeat(10)}]\n`,
    )
    const parsed = parse(
      `apiVersion: v1\nkind: X\nmetadata: {name: x}\nspec:\n  a0: &a0 lol\n${levels.join('')}`,
    )
    expect(parsed.diagnostics.map(({ message }) => message)).toEqual([
      'aliases make this document larger than 1000000 values',
    ])
  })
})

describe('a template among the manifests', () => {
  it.each([
    ['apiVersion: {{ .Values.api }}\nkind: ConfigMap\nmetadata: { name: x }\n', true],
    [
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  {{- if .Values.y }}\n  namespace: y\n  {{- end }}\n',
      true,
    ],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x\n', false],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x\n---\na: "{{ b }}"\n', false],
  ])('is told what it is: %j %s', (text, told) => {
    const [first, ...others] = parse(text).diagnostics
    expect(first?.severity).toBe('error')
    expect(first?.suggestion?.includes('looks like a template') ?? false).toBe(told)
    expect(others.filter(({ suggestion }) => suggestion !== undefined)).toEqual([])
  })
})
