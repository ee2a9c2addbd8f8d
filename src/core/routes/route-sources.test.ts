import { expect, test } from 'vitest'
import { linkedObject } from '../../testing/states.js'
import type { LinkedObject } from '../manifest/link.js'
import { namedServices } from './route-sources.js'

function workload(name: string): LinkedObject {
  const linked = linkedObject('Deployment', name, { apiVersion: 'apps/v1' })
  const spec = { template: { metadata: { labels: { app: name } } } }
  return { ...linked, services: ['web'], object: { ...linked.object, spec } }
}

const service = (name: string): LinkedObject => {
  const linked = linkedObject('Service', name, { apiVersion: 'v1' })
  return { ...linked, object: { ...linked.object, spec: { selector: { app: name }, ports: [{ port: 80 }] } } }
}

test.each<[what: string, names: readonly string[], to: string]>([
  ['the workload of its name', ['admin', 'web', 'worker'], 'web'],
  ['else its first one', ['admin', 'worker'], 'admin'],
])('the name of a service leads to %s', (_what, names, to) => {
  const objects = names.flatMap(name => [workload(name), service(name)])
  const named = namedServices(
    objects,
    objects.map(({ object }) => ({ object })),
  )
  expect(named.get('web')).toMatchObject({ service: to, port: 80 })
})
