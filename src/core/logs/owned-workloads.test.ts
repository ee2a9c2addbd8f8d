import { describe, expect, test } from 'vitest'
import { serviceSpec } from '../../testing/states.js'
import type { KubeObject } from '../kube-object.js'
import type { ServiceSpec } from '../project.js'
import { ownedWorkload } from './owned-workloads.js'

const service = (name: string, more: Partial<ServiceSpec> = {}): ServiceSpec =>
  serviceSpec(name, { image: name, ...more })

interface Given {
  readonly name: string
  readonly image: string
}

const deployment = (
  name: string,
  containers: readonly Given[],
  initContainers: readonly Given[] = [],
): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: { template: { spec: { containers, initContainers } } },
})

/** `container=service` of each container that a service builds. */
function linked(object: KubeObject, services: readonly ServiceSpec[]): readonly string[] {
  const images = ownedWorkload(object, services, '/dev.config.yaml')?.images ?? []
  return images.flatMap(({ container, service: name }) =>
    name === undefined ? [] : [`${container}=${name}`],
  )
}

describe('which service a container of an applied workload runs', () => {
  const app = (image: string) => deployment('web', [{ name: 'app', image }])
  test.each([
    {
      what: 'by the image, under a tag of devloop',
      object: app('pusan/tour:dl-1'),
      services: [service('tour', { image: 'pusan/tour' })],
      gives: ['app=tour'],
    },
    {
      what: 'by the image, whatever tag the config names',
      object: app('pusan/tour:dl-1'),
      services: [service('tour', { image: 'pusan/tour:v1' })],
      gives: ['app=tour'],
    },
    {
      what: 'by the image, behind a registry',
      object: app('registry.example.com/dev/pusan/tour:dl-1'),
      services: [service('tour', { image: 'pusan/tour' })],
      gives: ['app=tour'],
    },
    {
      what: 'not by the end of a word',
      object: app('pusan/detour:dl-1'),
      services: [service('tour')],
      gives: [],
    },
    {
      what: 'none for an image from elsewhere',
      object: app('redis:7'),
      services: [service('tour')],
      gives: [],
    },
    {
      what: 'by the name of the container, where services share the image',
      object: deployment('web', [
        { name: 'green', image: 'a/b:x' },
        { name: 'blue', image: 'a/b:y' },
      ]),
      services: [service('blue', { image: 'a/b:1' }), service('green', { image: 'a/b:2' })],
      gives: ['green=green', 'blue=blue'],
    },
    {
      what: 'by a part of the name of the workload, where services share the repository',
      object: deployment('shop-green', [{ name: 'shop', image: 'shop:dl-1' }]),
      services: [service('blue', { image: 'shop:blue' }), service('green', { image: 'shop:green' })],
      gives: ['shop=green'],
    },
    {
      what: 'by the tag of its image, where services share the repository',
      object: deployment('shop-v2', [{ name: 'shop', image: 'shop:dl-1' }]),
      services: [service('old', { image: 'shop:v1' }), service('new', { image: 'shop:v2' })],
      gives: ['shop=new'],
    },
    {
      what: 'by the name of the workload, where services share the image',
      object: deployment('green', [{ name: 'app', image: 'a/b:x' }]),
      services: [service('blue', { image: 'a/b:1' }), service('green', { image: 'a/b:2' })],
      gives: ['app=green'],
    },
    {
      what: 'by workloads: of the config',
      object: app('other/name:1'),
      services: [service('tour', { workloads: ['deployment/web'] })],
      gives: ['app=tour'],
    },
    {
      what: 'by workloads: and container:',
      object: deployment('web', [
        { name: 'proxy', image: 'envoy' },
        { name: 'app', image: 'x' },
      ]),
      services: [service('tour', { workloads: ['deployment/web'], container: 'app' })],
      gives: ['app=tour'],
    },
    {
      what: 'an init container by its image',
      object: deployment('web', [{ name: 'app', image: 'tour:1' }], [{ name: 'migrate', image: 'tour:1' }]),
      services: [service('tour')],
      gives: ['migrate=tour', 'app=tour'],
    },
  ])('$what', ({ object, services, gives }) => {
    expect([...linked(object, services)].toSorted()).toEqual([...gives].toSorted())
  })
})

test('an object that runs no pods is none', () => {
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' } }
  expect(ownedWorkload(object, [service('web')], '/dev.config.yaml')).toBeUndefined()
})
