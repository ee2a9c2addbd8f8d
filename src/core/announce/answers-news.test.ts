import { expect, test } from 'vitest'
import { container, pod, workload } from '../../testing/rollout-fixtures.js'
import type { State } from '../state.js'
import { answersNews } from './answers-news.js'

const key = 'apps/Deployment/shop/tour'

function stateOf({
  save,
  answers = true,
  liveSave = undefined,
  built = save,
  manifests = 0,
  image = 'tour:new',
}: {
  readonly save: number
  readonly answers?: boolean
  readonly liveSave?: number | undefined
  /** Saves of the image that was built last, and of the manifests. */
  readonly built?: number
  readonly manifests?: number
  /** That the pod runs. */
  readonly image?: string
}): State {
  const owner = { kind: 'ReplicaSet', name: 'tour-2', uid: 'set' }
  const containers = [container({ name: 'app', image })]
  const one = pod('tour-2-xyz', { uid: 'one', owner, ready: false, answers, containers })
  const other = pod('other', { uid: 'other', answers: true })
  return {
    services: {
      tour: {
        ledger: { save, savedAt: 1000, liveSave },
        deployable: { podReference: 'tour:new', save: built },
      },
    },
    render: { save: manifests },
    objects: {
      [key]: {
        linked: { services: ['tour'], images: [{ service: 'tour', container: 'app', init: false }] },
      },
    },
    observed: {
      pods: { one, other },
      replicaSets: { set: { ownerUid: 'uid' } },
      workloads: { [key]: workload('Deployment', { key, uid: 'uid' }) },
    },
  } as unknown as State
}

const told = (state: State, uid = 'one') =>
  answersNews(state, { type: 'observed', at: 2200, observations: [{ type: 'pod-answers', uid }] })

test('a pod that answers is told with its save and how long that took', () => {
  expect(told(stateOf({ save: 3 }))).toEqual([
    { type: 'answers', service: 'tour', save: 3, pod: 'tour-2-xyz', duration: 1200 },
  ])
})

test('so is one of a save of the manifests, which makes no image', () => {
  expect(told(stateOf({ save: 3, built: 2, manifests: 3 }))).toMatchObject([{ save: 3 }])
})

test.each([
  ['of the save before, whose rollout is under way', stateOf({ save: 3, image: 'tour:old' }), 'one'],
  ['of the save before, while this one is built', stateOf({ save: 3, built: 2 }), 'one'],
  ['of nobody', stateOf({ save: 3 }), 'other'],
  ['that is gone', stateOf({ save: 3 }), 'gone'],
  ['that ended meanwhile', stateOf({ save: 3, answers: false }), 'one'],
  ['of a save that was live before', stateOf({ save: 3, liveSave: 3 }), 'one'],
  ['of no save', stateOf({ save: 0 }), 'one'],
])('nothing is told of a pod %s', (_, state, uid) => {
  expect(told(state, uid)).toEqual([])
})
