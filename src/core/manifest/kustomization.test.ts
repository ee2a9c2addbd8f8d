import { expect, test } from 'vitest'
import { readKustomization } from './kustomization.js'

test('every path that Kustomize reads, with what is written into the file itself left aside', () => {
  const text = `kind: Component
resources:
  - d.yaml
  - ../base
  - |-
    apiVersion: v1
    kind: ConfigMap
bases: [old]
components: [c]
patches:
  - path: p.yaml
  - patch: |-
      - { op: replace, path: /spec/x, value: 1 }
patchesStrategicMerge: [s.yaml]
patchesJson6902: [{ path: j.json }]
replacements: [{ path: r.yaml }]
transformers: [t.yaml, '{ kind: X }']
crds: [crd.json]
openapi: { path: o.json }
configMapGenerator:
  - { name: app, files: [a.ini, key=dir/b.ini], envs: [c.env] }
secretGenerator:
  - { name: token, env: d.env, literals: [a=b] }
images:
  - { name: web, newTag: 1.10 }
  - { newTag: nameless }
`
  const { isComponent, paths, inline, generated, renames } = readKustomization({ file: 'k.yaml', text })
  expect(isComponent).toBe(true)
  expect(paths.map(({ path, role, range }) => `${range.line} ${role} ${path}`).sort()).toEqual(
    [
      '3 resource d.yaml',
      '4 resource ../base',
      '8 resource old',
      '9 component c',
      '11 patch p.yaml',
      '14 patch s.yaml',
      '15 patch j.json',
      '16 config r.yaml',
      '17 config t.yaml',
      '18 config crd.json',
      '19 config o.json',
      '21 data a.ini',
      '21 data dir/b.ini',
      '21 data c.env',
      '23 data d.env',
    ].sort(),
  )
  expect(inline).toHaveLength(3)
  expect(generated.map(({ kind, name, range }) => [kind, name, range.line])).toEqual([
    ['ConfigMap', 'app', 21],
    ['Secret', 'token', 23],
  ])
  expect(renames).toEqual([{ name: 'web', newTag: '1.10' }])
})

test.each([
  ['nothing', '', 0],
  ['a list', '- a\n', 0],
  ['YAML that is none', 'resources: [a\n', 1],
])('%s has no paths', (_name, text, faults) => {
  const read = readKustomization({ file: 'k.yaml', text })
  expect(read.faults.length > 0).toBe(faults > 0)
})
