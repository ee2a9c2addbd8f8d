import { expect, test } from 'vitest'
import { scaledToZero } from './scaled-to-zero.js'

const set = (spec: object) => ({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db' }, spec })
const policy = (whenScaled: string) => ({
  persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled },
})

test.each([
  ['a number of replicas', { replicas: 3, serviceName: 'db' }, { replicas: 0, serviceName: 'db' }],
  ['no number', {}, { replicas: 0 }],
  [
    'claims that would go with their pods',
    { replicas: 2, ...policy('Delete') },
    { replicas: 0, ...policy('Retain') },
  ],
  ['claims that stay anyway', policy('Retain'), { replicas: 0, ...policy('Retain') }],
])('%s', (_, spec, expected) => {
  expect(scaledToZero(set(spec)).spec).toEqual(expected)
})
