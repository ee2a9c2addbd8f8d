import { describe, expect, test } from 'vitest'
import { parseFieldPath } from '../ownership/field-path.js'
import { fieldPlace } from './field-place.js'

const text = `kind: ConfigMap
---
kind: Deployment
spec:
  replicaz: 1
  template:
    spec:
      containers:
        - name: web
          ports:
            - { containerPort: 80, foo: 1 }
        - name: other
          policy: x
`
const object = {
  spec: {
    replicaz: 1,
    template: {
      spec: {
        containers: [
          { name: 'web', ports: [{ containerPort: 80, foo: 1 }] },
          { name: 'other', policy: 'x' },
        ],
      },
    },
  },
}
const source = { file: '/a.yaml', line: 3, column: 1, endLine: 3, endColumn: 5 }

describe('the place of a field', () => {
  test.each([
    ['.spec.replicaz', 5],
    ['.spec.template.spec.containers[name="other"].policy', 13],
    ['.spec.template.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].foo', 11],
    ['.spec.patched', undefined],
  ])('%s', (field, line) => {
    const path = parseFieldPath(field, object) ?? []
    expect(fieldPlace({ file: '/a.yaml', text }, source, path)?.line).toBe(line)
  })

  test('nothing for an object that is not there any more', () => {
    expect(fieldPlace({ file: '/a.yaml', text }, { ...source, line: 2 }, [{ field: 'spec' }])).toBeUndefined()
  })
})
