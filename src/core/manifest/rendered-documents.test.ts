import { expect, test } from 'vitest'
import { rangeAt } from './line-range.js'
import { parseRendered } from './rendered-documents.js'

test('each document is read by itself, and its faults are told at its own source', () => {
  const text = `# Warning: a comment
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: one
data:
  script: |
    ---
    no end
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: $TWO
--- # the third
apiVersion: v1
kind: List
items: [{ apiVersion: v1, kind: Secret, metadata: { name: three } }]
---
just: text
`
  const parsed = parseRendered({
    text,
    tool: 'helm charts/x',
    locate: ({ kind }) => rangeAt(`${kind}.yaml`, 3),
    fallback: rangeAt('Chart.yaml', 1),
  })
  expect(parsed.objects.map(({ object, source }) => [object.metadata.name, source.file])).toEqual([
    ['one', 'ConfigMap.yaml'],
    ['three', 'Secret.yaml'],
  ])
  expect(parsed.objects[0]?.object.data).toEqual({ script: '---\nno end\n' })
  expect(parsed.others).toBe(1)
  expect(parsed.diagnostics).toMatchObject([
    {
      message:
        'helm charts/x renders an object that cannot be used: metadata.name has $TWO, but variables are replaced in raw manifests only',
      range: { file: 'ConfigMap.yaml', line: 3 },
    },
  ])
})
