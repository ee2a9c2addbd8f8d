import { describe, expect, it } from 'vitest'
import { createRig, deploymentOf } from '../../testing/session-rig.js'
import { projectOf } from '../../testing/states.js'
import { recordsBetween } from './records-between.js'
import { boundRecords, type SaveRecord } from './save-record.js'

describe('what is kept of a save', () => {
  it('is one record when it became live, and none for the changes of state before and after', async () => {
    const rig = await createRig(projectOf(['a']), { manifests: [deploymentOf('a', 'shop/a')] })
    const found: SaveRecord[] = []
    let seen = rig.session.getState()
    rig.session.subscribe(() => {
      const next = rig.session.getState()
      found.push(
        ...recordsBetween(
          seen,
          next,
          new Map([['shop/a:dev-second000000', { method: 'save', sentBytes: 5 }]]),
        ),
      )
      seen = next
    })
    ;(await rig.build('a')).succeed('first')
    await rig.live('a', 0)
    rig.save({ '/shop/a/main.go': 'a 1' })
    ;(await rig.build('a')).succeed('second')
    await rig.live('a', 1)
    rig.session.act({ type: 'restart', service: 'a' })
    await rig.until('restarted', ({ objects }) =>
      Object.values(objects).every(one => one.restart.kind === 'none'),
    )
    await rig.session.stop()
    expect(found).toMatchObject([
      { service: 'a', save: 0, changed: [], cached: false },
      {
        service: 'a',
        save: 1,
        changed: ['main.go'],
        more: 0,
        stages: { scan: 0, build: 0 },
        cached: false,
        contextBytes: 1,
      },
    ])
    expect(found[1]?.load).toEqual({ method: 'save', sentBytes: 5 })
  })

  it('is bounded for each service, the newest kept', () => {
    const record = (service: string, save: number) => ({ service, save }) as SaveRecord
    const all = [record('a', 1), record('b', 1), record('a', 2), record('a', 3)]
    expect(boundRecords(all, 2)).toEqual([record('b', 1), record('a', 2), record('a', 3)])
  })
})
