import { expect, test } from 'vitest'
import { linkedObject, serviceSpec } from '../../testing/states.js'
import type { LinkedObject } from './link.js'
import { selectObjects } from './select-objects.js'

const inRelease = (object: LinkedObject, release: string, phase?: 'pre' | 'post'): LinkedObject => ({
  ...object,
  release,
  ...(phase === undefined ? {} : { hook: { phase, weight: 0 } }),
})
const job = (name: string, configMap: string): LinkedObject => {
  const object = linkedObject('Job', name, { apiVersion: 'batch/v1' })
  const envFrom = [{ configMapRef: { name: configMap } }]
  const spec = { template: { spec: { containers: [{ name: 'c', image: 'x', envFrom }] } } }
  return { ...object, object: { ...object.object, spec } }
}

test('a service of a chart comes with the hooks of its release and what these reference, and with nothing of another', () => {
  const objects = [
    inRelease(linkedObject('Deployment', 'web', { services: ['web'] }), '/shop'),
    inRelease(linkedObject('Deployment', 'other'), '/shop'),
    inRelease(job('migrate', 'migrations'), '/shop', 'pre'),
    inRelease(job('seed', 'seeds'), '/db', 'pre'),
    linkedObject('ConfigMap', 'migrations'),
    linkedObject('ConfigMap', 'seeds'),
  ]
  const chosen = selectObjects(objects, [serviceSpec('web')])
  expect(chosen.map(({ ref }) => ref.name)).toEqual(['web', 'migrate', 'migrations'])
})
