import { expect, it } from 'vitest'
import { deploying, withImages } from '../../testing/given-sessions.js'
import {
  applied,
  applyFailed,
  type Given,
  linkedObject,
  projectOf,
  rendered,
  rollout,
} from '../../testing/states.js'
import { rowText } from './row.js'
import { saveLine } from './save-line.js'

const api = linkedObject('Deployment', 'api', { services: ['api'] })
const nats = (hash: string) => linkedObject('Deployment', 'nats', { hash })
const settings = (hash: string) => linkedObject('ConfigMap', 'settings', { hash })

const line = ({ state }: Given): string => rowText(saveLine({ state, saves: {}, now: 10_000 }))

const ran = (it: Given, key: string, generation: number, ready = true): Given =>
  it.do({ ...applied(it.state, key), generation } as ReturnType<typeof applied>, {
    type: 'observed',
    observations: rollout(key, { ready, generation }),
  })

/** A service, a broker that no service builds, and a ConfigMap, as found; the broker is about to be applied or is ready. */
function found({ broker = true } = {}): Given {
  let it = withImages(deploying(projectOf(['api']), settings('1'), api, nats('1')), 'api')
  it = it.do(applied(it.state, settings('1').key)).start()
  it = ran(it, api.key, 1)
  return broker ? ran(it, nats('1').key, 1) : it
}

/** A save of the manifests that changes the broker, or the ConfigMap. */
function saved(...objects: Parameters<typeof rendered>[1][]): Given {
  const it = found()
    .do({ type: 'files-changed', firstAt: 5000, services: {}, manifests: ['/shop/k8s/a.yaml'] })
    .start()
  return it.do(rendered(it.state, ...objects)).start()
}

it('takes what no service builds for a part of the tree as it was found', () => {
  expect(line(found({ broker: false }))).toMatch(/starting: 1 of 1 live → deployment\/nats/)
  expect(line(found())).toContain('✓ nothing saved yet; the tree as found is live')
})

it('says that a save of manifests is live once what it changed is', () => {
  const it = saved(settings('1'), api, nats('2'))
  expect(line(it)).toMatch(/save 1 \(manifests\) → deployment\/nats/)
  const failing = ran(it, nats('2').key, 2, false)
  expect(line(failing)).toMatch(/save 1 \(manifests\) → deployment\/nats/)
  expect(line(ran(it, nats('2').key, 2))).toMatch(/✓ save 1 \(manifests\) is live/)
})

it('says that a save of manifests failed where an object of no service is refused', () => {
  const it = saved(settings('2'), api, nats('1'))
  const refused = it.do(
    applyFailed(it.state, settings('2').key, {
      kind: 'apply-rejected',
      object: 'configmap/settings',
      reason: 'invalid',
      message: 'no',
      fields: [],
    }),
  )
  expect(line(refused)).toMatch(/✗ save 1 \(manifests\) failed: configmap\/settings/)
})
