import { describe, expect, it } from 'vitest'
import { deploying, finishBuild, saved, withImages } from '../../testing/given-sessions.js'
import {
  applied,
  applyFailed,
  cancels,
  connected,
  type Given,
  linkedObject,
  loaded,
  projectOf,
  rendered,
  rolledOut,
  scanned,
  serviceSpec,
  session,
} from '../../testing/states.js'
import { slowApplies } from '../retry.js'

const DEPLOYMENT = 'apps/Deployment/shop/'

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
