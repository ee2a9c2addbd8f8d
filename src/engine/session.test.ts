import { afterEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../core/kube-object.js'
import { SLOW_APPLY } from '../core/retry.js'
import { SETTLE_TIME } from '../core/settle.js'
import { createRig, deploymentOf, type Rig } from '../testing/session-rig.js'
import { boom, buildMode, engineGone, projectOf, upMode } from '../testing/states.js'

const rigs: Rig[] = []
afterEach(async () => {
  for (const rig of rigs.splice(0)) {
    for (const build of [...rig.builder.held]) build.stopped()
    await rig.session.stop()
  }
})

async function start(...args: Parameters<typeof createRig>): Promise<Rig> {
  const rig = await createRig(...args)
  rigs.push(rig)
  return rig
}

const shop = { manifests: [deploymentOf('a', 'shop/a')] }

/** A session in which `a` is live as it was found. */
async function live(): Promise<Rig> {
  const rig = await start(projectOf(['a']), shop)
  ;(await rig.build('a')).succeed('first')
  await rig.live('a', 0)
  return rig
}

const A = 'apps/Deployment/shop/a'

const imageOf = (rig: Rig): unknown =>
  JSON.stringify(rig.cluster.objects.get('apps/Deployment/shop/a') ?? '').match(/shop\/a:[\w-]+/)?.[0]

describe('a session', () => {
  it('brings everything up and follows a save to the cluster', async () => {
    const rig = await live()
    expect([...rig.cluster.objects.keys()]).toEqual(['/Namespace//shop', 'apps/Deployment/shop/a'])
    expect(imageOf(rig)).toBe('shop/a:dev-first0000000')
    rig.save({ '/shop/a/main.go': 'a 1' })
    ;(await rig.build('a')).succeed('second')
    await rig.live('a', 1)
    expect(imageOf(rig)).toBe('shop/a:dev-second000000')
    expect(rig.told.filter(({ type }) => type === 'live')).toMatchObject([{ save: 0 }, { save: 1 }])
  })

  it('starts nothing for a save that changed no content, and numbers none', async () => {
    const rig = await live()
    rig.save({ '/shop/a/main.go': 'a 0' })
    await rig.until('read', () => rig.tree.readings.length === 2)
    rig.save({ '/shop/a/main.go': 'a 1' })
    await rig.build('a')
    expect(rig.session.getState().save).toBe(1)
    expect(rig.builder.counts.started).toBe(2)
  })

  it('gives one number to a batch that concerns three services', async () => {
    const rig = await start(projectOf(['a', 'b', 'c'], { build: { concurrency: 3 } }), {
      mode: { ...buildMode, once: false },
    })
    for (const name of ['a', 'b', 'c']) (await rig.build(name)).succeed(name)
    await rig.until('built', state => Object.values(state.services).every(({ image }) => image !== undefined))
    rig.save({ '/shop/a/main.go': '1', '/shop/b/main.go': '1', '/shop/c/main.go': '1' })
    for (const name of ['a', 'b', 'c']) await rig.build(name)
    const state = rig.session.getState()
    expect(state.save).toBe(1)
    expect(Object.values(state.services).map(({ ledger }) => ledger.save)).toEqual([1, 1, 1])
  })

  it('ends the build of the first of two quick saves, and starts the second only when it has stopped', async () => {
    const rig = await live()
    rig.save({ '/shop/a/main.go': 'a 1' })
    const first = await rig.build('a')
    rig.save({ '/shop/a/main.go': 'a 2' })
    await rig.until('stopping', () => first.signal.aborted)
    expect(rig.builder.held).toEqual([first])
    first.stopped()
    await rig.until('rebuilding', () => rig.builder.held.length === 1 && rig.builder.held[0] !== first)
    ;(await rig.build('a')).succeed('second')
    await rig.live('a', 2)
    expect(imageOf(rig)).toBe('shop/a:dev-second000000')
    expect(rig.builder.counts.most).toBe(1)
  })

  it('deploys the newest image when a save comes during a load', async () => {
    const rig = await live()
    rig.loader.hold = true
    rig.save({ '/shop/a/main.go': 'a 1' })
    ;(await rig.build('a')).succeed('second')
    await rig.until('loading', () => rig.loader.held.length === 1)
    rig.save({ '/shop/a/main.go': 'a 2' })
    ;(await rig.build('a')).succeed('third')
    await rig.until('loading both', () => rig.loader.held.length === 2)
    rig.loader.hold = false
    for (const load of [...rig.loader.held].reverse()) {
      const { reference } = load
      load.settle({
        ok: true,
        value: { method: 'save', sentBytes: 1, sentLayers: 1, totalLayers: 1, reference },
      })
    }
    await rig.live('a', 2)
    expect(imageOf(rig)).toBe('shop/a:dev-third0000000')
  })

  it('does not wait for an API server that took a change and does not answer', async () => {
    const rig = await live()
    rig.cluster.hold = true
    rig.save({ '/shop/a/main.go': 'a 1' })
    ;(await rig.build('a')).succeed('second')
    await rig.until('sent', () => rig.cluster.held.length === 1)
    const [hanging] = rig.cluster.held
    rig.clock.advance(SLOW_APPLY)
    await rig.until('told', () =>
      rig.told.some(one => one.type === 'notice' && one.message.includes('has not answered for 5 s')),
    )
    rig.save({ '/shop/a/main.go': 'a 2' })
    ;(await rig.build('a')).succeed('third')
    await rig.until('sent anew', () => rig.cluster.held.length === 1 && rig.cluster.held[0] !== hanging)
    rig.cluster.hold = false
    rig.cluster.held[0]?.release()
    await rig.live('a', 2)
    expect(imageOf(rig)).toBe('shop/a:dev-third0000000')
  })

  it('does not wait for a rollout to begin with the next save', async () => {
    const rig = await live()
    rig.project.rollsOut = false
    rig.save({ '/shop/a/main.go': 'a 1' })
    ;(await rig.build('a')).succeed('second')
    await rig.until('applied', () => imageOf(rig) === 'shop/a:dev-second000000')
    rig.project.rollsOut = true
    rig.save({ '/shop/a/main.go': 'a 2' })
    ;(await rig.build('a')).succeed('third')
    await rig.live('a', 2)
  })

  it('takes the image of an earlier build when a file is as it was then', async () => {
    const rig = await live()
    rig.save({ '/shop/a/main.go': 'a 1' })
    ;(await rig.build('a')).succeed('second')
    await rig.live('a', 1)
    rig.save({ '/shop/a/main.go': 'a 0' })
    await rig.live('a', 2)
    expect(imageOf(rig)).toBe('shop/a:dev-first0000000')
    expect(rig.builder.counts.started).toBe(2)
  })

  it('keeps at it when the engine goes, and builds when it is back', async () => {
    const rig = await live()
    rig.builder.down = engineGone
    rig.save({ '/shop/a/main.go': 'a 1' })
    await rig.until('lost', ({ engine }) => engine.kind === 'unreachable')
    rig.clock.advance(1000)
    await rig.until('asked once', ({ engine }) => engine.kind === 'unreachable' && engine.attempts === 1)
    rig.builder.down = undefined
    rig.clock.advance(5000)
    ;(await rig.build('a')).succeed('second')
    await rig.live('a', 1)
    expect(rig.clock.pending()).toEqual([])
  })

  it('holds back what it would apply while the cluster is gone', async () => {
    const rig = await live()
    rig.connection(false)
    rig.save({ '/shop/a/main.go': 'a 1' })
    ;(await rig.build('a')).succeed('second')
    await rig.until('loaded', ({ services }) => services.a?.deployable?.save === 1)
    expect(imageOf(rig)).toBe('shop/a:dev-first0000000')
    rig.connection(true)
    await rig.live('a', 1)
    expect(imageOf(rig)).toBe('shop/a:dev-second000000')
  })

  it('looks for the cluster itself when the watches do not get back to it', async () => {
    const rig = await live()
    rig.connection(false)
    await rig.until('down', ({ cluster }) => cluster.kind === 'connected' && !cluster.link.up)
    expect(rig.clock.pending()).toEqual([10_000])
    rig.clock.advance(10_000)
    await rig.until('found', ({ cluster }) => cluster.kind === 'connected' && cluster.link.up)
    expect(rig.clock.pending()).toEqual([])
  })

  it('brings everything to a cluster that was made anew under its name, and watches it afresh', async () => {
    const rig = await live()
    rig.connection(false)
    rig.cluster.recreate('cluster-2')
    rig.loader.present.clear()
    const before = rig.sinks.get('shop')
    rig.connection(true)
    await rig.until('there again', () => imageOf(rig) === 'shop/a:dev-first0000000')
    await rig.until('ready', ({ objects }) => objects['apps/Deployment/shop/a']?.rollout?.everDone === true)
    expect(rig.loader.present).toContain('shop/a:dev-first0000000')
    expect(rig.sinks.get('shop')).not.toBe(before)
  })

  it('reads and builds again when a file changed while it was sent', async () => {
    const rig = await live()
    rig.save({ '/shop/a/main.go': 'a 1' })
    const torn = await rig.build('a')
    rig.tree.files.set('/shop/a/main.go', 'a 2')
    torn.stopped()
    await rig.until('rebuilding', () => rig.builder.held.length === 1 && rig.builder.held[0] !== torn)
    ;(await rig.build('a')).succeed('second')
    await rig.live('a', 2)
  })

  it('shows a defect of its own, and goes on', async () => {
    const rig = await live()
    rig.builder.defect = new Error('no such luck')
    rig.save({ '/shop/a/main.go': 'a 1' })
    await rig.until('told', ({ bugs }) => bugs.length === 1)
    expect(rig.session.getState().bugs).toMatchObject([
      { kind: 'bug', where: 'build', message: 'no such luck' },
    ])
    rig.save({ '/shop/a/main.go': 'a 2' })
    ;(await rig.build('a')).succeed('second')
    await rig.live('a', 2)
  })

  it('numbers a save of manifests as one of the services that it changes', async () => {
    const rig = await live()
    const [deployment] = rig.project.manifests
    if (deployment === undefined) throw new Error('one manifest')
    rig.project.manifests = [{ ...deployment, spec: { ...(deployment.spec as object), replicas: 1 } }]
    rig.clock.advance(1)
    rig.watcher.push(rig.clock.now(), '/shop/k8s/all.yaml')
    await rig.live('a', 1)
    expect(rig.cluster.objects.get('apps/Deployment/shop/a')?.spec).toMatchObject({ replicas: 1 })
  })

  it('takes services that come and go with the config', async () => {
    const rig = await live()
    rig.project.config = projectOf(['b'])
    rig.project.manifests = [deploymentOf('b', 'shop/b')]
    rig.tree.files.set('/shop/b/main.go', 'b')
    rig.clock.advance(1)
    rig.watcher.push(rig.clock.now(), '/shop/dev.config.yaml')
    ;(await rig.build('b')).succeed('bee')
    await rig.live('b', 1)
    expect(Object.keys(rig.session.getState().services)).toEqual(['b'])
    expect(rig.session.getState().save).toBe(1)
    expect(rig.watcher.watched).toContain('/shop/b')
  })

  it('ends with nothing left running, whatever was held', async () => {
    const rig = await live()
    rig.loader.hold = true
    rig.save({ '/shop/a/main.go': 'a 1' })
    ;(await rig.build('a')).succeed('second')
    await rig.until('loading', () => rig.loader.held.length === 1)
    rig.save({ '/shop/a/main.go': 'a 2' })
    const build = await rig.build('a')
    let isStopped = false
    const stopped = rig.session.stop().then(() => {
      isStopped = true
    })
    expect(build.signal.aborted).toBe(true)
    // The engine still works on it: the session has not ended.
    await new Promise(setImmediate)
    expect(isStopped).toBe(false)
    build.stopped()
    await stopped
    expect([
      rig.loader.held,
      rig.builder.held,
      rig.watcher.watched,
      [...rig.sinks],
      rig.clock.pending(),
    ]).toEqual([[], [], [], [], []])
    expect(await rig.session.ended).toEqual({ kind: 'running' })
  })
})

describe('with --once', () => {
  const once = { ...upMode, once: true }

  it('succeeds when all is live', async () => {
    const rig = await start(projectOf(['a']), { ...shop, mode: once })
    ;(await rig.build('a')).succeed('first')
    expect(await rig.session.ended).toEqual({ kind: 'succeeded' })
  })

  it('waits a moment for what has no readiness probe, and sees it crash', async () => {
    const unprobed: KubeObject = {
      ...deploymentOf('a', 'shop/a'),
      spec: { template: { spec: { containers: [{ name: 'a', image: 'shop/a' }] } } },
    }
    const rig = await start(projectOf(['a'], { waitTimeout: 30 }), { mode: once, manifests: [unprobed] })
    let isEnded = false
    void rig.session.ended.then(() => {
      isEnded = true
    })
    ;(await rig.build('a')).succeed('first')
    await rig.until('rolled out', ({ objects }) => objects[A]?.rollout?.doneAt !== undefined)
    await rig.until('settling', () => rig.clock.pending().includes(SETTLE_TIME))
    expect(isEnded).toBe(false)
    const seen = rig.cluster.objects.get(A) ?? unprobed
    rig.see(seen, false)
    await rig.until('unready', ({ objects }) => objects[A]?.rollout?.doneAt === undefined)
    await rig.until('timed', () => rig.clock.pending().length === 1)
    rig.clock.advance(SETTLE_TIME)
    expect(isEnded).toBe(false)
    rig.see(seen, true)
    await rig.until('settling again', () => rig.clock.pending().includes(SETTLE_TIME))
    rig.clock.advance(SETTLE_TIME)
    expect(await rig.session.ended).toEqual({ kind: 'succeeded' })
  })

  it('fails with the problem of a build', async () => {
    const rig = await start(projectOf(['a']), { ...shop, mode: once })
    ;(await rig.build('a')).fail(boom)
    expect(await rig.session.ended).toEqual({ kind: 'failed', problems: [boom] })
  })

  it('waits for images that are on their way to the nodes, though nothing runs them', async () => {
    const project = projectOf([], { preload: ['redis:7'] })
    const rig = await start(project, { mode: once, manifests: [] })
    expect(await rig.session.ended).toEqual({ kind: 'succeeded' })
    expect(rig.session.getState().loads['redis:7']?.kind).toBe('not-local')
  })

  it('fails when a workload has had its time', async () => {
    const rig = await createRig(projectOf(['a'], { waitTimeout: 30 }), { ...shop, mode: once })
    rigs.push(rig)
    rig.project.rollsOut = false
    ;(await rig.build('a')).succeed('first')
    await rig.until('applied', ({ objects }) => objects['apps/Deployment/shop/a']?.apply.kind === 'applied')
    await rig.until('timed', () => rig.clock.pending().length > 0)
    rig.clock.advance(30_000)
    expect(await rig.session.ended).toMatchObject({
      kind: 'failed',
      problems: [{ kind: 'rollout-failed', reason: 'deadline' }],
    })
  })

  it('tries an apply that may succeed later again, and ends when it does not', async () => {
    const rig = await start(projectOf([]), {
      manifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'default' } }],
      mode: once,
    })
    const problem = {
      kind: 'apply-rejected',
      object: 'configmap/x -n default',
      reason: 'no-such-kind',
      message: 'no matches for kind',
      fields: [],
    } as const
    rig.cluster.refuse = () => problem
    const attempts = () => {
      const apply = rig.session.getState().objects['/ConfigMap/default/x']?.apply
      return apply?.kind === 'failed' ? apply.attempts : 0
    }
    for (let attempt = 1; attempt < 8; attempt++) {
      await rig.until(`attempt ${attempt}`, () => attempts() === attempt && rig.clock.pending().length > 0)
      rig.clock.advance(5000)
    }
    expect(await rig.session.ended).toEqual({ kind: 'failed', problems: [problem] })
  })
})
