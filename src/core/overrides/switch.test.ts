import { expect, test } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import { refKey, refOf } from '../kube-object.js'
import { parseOverrides } from './overrides.js'
import { planSwitch, type Switch } from './switch.js'

function linked(object: KubeObject, services: readonly string[] = []) {
  const ref = refOf(object)
  return { object, ref, key: refKey(ref), services }
}

function deployment(name: string, labels: Readonly<Record<string, string>>, replicas?: number) {
  const spec = { ...(replicas === undefined ? {} : { replicas }), template: { metadata: { labels } } }
  const metadata = { name, namespace: 'shop' }
  return linked({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }, [name])
}

function service(selector: Readonly<Record<string, string>>, name = 'web') {
  return linked({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { selector },
  })
}

const blue = deployment('web-blue', { app: 'web', version: 'blue' }, 3)
const green = deployment('web-green', { app: 'web', version: 'green' }, 0)
const web = service({ app: 'web', version: 'blue' })

test.each<[string, Parameters<typeof planSwitch>[0], string, string, Partial<Switch> | string]>([
  [
    'by the value of the label',
    [blue, green, web],
    'web',
    'green',
    {
      target: green.key,
      others: [blue.key],
      selector: { app: 'web', version: 'green' },
      replicas: 3,
      lowered: [],
    },
  ],
  ['by the name of the Deployment', [blue, green, web], 'web', 'web-green', { target: green.key }],
  [
    'of the Service of a service',
    [blue, green, web],
    'web-blue',
    'green',
    { service: web.key, target: green.key },
  ],
  [
    'a Service that leads to both gets the label',
    [blue, green, service({ app: 'web' })],
    'web',
    'green',
    { selector: { app: 'web', version: 'green' } },
  ],
  ['an unknown version', [blue, green, web], 'web', 'red', 'has no version red, but blue, green'],
  [
    'an unknown Service',
    [blue, green, web],
    'nobody',
    'green',
    'has no Service in the manifests, and none is called nobody',
  ],
  [
    'one Deployment alone',
    [blue, web],
    'web',
    'green',
    'has no second Deployment that service/web could lead to',
  ],
  [
    'the Deployment of another application',
    [blue, deployment('api', { app: 'api', version: 'green' }), web],
    'web',
    'green',
    'has no second Deployment that service/web could lead to',
  ],
])('%s', (_, objects, name, version, expected) => {
  const planned = planSwitch(objects, { service: name, version }, {})
  if (typeof expected === 'string') expect(planned).toEqual({ ok: false, error: expected })
  else expect(planned).toMatchObject({ ok: true, value: expected })
})

test('on the way back the Service stays where it is until the other side is up', () => {
  const first = planSwitch([blue, green, web], { service: 'web', version: 'green' }, {})
  if (!first.ok) throw new Error(first.error)
  const done: Switch = { ...first.value, stage: 'done', lowered: [blue.key] }
  const back = planSwitch([blue, green, web], { service: 'web', version: 'blue' }, { [web.key]: done })
  expect(back).toMatchObject({
    value: { from: { app: 'web', version: 'green' }, target: blue.key, lowered: [], stage: 'raising' },
  })
})

test('what was recorded is read back, and what is not known is left out', () => {
  const known = [
    { type: 'paused', service: 'a', since: 1 },
    { type: 'scaled-to-zero', service: 'b' },
  ]
  expect(parseOverrides([...known, { type: 'new', service: 'c' }, { type: 'paused' }, 7])).toEqual(known)
  expect(parseOverrides('no list')).toEqual([])
})
