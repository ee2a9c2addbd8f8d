import { describe, expect, it } from 'vitest'
import {
  applied,
  connected,
  type Given,
  linkedObject,
  projectOf,
  rendered,
  save,
  scanned,
  serviceSpec,
  session,
} from '../testing/states.js'
import type { Event } from './event.js'

const read = (it: Given, service: string, digest: string) => it.do(scanned(it.state, service, digest))
const ledgers = (it: Given) => Object.values(it.state.services).map(({ ledger }) => ledger.save)

/** Services that were read once, and manifests that were linked with what the cluster serves. */
function settled(...names: readonly string[]): Given {
  let it = session(projectOf(names)).start()
  it = it.do(connected(it.state), rendered(it.state)).start()
  it = it.do(rendered(it.state))
  for (const name of names) it = read(it, name, '0')
  return it
}

const manifests = (firstAt: number): Event => ({
  type: 'files-changed',
  firstAt,
  services: {},
  manifests: ['/shop/k8s/a.yaml'],
})

describe('the number of a save', () => {
  it('is 0 for the tree as it was found, also when files change while it is read', () => {
    let it = session(projectOf(['a', 'b']))
      .start()
      .do(save(5000, 'b'))
    it = read(it, 'a', '0')
    expect(it.state.save).toBe(0)
    it = read(it, 'b', '0').start()
    expect(it.state.save).toBe(0)
    it = read(it, 'b', '1')
    expect([it.state.save, ...ledgers(it)]).toEqual([1, 0, 1])
  })

  it('is one for a batch of services and manifests, whichever is read first', () => {
    const batch: Event = {
      type: 'files-changed',
      firstAt: 5000,
      services: { a: ['/shop/a/x'], b: ['/shop/b/x'] },
      manifests: ['/shop/k8s/a.yaml'],
    }
    const it = settled('a', 'b').do(batch).start()
    const changed = linkedObject('ConfigMap', 'x')
    const one = read(it, 'a', '1')
    const all = read(one.do(rendered(one.state, changed)), 'b', '1')
    const other = it.do(rendered(it.state, changed))
    const rest = read(read(other, 'b', '1'), 'a', '1')
    for (const end of [all, rest]) {
      expect([end.state.save, end.state.render.save, ...ledgers(end)]).toEqual([1, 1, 1, 1])
      expect(end.state.batches).toEqual([])
    }
  })

  it('is none where no content changed', () => {
    const it = settled('a').do(save(5000, 'a')).start()
    const same = read(it, 'a', '0')
    expect([same.state.save, same.state.batches]).toEqual([0, []])
    const rerendered = same.do(manifests(5001)).start()
    expect(rerendered.do(rendered(rerendered.state)).state.save).toBe(0)
  })

  it('counts saves that come while the last is read', () => {
    let it = settled('a').do(save(5000, 'a')).start().do(save(5001, 'a'))
    it = read(it, 'a', '1').start()
    expect(it.state.save).toBe(1)
    expect(read(it, 'a', '2').state.save).toBe(2)
  })

  it('of manifests is that of the services whose objects they change', () => {
    const objects = (hash: string) => [
      linkedObject('Deployment', 'a', { services: ['a'], hash }),
      linkedObject('Deployment', 'b', { services: ['b'] }),
    ]
    let it = settled('a', 'b').do(manifests(5000)).start()
    it = it
      .do(rendered(it.state, ...objects('1')))
      .do(manifests(5001))
      .start()
    it = it.do(rendered(it.state, ...objects('2')))
    expect(ledgers(it)).toEqual([2, 1])
  })
})

describe('the config, read again', () => {
  const reloaded = (...services: Parameters<typeof projectOf>[0]): Event => ({
    type: 'config-reloaded',
    project: projectOf(services),
    warnings: [],
  })

  it('adds and removes services as one save with the manifests', () => {
    const it = settled('a').do(reloaded('b'))
    expect(Object.keys(it.state.services)).toEqual(['b'])
    const reading = it.start()
    const rerendered = reading.do(rendered(reading.state, linkedObject('ConfigMap', 'x')))
    const end = read(rerendered, 'b', '0')
    expect([end.state.save, end.state.render.save, ...ledgers(end)]).toEqual([1, 1, 1])
  })

  it('reads files again only where others count', () => {
    const same = settled('a').do(reloaded(serviceSpec('a', { dependsOn: [] })))
    expect(same.planned()).toEqual(['render', 'build a 0'])
    const other = settled('a').do(reloaded(serviceSpec('a', { target: 'prod' })))
    expect(other.planned()).toEqual(['render', 'scan a'])
  })

  it('that cannot be used changes nothing but what is told', () => {
    const it = settled('a')
    const problem = { kind: 'config-invalid', file: 'dev.config.yaml', diagnostics: [] } as const
    const rejected = it.do({ type: 'config-rejected', problem })
    expect(rejected.state).toEqual({ ...it.state, configProblem: problem })
    expect(rejected.do(reloaded('a')).state.configProblem).toBeUndefined()
  })
})

describe('events of what is over', () => {
  const stale = 9999
  it.each<Event>([
    { type: 'scan-failed', run: stale, service: 'a', problem: { kind: 'cancelled' } },
    { type: 'build-progressed', run: stale, service: 'a', step: 'x' },
    { type: 'build-failed', run: stale, service: 'gone', problem: { kind: 'cancelled' } },
    { type: 'load-skipped', run: stale, image: 'x' },
    { type: 'render-failed', run: stale, problem: { kind: 'cancelled' } },
    { type: 'connect-failed', run: stale, problem: { kind: 'cancelled' } },
    { type: 'apply-failed', run: stale, key: 'x', version: '', problem: { kind: 'cancelled' } },
    { type: 'last-lines-read', run: stale, crash: 'x', lines: [] },
    { type: 'rollout-deadline-passed', key: 'x', version: '' },
  ])('$type changes nothing', event => {
    const it = settled('a')
    expect({ ...it.do(event).state, nextRun: 0 }).toEqual({ ...it.state, nextRun: 0 })
  })

  it('an apply of an older run does not end the newer one', () => {
    const x = linkedObject('ConfigMap', 'x')
    let it = settled().do(manifests(5000)).start()
    it = it.do(rendered(it.state, x)).start()
    const late = applied(it.state, x.key)
    expect(it.do({ ...late, run: 1 } as Event).state.objects[x.key]?.apply.kind).toBe('applying')
    expect(it.do(late).state.objects[x.key]?.apply.kind).toBe('applied')
  })
})
