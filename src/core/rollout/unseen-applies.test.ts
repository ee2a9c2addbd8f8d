import { expect, test } from 'vitest'
import { deploying, withImages } from '../../testing/given-sessions.js'
import { workload } from '../../testing/rollout-fixtures.js'
import { applied, linkedObject, projectOf } from '../../testing/states.js'
import { retries } from '../retry.js'
import { unseenApplies } from './unseen-applies.js'

const KEY = 'apps/Deployment/shop/a'
const looks = (state: Parameters<typeof retries>[0]) => retries(state).filter(({ what }) => what === 'look')

const appliedNow = () => {
  const it = withImages(
    deploying(projectOf(['a']), linkedObject('Deployment', 'a', { services: ['a'] })).start(),
    'a',
  ).start()
  return it.do(applied(it.state, KEY))
}

test('what was applied and no watch has shown is looked for once', () => {
  let it = appliedNow()
  const [unseen] = unseenApplies(it.state)
  expect(unseen).toMatch(`${KEY}@`)
  expect(looks(it.state)).toMatchObject([{ id: unseen }])
  it = it.do({ type: 'retry-due', what: 'look' })
  expect(it.state.cluster).toMatchObject({ looked: unseen })
  expect(looks(it.state)).toEqual([])
})

test('what a watch has shown is not looked for', () => {
  const it = appliedNow()
  const { apply } = it.state.objects[KEY] ?? {}
  if (apply?.kind !== 'applied') throw new Error('it is not applied')
  const { uid, generation } = apply
  const seen = workload('Deployment', { key: KEY, namespace: 'shop', name: 'a', uid, generation })
  const shown = it.do({ type: 'observed', observations: [{ type: 'workload', workload: seen }] })
  expect(unseenApplies(shown.state)).toEqual([])
  expect(looks(shown.state)).toEqual([])
})
