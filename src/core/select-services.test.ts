import { describe, expect, test } from 'vitest'
import { linkedObject, projectOf, serviceSpec } from '../testing/states.js'
import type { LinkedObject } from './manifest/link.js'
import { selectServices } from './select-services.js'

const check = {
  kind: 'http',
  target: 'http://config:8888/health',
  host: 'config',
  port: 8888,
  path: '/health',
  secure: false,
  timeout: 60,
} as const
const withSpec = (linked: LinkedObject, spec: object): LinkedObject => ({
  ...linked,
  object: { ...linked.object, spec },
})
const project = projectOf([
  serviceSpec('web', { dependsOn: ['api', 'statefulset/db'] }),
  serviceSpec('api', { requires: [{ service: 'base', arg: 'BASE' }], dependsOn: ['deployment/queue'] }),
  serviceSpec('base'),
  serviceSpec('queue', { workloads: ['deployment/queue'] }),
  serviceSpec('db'),
  serviceSpec('other'),
  serviceSpec('client', { checks: [check] }),
])
const database = linkedObject('StatefulSet', 'db', { services: ['db'] })
const pods = (app: string) => ({ template: { metadata: { labels: { app } } } })
const config = [
  withSpec(linkedObject('Deployment', 'settings', { services: ['other'] }), pods('settings')),
  withSpec(linkedObject('Deployment', 'unrelated', { services: ['db'] }), pods('unrelated')),
  withSpec(linkedObject('Service', 'config', { apiVersion: 'v1' }), { selector: { app: 'settings' } }),
]

describe('the services of a session', () => {
  test.each([
    ['all', undefined, [], ['web', 'api', 'base', 'queue', 'db', 'other', 'client']],
    ['who claims a workload that is depended on', ['api'], [], ['api', 'base', 'queue']],
    ['of another workload only once the manifests are known', ['web'], [], ['web', 'api', 'base', 'queue']],
    ['who builds the image of a workload', ['web'], [database], ['web', 'api', 'base', 'queue', 'db']],
    ['who builds what answers at an endpoint', ['client'], config, ['other', 'client']],
    ['nothing of what is not there', ['missing'], [database], []],
  ])('%s', (_, only, objects, expected) => {
    expect(selectServices(project, only, objects).map(({ name }) => name)).toEqual(expected)
  })
})
