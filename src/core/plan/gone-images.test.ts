import { describe, expect, it } from 'vitest'
import { deploying, finishBuild, withImages } from '../../testing/given-sessions.js'
import { broken } from '../../testing/rollout-fixtures.js'
import { applied, type Given, linkedObject, loaded, projectOf, rolledOut } from '../../testing/states.js'
import { announceEvent } from '../announce.js'
import { onNodes } from '../desired.js'
import type { Event } from '../event.js'
import { plan } from '../plan.js'
import type { Problem } from '../problem.js'

describe('an image that is gone', () => {
  const a = linkedObject('Deployment', 'a', { services: ['a'] })
  const image = 'shop/a:dev-a'
  const live = () => {
    const it = withImages(deploying(projectOf(['a']), a), 'a').start()
    return it.do(applied(it.state, a.key), rolledOut(a.key))
  }
  const misses = (name: string, reason: string, what = image): Event => ({
    type: 'observed',
    observations: [
      { type: 'pod', pod: broken(name, { image: what, state: { kind: 'waiting', reason, message: '' } }) },
    ],
  })
  const notices = (before: Given, after: Given, event: Event) =>
    announceEvent(before.state, after.state, { ...event, at: 0 }).flatMap(one =>
      one.type === 'notice' ? [one.message] : [],
    )

  it('from a node is loaded again once for each pod that misses it', () => {
    const before = live()
    const event = misses('p', 'ErrImagePull')
    const missed = before.do(event)
    expect(missed.planned()).toEqual([`load ${image}`])
    expect(notices(before, missed, event)).toEqual([
      `${image} was on the nodes, and a pod does not find it there: it is loaded again`,
    ])
    const loading = missed.start()
    expect(onNodes(loading.state, image)).toBe(true)
    const again = loading.do(loaded(loading.state, image))
    expect(again.planned()).toEqual([])
    expect(again.do(misses('p', 'ImagePullBackOff')).planned()).toEqual([])
    expect(again.do(misses('q', 'ImagePullBackOff')).planned()).toEqual([`load ${image}`])
  })

  it('is looked for on the nodes, however new it is', () => {
    expect(plan(live().do(misses('p', 'ErrImagePull')).state).start).toMatchObject([
      { type: 'load', image, isNew: false },
    ])
  })

  it.each([
    ['another image', misses('p', 'ErrImagePull', 'shop/other:1')],
    ['one whose name is wrong', misses('p', 'InvalidImageName')],
    ['one that is being pulled', misses('p', 'ContainerCreating')],
  ])('is not %s', (_, event) => {
    expect(live().do(event).planned()).toEqual([])
  })

  const lost: Problem = { kind: 'image-load-failed', image, method: 'none', message: 'no', absent: true }
  const failing = (it: Given, problem: Problem): Event => {
    const load = it.state.loads[image]
    return { type: 'load-failed', run: load?.kind === 'loading' ? load.run : -1, image, problem }
  }

  it('from the local engine is built again of the same files', () => {
    const it = live().do(misses('p', 'ErrImagePull')).start()
    const event = failing(it, lost)
    const gone = it.do(event)
    expect(gone.planned()).toEqual(['build a 0'])
    expect(notices(it, gone, event)).toEqual([
      `${image} is not in the local Docker any more: it is built again`,
    ])
    const rebuilt = finishBuild(gone.start(), 'a', 'a')
    expect(rebuilt.planned()).toEqual([`load ${image}`])
    const loading = rebuilt.start()
    expect(loading.do(loaded(loading.state, image)).planned()).toEqual([])
  })

  it('stays failed where the load fails for something else', () => {
    const it = live().do(misses('p', 'ErrImagePull')).start()
    const { absent: _, ...other } = lost
    expect(it.do(failing(it, other)).planned()).toEqual([])
  })
})
