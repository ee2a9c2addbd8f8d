import { describe, expect, it } from 'vitest'
import {
  applied,
  applyFailed,
  boom,
  buildFailed,
  buildMode,
  built,
  cancels,
  connected,
  engineGone,
  type Given,
  linkedObject,
  loaded,
  projectOf,
  rendered,
  rolledOut,
  save,
  scanned,
  serviceSpec,
  session,
} from '../testing/states.js'
import { plan } from './plan.js'
import type { Project } from './project.js'
import { slowApplies } from './retry.js'

const DEPLOYMENT = 'apps/Deployment/shop/'

/** A session that only builds, with every service read once. The digest of `a` is `a0`. */
function building(project: Project): Given {
  let it = session(project, buildMode).start()
  for (const { name } of project.services) it = it.do(scanned(it.state, name, `${name}0`))
  return it
}

/** A save of one service, read. */
function saved(it: Given, at: number, service: string, digest: string): Given {
  const reading = it.do(save(at, service)).start()
  return reading.do(scanned(reading.state, service, digest))
}

const finishBuild = (it: Given, service: string, image: string) => it.do(built(it.state, service, image))
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

/** A connected session with these objects and every service's image built and loaded. */
function deploying(project: Project, ...objects: readonly ReturnType<typeof linkedObject>[]): Given {
  let it = session(project).start()
  it = it.do(connected(it.state), rendered(it.state, ...objects)).start()
  // What the cluster serves is known now: the manifests are linked again.
  if (it.state.render.run !== undefined) it = it.do(rendered(it.state, ...objects))
  for (const { name } of project.services) it = it.do(scanned(it.state, name, `${name}0`))
  return it
}

function withImages(it: Given, ...services: readonly string[]): Given {
  let next = it.start()
  for (const name of services) next = finishBuild(next, name, name).start()
  for (const name of services) next = next.do(loaded(next.state, `shop/${name}:dev-${name}`))
  return next
}

const applies = (it: Given) => it.planned().filter(effect => effect.startsWith('apply'))

describe('applies', () => {
  const objects = [
    linkedObject('Namespace', 'shop'),
    linkedObject('ConfigMap', 'settings'),
    linkedObject('Service', 'a'),
    linkedObject('Deployment', 'a', { services: ['a'] }),
    linkedObject('Ingress', 'web', { apiVersion: 'networking.k8s.io/v1' }),
    linkedObject('ValidatingWebhookConfiguration', 'hook', {
      apiVersion: 'admissionregistration.k8s.io/v1',
      namespace: undefined,
    }),
  ]
  const namespace = '/Namespace//shop'

  it('come in tiers; an Ingress does not wait for workloads, webhooks do', () => {
    let it = deploying(projectOf(['a']), ...objects)
    expect(applies(it)).toEqual(['apply Namespace/shop'])
    it = it.start()
    expect(applies(it)).toEqual([])
    it = it.do(applied(it.state, namespace))
    expect(applies(it)).toEqual(['apply ConfigMap/shop/settings'])
    it = it.start()
    it = it.do(applied(it.state, '/ConfigMap/shop/settings')).start()
    it = it.do(applied(it.state, '/Service/shop/a'))
    expect(applies(it)).toEqual(['apply Ingress/shop/web'])
    it = withImages(it, 'a')
    expect(applies(it)).toEqual(['apply Deployment/shop/a'])
    it = it.start()
    it = it.do(applied(it.state, 'networking.k8s.io/Ingress/shop/web'))
    expect(applies(it)).toEqual([])
    it = it.do(applied(it.state, `${DEPLOYMENT}a`))
    expect(applies(it).map(effect => effect.split('/')[0])).toEqual(['apply ValidatingWebhookConfiguration'])
  })

  it('leave out what lives in a namespace that could not be made', () => {
    let it = deploying(projectOf([]), linkedObject('Namespace', 'shop'), linkedObject('ConfigMap', 'x'))
    it = it.start()
    it = it.do(
      applyFailed(it.state, namespace, {
        kind: 'apply-rejected',
        object: 'namespace/shop',
        reason: 'forbidden',
        message: 'no',
        fields: [],
      }),
    )
    expect(applies(it)).toEqual([])
  })

  it('are not tried again after a refusal that nothing but a change can turn, whatever else is retried', () => {
    const [x, y] = [linkedObject('ConfigMap', 'x'), linkedObject('ConfigMap', 'y')]
    let it = deploying(projectOf([]), x, y).start()
    const rejected = (reason: 'invalid' | 'no-such-kind') =>
      ({ kind: 'apply-rejected', object: 'configmap', reason, message: 'no', fields: [] }) as const
    it = it.do(
      applyFailed(it.state, x.key, rejected('invalid')),
      applyFailed(it.state, y.key, rejected('no-such-kind')),
    )
    expect(applies(it)).toEqual([])
    expect(applies(it.do({ type: 'retry-due', what: 'apply' }))).toEqual(['apply ConfigMap/shop/y'])
  })

  it('happen only where the content or the image differs', () => {
    const deployment = linkedObject('Deployment', 'a', { services: ['a'] })
    let it = withImages(deploying(projectOf(['a']), deployment), 'a').start()
    it = it.do(applied(it.state, deployment.key), rolledOut(deployment.key))
    expect(it.planned()).toEqual([])
    const rebuilt = saved(it, 5000, 'a', 'a1').start()
    // Another build, the same image: nothing rolls, and the save is live at once.
    const same = finishBuild(rebuilt, 'a', 'a')
    expect(same.planned()).toEqual([])
    expect(same.state.services.a?.ledger).toMatchObject({ save: 1, liveSave: 1 })
    expect(applies(withImages(rebuilt, 'a'))).toEqual([])
    const other = finishBuild(rebuilt, 'a', 'new')
    expect(other.planned()).toEqual(['load shop/a:dev-new'])
    const there = other.start()
    expect(applies(there.do(loaded(there.state, 'shop/a:dev-new')))).toEqual(['apply Deployment/shop/a'])
  })

  it('wait until the manifests are read that a change made due', () => {
    const it = deploying(projectOf([]), linkedObject('ConfigMap', 'x'))
    expect(applies(it)).toEqual(['apply ConfigMap/shop/x'])
    const due = it.do({ type: 'files-changed', firstAt: 5000, services: {}, manifests: ['/shop/k8s/a.yaml'] })
    expect(due.planned()).toEqual(['render'])
    expect(applies(due.start())).toEqual([])
  })

  it('wait for the scopes that the cluster knows, whichever comes first', () => {
    let it = session(projectOf([])).start()
    it = it.do(rendered(it.state, linkedObject('ConfigMap', 'x')), connected(it.state))
    // Scopes are none, as before: no second reading.
    expect(applies(it)).toEqual([])
    expect(it.planned()).toContain('render')
  })

  it.each<[string, readonly string[]]>([
    ['a service', ['b']],
    ['a workload by name', ['deployment/b']],
  ])('wait for %s that they depend on to have been live', (_, dependsOn) => {
    const project = projectOf([serviceSpec('a', { dependsOn }), 'b'])
    const [a, b] = ['a', 'b'].map(name => linkedObject('Deployment', name, { services: [name] }))
    if (a === undefined || b === undefined) throw new Error('two deployments')
    let it = withImages(deploying(project, a, b), 'a', 'b')
    expect(applies(it)).toEqual(['apply Deployment/shop/b'])
    it = it.start()
    it = it.do(applied(it.state, b.key))
    expect(applies(it)).toEqual([])
    it = it.do(rolledOut(b.key))
    expect(applies(it)).toEqual(['apply Deployment/shop/a'])
    it = it.start()
    it = it.do(applied(it.state, a.key), rolledOut(b.key, { ready: false }))
    // Once live is enough: a later roll of the dependency does not hold anybody back.
    const again = finishBuild(saved(it, 5000, 'a', 'a1').start(), 'a', 'new').start()
    expect(applies(again.do(loaded(again.state, 'shop/a:dev-new')))).toEqual(['apply Deployment/shop/a'])
  })

  it('do not wait for the deployment of a service that only others build upon', () => {
    const project = projectOf([serviceSpec('a', { dependsOn: ['base'] }), 'base'])
    const it = withImages(deploying(project, linkedObject('Deployment', 'a', { services: ['a'] })), 'a')
    expect(applies(it)).toEqual([])
    expect(applies(finishBuild(it, 'base', 'x'))).toEqual(['apply Deployment/shop/a'])
  })

  it('wait for images of the manifests to be on the nodes or not to be had', () => {
    const redis = linkedObject('Deployment', 'redis', { images: ['redis:7'] })
    const it = deploying(projectOf([]), redis)
    const loading = it.start()
    expect(loading.planned()).toEqual([])
    expect(loading.state.loads['redis:7']?.kind).toBe('loading')
    const run = loading.state.loads['redis:7']
    const ended = { run: run?.kind === 'loading' ? run.run : -1, image: 'redis:7' }
    expect(applies(loading.do(loaded(loading.state, 'redis:7')))).toEqual(['apply Deployment/shop/redis'])
    expect(applies(loading.do({ type: 'load-skipped', ...ended }))).toEqual(['apply Deployment/shop/redis'])
  })

  it('take the image of a service that was not asked for from the manifest', () => {
    const both = linkedObject('Deployment', 'pair', { services: ['a', 'b'] })
    let it = session(projectOf(['a', 'b']), {
      once: false,
      build: 'yes',
      deploy: true,
      only: ['a'],
    }).start()
    it = it.do(connected(it.state), rendered(it.state, both), scanned(it.state, 'a', 'a0')).start()
    it = it.do(rendered(it.state, both))
    expect(applies(withImages(it, 'a'))).toEqual(['apply Deployment/shop/pair'])
  })
})

describe('an apply that the API server does not answer', () => {
  const a = linkedObject('Deployment', 'a', { services: ['a'] })
  const x = linkedObject('ConfigMap', 'x')
  const hanging = () => withImages(deploying(projectOf(['a']), a), 'a').start()
  const slowed = (it: Given) =>
    it.do(...slowApplies(it.state).map(({ key, run }) => ({ type: 'apply-slowed' as const, key, run })))
  const newer = (it: Given) => {
    const building = saved(it, 5000, 'a', 'a1').start()
    const loading = finishBuild(building, 'a', 'newer').start()
    return loading.do(loaded(loading.state, 'shop/a:dev-newer'))
  }

  it('is ended for a newer version, which follows once it has', () => {
    const it = newer(slowed(hanging()))
    expect(it.planned()).toEqual([])
    expect(cancels(it)).toEqual([a.key])
    const ending = it.start()
    expect(cancels(ending)).toEqual([])
    const ended = ending.do(applyFailed(ending.state, a.key, { kind: 'cancelled' }))
    expect(ended.planned()).toEqual(['apply Deployment/shop/a'])
  })

  it('is ended when it becomes slow after the newer version is there', () => {
    const it = newer(hanging())
    expect(cancels(it)).toEqual([])
    expect(cancels(slowed(it))).toEqual([a.key])
  })

  it('goes on while nothing newer is to be written, and while that is still being built', () => {
    const it = slowed(hanging())
    expect(cancels(it)).toEqual([])
    expect(cancels(saved(it, 5000, 'a', 'a1').start())).toEqual([])
  })

  it('counts as slow by its own time, and once', () => {
    const it = deploying(projectOf([]), x).start()
    const [found] = slowApplies(it.state)
    expect(found).toMatchObject({ key: x.key, at: expect.any(Number) })
    expect(slowApplies(slowed(it).state)).toEqual([])
    expect(slowApplies(it.do(applied(it.state, x.key)).state)).toEqual([])
  })
})

describe('the cluster', () => {
  const x = linkedObject('ConfigMap', 'x')
  const down = { type: 'connection-changed', up: false, message: 'reset' } as const
  const up = { type: 'connection-changed', up: true, message: '' } as const

  it('gets nothing while it is lost, and is asked who it is when it is back', () => {
    const it = deploying(projectOf([]), x).do(down)
    expect(it.planned()).toEqual([])
    const back = it.do(up)
    expect(back.planned()).toEqual(['connect'])
    const connecting = back.start()
    expect(connecting.do(connected(connecting.state)).planned()).toEqual(['apply ConfigMap/shop/x'])
  })

  it('that answers under the name of another gets everything anew', () => {
    const a = linkedObject('Deployment', 'a', { services: ['a'] })
    let it = withImages(deploying(projectOf(['a']), a), 'a').start()
    it = it.do(applied(it.state, a.key), rolledOut(a.key))
    expect(it.planned()).toEqual([])
    const again = it.do(down, up).start()
    expect(again.do(connected(again.state)).planned()).toEqual([])
    expect(again.do(connected(again.state, 'cluster-2')).planned()).toEqual(['load shop/a:dev-a'])
    const reloaded = again.do(connected(again.state, 'cluster-2')).start()
    expect(reloaded.do(loaded(reloaded.state, 'shop/a:dev-a')).planned()).toEqual(['apply Deployment/shop/a'])
  })
})
