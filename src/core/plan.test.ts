import { describe, expect, it } from 'vitest'
import { finishBuild, saved } from '../testing/given-sessions.js'
import {
  boom,
  buildFailed,
  buildMode,
  cancels,
  engineGone,
  type Given,
  projectOf,
  save,
  scanned,
  serviceSpec,
  session,
} from '../testing/states.js'
import { plan } from './plan.js'
import type { Project } from './project.js'

/** A session that only builds, with every service read once. The digest of `a` is `a0`. */
function building(project: Project): Given {
  let it = session(project, buildMode).start()
  for (const { name } of project.services) it = it.do(scanned(it.state, name, `${name}0`))
  return it
}

const cancelBuild = (it: Given, service: string) =>
  it.do(buildFailed(it.state, service, { kind: 'cancelled' }))

describe('builds', () => {
  it('read everything first, and build what was read', () => {
    const it = session(projectOf(['a', 'b']), buildMode)
    expect(it.planned()).toEqual(['scan a', 'scan b'])
    const read = it.start()
    expect(read.planned()).toEqual([])
    expect(read.do(scanned(read.state, 'b', 'b0')).planned()).toEqual(['build b 0'])
  })

  it('are no more at once than the config allows', () => {
    const it = building(projectOf(['a', 'b', 'c']))
    expect(it.planned()).toEqual(['build a 0', 'build b 0'])
    const started = it.start()
    expect(started.planned()).toEqual([])
    expect(finishBuild(started, 'b', 'b').planned()).toEqual(['build c 0'])
  })

  it('begin with the oldest save, whatever the order of services', () => {
    const project = projectOf(['a', 'b', 'c'], { build: { concurrency: 1 } })
    const it = building(project).start()
    const waiting = saved(saved(it, 5001, 'c', 'c1'), 5002, 'b', 'b1')
    expect(finishBuild(waiting, 'a', 'a').planned()).toEqual(['build c 1'])
  })

  it('wait for files that changed since they were read', () => {
    const it = building(projectOf(['a'])).do(save(5000, 'a'))
    expect(it.planned()).toEqual(['scan a'])
  })

  it('of an old save are ended once, and hold their slot until they have stopped', () => {
    const it = saved(building(projectOf(['a'], { build: { concurrency: 1 } })).start(), 5000, 'a', 'a1')
    expect(cancels(it)).toEqual(['a'])
    const stopping = it.start()
    expect(cancels(stopping)).toEqual([])
    expect(stopping.planned()).toEqual([])
    expect(cancelBuild(stopping, 'a').planned()).toEqual(['build a 1'])
  })

  it('run to their end after three were ended by saves in a row', () => {
    let it = building(projectOf(['a'])).start()
    for (const round of [1, 2, 3]) {
      it = saved(it, 5000 + round, 'a', `a${round}`)
      expect(cancels(it)).toEqual(['a'])
      it = cancelBuild(it.start(), 'a').start()
    }
    it = saved(it, 5004, 'a', 'a4')
    expect(cancels(it)).toEqual([])
    expect(it.planned()).toEqual([])
    it = finishBuild(it, 'a', 'three')
    expect(it.planned()).toEqual(['build a 4'])
    // From then on a newer save ends a build again.
    expect(cancels(saved(it.start(), 5005, 'a', 'a5'))).toEqual(['a'])
  })

  it('of the same inputs are one build', () => {
    const first = session(projectOf(['a', 'b']), buildMode).start()
    const read = first.do(scanned(first.state, 'a', 'same'), scanned(first.state, 'b', 'same'))
    expect(read.planned()).toEqual(['build a 0'])
    const done = finishBuild(read.start(), 'a', 'x')
    // The second takes the first one's image from the cache.
    expect(done.planned()).toEqual(['build b 0'])
  })

  it('that another service still waits for are not ended', () => {
    const first = session(projectOf(['a', 'b']), buildMode).start()
    const read = first.do(scanned(first.state, 'a', 'same'), scanned(first.state, 'b', 'same')).start()
    expect(cancels(saved(read, 5000, 'a', 'a1'))).toEqual([])
  })

  it('wait for the images they build upon, and get them as arguments', () => {
    const project = projectOf([serviceSpec('a', { requires: [{ service: 'base', arg: 'BASE' }] }), 'base'])
    const it = building(project)
    expect(it.planned()).toEqual(['build base 0'])
    const based = finishBuild(it.start(), 'base', 'b1')
    expect(plan(based.state).start).toMatchObject([
      {
        type: 'build',
        service: 'a',
        buildArgs: { BASE: 'shop/base:dev-b1' },
        required: { base: 'sha256:b1' },
      },
    ])
    const done = finishBuild(based.start(), 'a', 'a1')
    expect(done.planned()).toEqual([])
    const rebased = saved(done, 5000, 'base', 'base1').start()
    expect(finishBuild(rebased, 'base', 'b2').planned()).toEqual(['build a 0'])
    // A base that came out as it was rebuilds nothing.
    expect(finishBuild(rebased, 'base', 'b1').planned()).toEqual([])
  })

  it('that failed are tried again only with other inputs', () => {
    const it = building(projectOf(['a'])).start()
    const failed = it.do(buildFailed(it.state, 'a', boom))
    expect(failed.planned()).toEqual([])
    expect(saved(failed, 5000, 'a', 'a0').planned()).toEqual([])
    expect(saved(failed, 5000, 'a', 'a1').planned()).toEqual(['build a 1'])
  })

  it('of a file that is as it was before are not needed', () => {
    const live = finishBuild(building(projectOf(['a'])).start(), 'a', 'x')
    const changed = saved(live, 5000, 'a', 'a1').start()
    const reverted = saved(changed, 5001, 'a', 'a0')
    expect(cancels(reverted)).toEqual(['a'])
    expect(cancelBuild(reverted.start(), 'a').planned()).toEqual([])
  })

  it('wait for an engine that is gone, and go on when it is back', () => {
    const it = building(projectOf(['a'])).start()
    const gone = it.do(buildFailed(it.state, 'a', engineGone))
    expect(gone.planned()).toEqual([])
    const asked = gone.do({ type: 'retry-due', what: 'engine' })
    expect(asked.planned()).toEqual(['probe-engine'])
    const probing = asked.start()
    expect(probing.planned()).toEqual([])
    expect(probing.do({ type: 'engine-recovered', run: 99 }).planned()).toEqual(['build a 0'])
  })

  it('read again what could not be read for want of the engine', () => {
    const it = session(projectOf(['a']), buildMode).start()
    const source = it.state.services.a?.source
    const run = source?.kind === 'scanning' ? source.run : -1
    const gone = it.do({ type: 'scan-failed', run, service: 'a', problem: engineGone })
    expect(gone.state.engine.kind).toBe('unreachable')
    expect(gone.planned()).toEqual([])
    expect(gone.do({ type: 'engine-recovered', run: 99 }).planned()).toEqual(['scan a'])
  })

  it('are of the services that were asked for and what they need', () => {
    const services = [
      serviceSpec('a', { dependsOn: ['b'] }),
      'b',
      'c',
      serviceSpec('d', { requires: [{ service: 'c', arg: 'C' }] }),
    ]
    const only = (...names: string[]) => session(projectOf(services), { ...buildMode, only: names }).planned()
    expect(only('a')).toEqual(['scan a', 'scan b'])
    expect(only('d')).toEqual(['scan c', 'scan d'])
  })

  it('start no more once the session is to end', () => {
    const it = building(projectOf(['a'])).do({ type: 'stop-requested' })
    expect(plan(it.state)).toEqual({ start: [], cancel: [] })
  })
})
