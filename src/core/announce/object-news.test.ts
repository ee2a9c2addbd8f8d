import { expect, it } from 'vitest'
import { applyFailed, connected, linkedObject, projectOf, rendered, session } from '../../testing/states.js'
import { announceChange } from '../announce.js'
import type { Problem } from '../problem.js'
import { APPLY_ATTEMPTS } from '../status/given-up.js'
import { openAfter } from './open-problems.js'

const monitor = linkedObject('ServiceMonitor', 'orders', { apiVersion: 'monitoring.coreos.com/v1' })
const noKind: Problem = {
  kind: 'apply-rejected',
  object: 'servicemonitor/orders -n shop',
  reason: 'no-such-kind',
  status: 404,
  message: 'the cluster serves no kind ServiceMonitor in monitoring.coreos.com/v1',
  fields: [],
}

it('tells an object that the cluster refuses at each retry once, and once more when it is given up', () => {
  let now = session(projectOf([])).start()
  now = now.do(connected(now.state), rendered(now.state, monitor)).start()
  now = now.do(rendered(now.state, monitor)).start()
  let open = openAfter(new Set(), [])
  const told: boolean[] = []
  const tell = (before: typeof now, after: typeof now) => {
    const news = announceChange(before.state, after.state, open)
    open = openAfter(open, news)
    told.push(...news.flatMap(one => (one.type === 'problem' ? [one.final] : [])))
    return after
  }
  for (let attempt = 1; attempt <= APPLY_ATTEMPTS + 3; attempt++) {
    expect(now.state.objects[monitor.key]?.apply.kind).toBe('applying')
    now = tell(now, now.do(applyFailed(now.state, monitor.key, noKind)))
    now = tell(now, now.do({ type: 'retry-due', what: 'apply' }).start())
  }
  expect(told).toEqual([false, true])
})
