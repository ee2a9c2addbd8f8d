import { describe, expect, test } from 'vitest'
import { projectOf, serviceSpec } from '../testing/states.js'
import { selectServices } from './select-services.js'

const project = projectOf([
  serviceSpec('web', { dependsOn: ['api', 'statefulset/db'] }),
  serviceSpec('api', { requires: [{ service: 'base', arg: 'BASE' }], dependsOn: ['deployment/queue'] }),
  serviceSpec('base'),
  serviceSpec('queue', { workloads: ['deployment/queue'] }),
  serviceSpec('db'),
  serviceSpec('other'),
])
const database = {
  ref: { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace: 'shop', name: 'db' },
  services: ['db'],
}

describe('the services of a session', () => {
  test.each([
    ['all', undefined, [], ['web', 'api', 'base', 'queue', 'db', 'other']],
    ['who claims a workload that is depended on', ['api'], [], ['api', 'base', 'queue']],
    ['of another workload only once the manifests are known', ['web'], [], ['web', 'api', 'base', 'queue']],
    ['who builds the image of a workload', ['web'], [database], ['web', 'api', 'base', 'queue', 'db']],
    ['nothing of what is not there', ['missing'], [database], []],
  ])('%s', (_, only, objects, expected) => {
    expect(selectServices(project, only, objects).map(({ name }) => name)).toEqual(expected)
  })
})
