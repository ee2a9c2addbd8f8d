import { expect, test } from 'vitest'
import { pod, workload } from '../../testing/rollout-fixtures.js'
import type { State } from '../state.js'
import { answersNews } from './answers-news.js'

const key = 'apps/Deployment/shop/tour'

function stateOf({
  save,
  answers = true,
  liveSave = undefined,
}: {
  readonly save: number
  readonly answers?: boolean
  readonly liveSave?: number | undefined
}): State {
  const owner = { kind: 'ReplicaSet', name: 'tour-2', uid: 'set' }
  const one = pod('tour-2-xyz', { uid: 'one', owner, ready: false, answers })
  const other = pod('other', { uid: 'other', answers: true })
  return {
    services: { tour: { ledger: { save, savedAt: 1000, liveSave } } },
    objects: { [key]: { linked: { services: ['tour'] } } },
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

test.each([
  ['of nobody', stateOf({ save: 3 }), 'other'],
  ['that is gone', stateOf({ save: 3 }), 'gone'],
  ['that ended meanwhile', stateOf({ save: 3, answers: false }), 'one'],
  ['of a save that was live before', stateOf({ save: 3, liveSave: 3 }), 'one'],
  ['of no save', stateOf({ save: 0 }), 'one'],
])('nothing is told of a pod %s', (_, state, uid) => {
  expect(told(state, uid)).toEqual([])
})
