import { describe, expect, it } from 'vitest'
import { buildMode, linkedObject, projectOf, rendered, session, upMode } from '../testing/states.js'
import { answerIntent } from './answer-intent.js'
import type { Intent } from './intent.js'
import type { Mode, State } from './state.js'

const cron = linkedObject('CronJob', 'a', { services: ['a'], apiVersion: 'batch/v1' })
const daemon = linkedObject('DaemonSet', 'a', { services: ['a'], apiVersion: 'apps/v1' })
const web = linkedObject('Deployment', 'a', { services: ['a'] })

interface Given {
  readonly objects?: readonly (typeof web)[]
  readonly before?: readonly Exclude<Intent['type'], 'switch'>[]
  readonly mode?: Mode
}

function stateOf({ objects = [web], before = [], mode = upMode }: Given): State {
  let it = session(projectOf(['a', 'b']), mode).start()
  if (mode.deploy) it = it.do(rendered(it.state, ...objects))
  return it.do(...before.map(type => ({ type: 'intent-given' as const, intent: { type, service: 'a' } })))
    .state
}

describe('what comes of an intent', () => {
  it.each<[type: Exclude<Intent['type'], 'switch'>, given: Given, accepted: boolean, message: RegExp]>([
    ['rebuild', {}, true, /^its image is built again$/],
    ['rebuild', { mode: buildMode }, true, /built again/],
    ['rebuild', { mode: { ...upMode, build: 'reuse' } }, false, /builds nothing/],
    ['rebuild', { before: ['pause'] }, true, /built again; this waits until it is resumed$/],
    ['redeploy', {}, true, /^its objects are applied again$/],
    ['redeploy', { objects: [] }, false, /no workload in the manifests/],
    ['redeploy', { mode: buildMode }, false, /deploys nothing/],
    ['restart', {}, true, /^its pods are replaced$/],
    ['restart', { objects: [daemon] }, true, /^its pods are replaced$/],
    ['restart', { objects: [cron] }, false, /^cronjob\/a -n shop has nothing to restart: /],
    ['restart', { objects: [web, cron] }, true, /are replaced; cronjob\/a -n shop has nothing to restart$/],
    ['restart', { before: ['scale-to-zero'] }, false, /no pods to restart/],
    ['pause', {}, true, /^paused: /],
    ['pause', { before: ['pause'] }, false, /^is paused already$/],
    ['resume', {}, false, /^is not paused$/],
    ['resume', { before: ['pause'] }, true, /^resumed$/],
    ['scale-to-zero', {}, true, /^scaled to zero: /],
    ['scale-to-zero', { objects: [daemon] }, false, /^cannot be scaled: daemonset\/a -n shop /],
    ['scale-to-zero', { before: ['scale-to-zero'] }, false, /already$/],
    ['scale-back', {}, false, /^is not scaled to zero$/],
    ['scale-back', { before: ['scale-to-zero'] }, true, /^scaled back/],
    ['rollback', {}, false, /^there is no image to go back to/],
  ])('%s, %j', (type, given, accepted, message) => {
    const state = stateOf(given)
    const answer = answerIntent(state, { type, service: 'a' })
    expect(answer.message).toMatch(message)
    expect(answer.accepted).toBe(accepted)
  })

  it('names the services that there are', () => {
    expect(answerIntent(stateOf({}), { type: 'pause', service: 'x' })).toEqual({
      accepted: false,
      message: 'there is no service x in this session, only a, b',
    })
  })
})
