import { expect, it } from 'vitest'
import type { SaveRecord } from '../core/timings/save-record.js'
import { createRig, deploymentOf } from '../testing/session-rig.js'
import { projectOf } from '../testing/states.js'
import { reportTimings } from './report-timings.js'
import { createStore } from './store.js'

const record = (over: Partial<SaveRecord>): SaveRecord => ({
  service: 'a',
  save: 1,
  savedAt: 0,
  liveAt: 40_000,
  stages: { build: 5000, rollout: 34_000 },
  changed: [],
  more: 0,
  image: undefined,
  cached: undefined,
  load: undefined,
  contextBytes: 1,
  ...over,
})

it('tells what saves take and what would help, anew when a save became live, and once where nothing did', async () => {
  const container = { name: 'a', image: 'shop/a', readinessProbe: { initialDelaySeconds: 30 } }
  const deployment = {
    ...deploymentOf('a', 'shop/a'),
    spec: { template: { spec: { containers: [container] } } },
  }
  const rig = await createRig(projectOf(['a']), { manifests: [deployment] })
  ;(await rig.build('a')).succeed('first')
  await rig.live('a', 0)
  const store = createStore({ initial: rig.session.getState(), now: () => 0, tell: () => {} })
  let records: readonly SaveRecord[] = []
  const files = [{ path: 'node_modules/x.js', type: 'file' as const, mode: 0o644, size: 60e6 }]
  const reports = reportTimings(store, {
    timings: { records: () => records },
    filesOf: service => (service === 'a' ? files : undefined),
  })
  let changes = 0
  store.subscribe(() => changes++)
  reports.refresh()
  expect(changes).toBe(0)

  records = [record({})]
  reports.refresh()
  reports.refresh()
  expect(changes).toBe(1)
  const { a } = store.getState().timings
  expect(a?.stages.at(-1)).toEqual({ stage: 'total', p50: 40_000, p95: 40_000, count: 1 })
  expect(a?.advice.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('the initial delay of the readiness probe of a is 30 s of that'),
  )

  records = [...records, record({ save: 2, contextBytes: 60e6 })]
  reports.refresh()
  expect(store.getState().timings.a?.advice).toContainEqual({
    stage: 'build',
    message: expect.stringContaining('100 % of it node_modules'),
  })
  await rig.session.stop()
})
