import { expect, test } from 'vitest'
import { refusalOf } from './api-status.js'

const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' }
const prefix = 'failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): '

test.each([
  ['one field', `${prefix}.spec.replicaz: field not declared in schema`, ['.spec.replicaz']],
  [
    'several, with keys of lists',
    `${prefix}errors:\n  .spec.a[port=80,protocol="TCP"].foo: field not declared in schema\n  .spec.b: field not declared in schema`,
    ['.spec.a[port=80,protocol="TCP"].foo', '.spec.b'],
  ],
])('the API server names %s', (_, message, fields) => {
  const body = JSON.stringify({ kind: 'Status', message, code: 500 })
  expect(refusalOf({ ref, status: 500, body })).toMatchObject({ reason: 'unknown-field', fields })
})
