import { expect, test } from 'vitest'
import { deploying, finishBuild, saved } from '../../testing/given-sessions.js'
import { cancels, type Given, linkedObject, projectOf } from '../../testing/states.js'
import { STALLED_LOAD, stallingLoads } from '../retry.js'

const loading = () =>
  finishBuild(
    deploying(projectOf(['a']), linkedObject('Deployment', 'a', { services: ['a'] })).start(),
    'a',
    'one',
  ).start()

const newer = (it: Given): Given => finishBuild(saved(it, 1000, 'a', 'a1').start(), 'a', 'two')

const stalled = (it: Given): Given => {
  const [load] = stallingLoads(it.state)
  if (load === undefined) throw new Error('nothing is loaded')
  const { image, run } = load
  return it.do({ type: 'load-stalled', image, run })
}

test('a load that makes no progress is ended once its service has a newer image, and not before', () => {
  let it = loading()
  const [image = ''] = Object.keys(it.state.loads)
  it = stalled(it)
  expect(cancels(it)).toEqual([])
  it = newer(it)
  expect(cancels(it)).toEqual([image])
  it = it.start()
  expect(it.state.loads[image]).toMatchObject({ superseded: true })
  expect(cancels(it)).toEqual([])
})

test('a load that goes on is left to its end', () => {
  let it = loading()
  const [image = ''] = Object.keys(it.state.loads)
  it = stalled(it)
  const { run = -1 } = it.state.loads[image] as { readonly run?: number }
  it = it.do({ type: 'load-progressed', run, image, sentBytes: 2_000_000 })
  const load = it.state.loads[image]
  const since = load?.kind === 'loading' ? load.progressedAt : undefined
  expect(stallingLoads(it.state)).toEqual([{ image, run, at: (since ?? Number.NaN) + STALLED_LOAD }])
  it = newer(it)
  expect(cancels(it)).toEqual([])
})
