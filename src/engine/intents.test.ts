import { afterEach, describe, expect, it } from 'vitest'
import type { Intent } from '../core/intent.js'
import type { KubeObject } from '../core/kube-object.js'
import { valueAt } from '../core/manifest/fields.js'
import { outcome } from '../core/outcome.js'
import { serviceStatus } from '../core/service-status.js'
import { statusReport } from '../core/status-report.js'
import { createRig, deploymentOf, type Rig } from '../testing/session-rig.js'
import { boom, engineGone, projectOf, serviceSpec, upMode } from '../testing/states.js'
import { answerControl } from './answer-control.js'

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

const A = 'apps/Deployment/shop/a'
const B = 'apps/Deployment/shop/b'
const shop = { manifests: [deploymentOf('a', 'shop/a')] }

/** A session in which `a` is live as it was found. */
async function live(options: Parameters<typeof createRig>[1] = shop): Promise<Rig> {
  const rig = await start(projectOf(['a']), options)
  ;(await rig.build('a')).succeed('first')
  await rig.live('a', 0)
  return rig
}

async function save(rig: Rig, text: string, image: string): Promise<void> {
  rig.save({ '/shop/a/main.go': text })
  ;(await rig.build('a')).succeed(image)
}

const act = (rig: Rig, type: Exclude<Intent['type'], 'switch'>, service = 'a') =>
  rig.session.act({ type, service })
const phase = (rig: Rig, service = 'a') => serviceStatus(rig.session.getState(), service).phase
const untilPhase = (rig: Rig, wanted: string, service = 'a') =>
  rig.until(wanted, state => serviceStatus(state, service).phase === wanted)
const objectOf = (rig: Rig, key = A) => rig.cluster.objects.get(key)
const imageOf = (rig: Rig, key = A) => JSON.stringify(objectOf(rig, key) ?? '').match(/shop\/\w:[\w-]+/)?.[0]
const notices = (rig: Rig) => rig.told.flatMap(one => (one.type === 'notice' ? [one.message] : []))
const lives = (rig: Rig) => rig.told.filter(({ type }) => type === 'live').length
const RESTARTED = ['spec', 'template', 'metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt']
const REPLICAS = ['spec', 'replicas']
const scaled = (replicas: number | undefined): KubeObject => {
  const bare = deploymentOf('a', 'shop/a')
  return replicas === undefined ? bare : { ...bare, spec: { ...(bare.spec as object), replicas } }
}

describe('rebuild', () => {
  it('builds again what is known, rolls nothing for an equal image and says so', async () => {
    const rig = await live()
    const applied = rig.cluster.applied.length
    act(rig, 'rebuild')
    ;(await rig.build('a')).succeed('first')
    await rig.until('idle', ({ services }) => services.a?.build.kind === 'idle')
    expect(notices(rig)).toContain('built again: shop/a:dev-first0000000 is what it was, so nothing rolls')
    expect(phase(rig)).toBe('live')
    expect(rig.cluster.applied).toHaveLength(applied)
    expect(rig.builder.counts.started).toBe(2)
  })

  it('rolls another image out', async () => {
    const rig = await live()
    act(rig, 'rebuild')
    ;(await rig.build('a')).succeed('other')
    await rig.until('applied', () => imageOf(rig) === 'shop/a:dev-other0000000')
    await untilPhase(rig, 'live')
    expect(lives(rig)).toBe(2)
  })

  it('tries a failed build again', async () => {
    const rig = await start(projectOf(['a']), shop)
    ;(await rig.build('a')).fail(boom)
    await untilPhase(rig, 'failed')
    act(rig, 'rebuild')
    ;(await rig.build('a')).succeed('first')
    await rig.live('a', 0)
  })

  it('shows that it failed, though the image before still runs', async () => {
    const rig = await live()
    act(rig, 'rebuild')
    ;(await rig.build('a')).fail(boom)
    await untilPhase(rig, 'failed')
    act(rig, 'rebuild')
    ;(await rig.build('a')).succeed('first')
    await untilPhase(rig, 'live')
  })

  it('is done once the engine is there again', async () => {
    const rig = await live()
    act(rig, 'rebuild')
    ;(await rig.build('a')).fail(engineGone)
    await rig.until('lost', ({ engine }) => engine.kind === 'unreachable')
    expect(phase(rig)).toBe('waiting')
    rig.clock.advance(60_000)
    ;(await rig.build('a')).succeed('first')
    await untilPhase(rig, 'live')
  })

  it('is done with the newer files where a save came in between, even if their image is known', async () => {
    const rig = await live()
    await save(rig, 'a 1', 'second')
    await rig.live('a', 1)
    act(rig, 'rebuild')
    const running = await rig.build('a')
    rig.save({ '/shop/a/main.go': 'a 0' })
    await rig.until('superseded', () => running.signal.aborted)
    running.stopped()
    await rig.until('another build', () => rig.builder.held.length === 1 && rig.builder.held[0] !== running)
    ;(await rig.build('a')).succeed('first')
    await rig.live('a', 2)
    expect(rig.builder.counts.started).toBe(4)
  })
})

describe('redeploy', () => {
  it('puts back what somebody changed by hand, and tells that the service is live', async () => {
    const rig = await live({ manifests: [scaled(2)] })
    const byHand = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a', namespace: 'shop' },
      spec: { replicas: 7 },
    }
    await rig.cluster.apply(byHand, { fieldManager: 'kubectl-edit', force: true })
    act(rig, 'redeploy')
    await rig.until('put back', () => valueAt(objectOf(rig), REPLICAS) === 2)
    await untilPhase(rig, 'live')
    await rig.until('told', () => lives(rig) === 2)
  })

  it('tries what the API server refused', async () => {
    const rig = await start(projectOf(['a']), shop)
    rig.cluster.refuse = object =>
      object.kind === 'Deployment'
        ? {
            kind: 'apply-rejected',
            object: 'deployment/a',
            reason: 'denied',
            message: 'no',
            fields: [],
          }
        : undefined
    ;(await rig.build('a')).succeed('first')
    await untilPhase(rig, 'failed')
    rig.cluster.refuse = () => undefined
    act(rig, 'redeploy')
    await rig.live('a', 0)
  })
})

describe('restart', () => {
  it('marks the pod template, watches the rollout and tells that the service is live', async () => {
    const rig = await live()
    rig.project.rollsOut = false
    act(rig, 'restart')
    await untilPhase(rig, 'rolling')
    const at = valueAt(objectOf(rig), RESTARTED)
    expect(at).toEqual(expect.any(String))
    rig.see(objectOf(rig) ?? scaled(1), true)
    await untilPhase(rig, 'live')
    expect(lives(rig)).toBe(2)
    rig.project.rollsOut = true
    await save(rig, 'a 1', 'second')
    await rig.live('a', 1)
    expect(valueAt(objectOf(rig), RESTARTED)).toBe(at)
  })

  it('waits for an apply that is under way', async () => {
    const rig = await live()
    rig.cluster.hold = true
    await save(rig, 'a 1', 'second')
    await rig.until('applying', () => rig.cluster.held.length === 1)
    act(rig, 'restart')
    expect(rig.cluster.held).toHaveLength(1)
    rig.cluster.hold = false
    for (const call of [...rig.cluster.held]) call.release()
    await rig.until('restarted', () => valueAt(objectOf(rig), RESTARTED) !== undefined)
    await rig.live('a', 1)
  })

  it('has nothing to do for a CronJob', async () => {
    const cron = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'a', namespace: 'shop' },
      spec: {
        jobTemplate: { spec: { template: { spec: { containers: [{ name: 'a', image: 'shop/a' }] } } } },
      },
    }
    const rig = await start(projectOf(['a']), { manifests: [cron] })
    ;(await rig.build('a')).succeed('first')
    await rig.live('a', 0)
    act(rig, 'restart')
    expect(notices(rig).at(-1)).toMatch(/^cronjob\/a -n shop has nothing to restart/)
  })

  it('tells why it failed, and goes on', async () => {
    const rig = await live()
    rig.cluster.objects.delete(A)
    act(rig, 'restart')
    await rig.until('told', () => notices(rig).some(text => text.includes('could not be restarted')))
    expect(phase(rig)).toBe('live')
  })
})

describe('pause and resume', () => {
  it('counts the saves that wait, and catches up with the newest in one go', async () => {
    const rig = await live()
    const readings = rig.tree.readings.length
    act(rig, 'pause')
    for (const text of ['a 1', 'a 2', 'a 3']) rig.save({ '/shop/a/main.go': text })
    await rig.until('three waiting', ({ services }) => services.a?.steering.paused?.saves === 3)
    expect(serviceStatus(rig.session.getState(), 'a')).toEqual({
      phase: 'waiting',
      hold: { kind: 'paused', service: 'a', saves: 3 },
    })
    expect(rig.tree.readings).toHaveLength(readings)
    expect(statusReport(rig.session.getState()).services[0]?.paused).toEqual({ saves: 3 })
    act(rig, 'resume')
    ;(await rig.build('a')).succeed('newest')
    await rig.live('a', 1)
    expect(imageOf(rig)).toBe('shop/a:dev-newest000000')
    expect(rig.builder.counts.started).toBe(2)
  })

  it('lets a running build end, and loads its image only when resumed', async () => {
    const rig = await live()
    rig.save({ '/shop/a/main.go': 'a 1' })
    const build = await rig.build('a')
    act(rig, 'pause')
    build.succeed('second')
    await untilPhase(rig, 'waiting')
    expect(rig.session.getState().loads['shop/a:dev-second000000']).toBeUndefined()
    act(rig, 'resume')
    await rig.live('a', 1)
  })

  it('leaves a live service live, and holds back what is asked of it meanwhile', async () => {
    const rig = await live()
    act(rig, 'pause')
    expect(phase(rig)).toBe('live')
    act(rig, 'redeploy')
    expect(notices(rig).at(-1)).toMatch(/waits until it is resumed$/)
    await untilPhase(rig, 'waiting')
    act(rig, 'resume')
    await untilPhase(rig, 'live')
  })

  it('counts a save of its manifests, and does not hold up other services', async () => {
    const rig = await start(projectOf(['a', 'b']), {
      manifests: [deploymentOf('a', 'shop/a'), deploymentOf('b', 'shop/b')],
    })
    for (const name of ['a', 'b']) (await rig.build(name)).succeed(name)
    await rig.live('a', 0)
    await rig.live('b', 0)
    act(rig, 'pause')
    rig.project.manifests = [scaled(3), deploymentOf('b', 'shop/b')]
    rig.save({ '/shop/k8s/all.yaml': '', '/shop/b/main.go': 'b 1' })
    ;(await rig.build('b')).succeed('b1')
    await rig.live('b', 1)
    expect(rig.session.getState().services.a?.steering.paused?.saves).toBe(1)
    expect(valueAt(objectOf(rig), REPLICAS)).toBeUndefined()
    act(rig, 'resume')
    await rig.until('scaled', () => valueAt(objectOf(rig), REPLICAS) === 3)
  })
})

describe('scale-to-zero and scale-back', () => {
  it.each([
    ['a number of replicas', 3],
    ['none', undefined],
  ])('runs no pods across saves, then what a manifest with %s says', async (_what, replicas) => {
    const rig = await live({ manifests: [scaled(replicas)] })
    act(rig, 'scale-to-zero')
    await untilPhase(rig, 'scaled-to-zero')
    expect(valueAt(objectOf(rig), REPLICAS)).toBe(0)
    await save(rig, 'a 1', 'second')
    await rig.until('applied', () => imageOf(rig) === 'shop/a:dev-second000000')
    await untilPhase(rig, 'scaled-to-zero')
    expect(valueAt(objectOf(rig), REPLICAS)).toBe(0)
    expect(rig.told.some(({ type }) => type === 'problem')).toBe(false)
    act(rig, 'scale-back')
    await rig.live('a', 1)
    expect(valueAt(objectOf(rig), REPLICAS)).toBe(replicas)
  })

  it('takes the number from an autoscaler', async () => {
    const rig = await live({ manifests: [scaled(2)] })
    const autoscaled = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a', namespace: 'shop' },
      spec: { replicas: 5 },
    }
    await rig.cluster.apply(autoscaled, { fieldManager: 'kube-controller-manager', force: true })
    act(rig, 'scale-to-zero')
    await rig.until('scaled', () => valueAt(objectOf(rig), REPLICAS) === 0)
  })

  it('holds those that depend on it', async () => {
    const project = projectOf(['a', serviceSpec('b', { dependsOn: ['a'] })])
    const rig = await start(project, {
      manifests: [deploymentOf('a', 'shop/a'), deploymentOf('b', 'shop/b')],
    })
    for (const name of ['a', 'b']) (await rig.build(name)).succeed(name)
    await rig.live('b', 0)
    act(rig, 'scale-to-zero')
    await untilPhase(rig, 'scaled-to-zero')
    rig.save({ '/shop/b/main.go': 'b 1' })
    ;(await rig.build('b')).succeed('b1')
    await untilPhase(rig, 'waiting', 'b')
    expect(serviceStatus(rig.session.getState(), 'b')).toMatchObject({
      hold: { kind: 'depends-on', name: 'a', scaledToZero: true },
    })
    act(rig, 'scale-back')
    await rig.live('b', 1)
    expect(imageOf(rig, B)).toBe('shop/b:dev-b10000000000')
  })

  it('ends --once in success', async () => {
    const rig = await start(projectOf(['a'], { waitTimeout: 30 }), {
      ...shop,
      mode: { ...upMode, once: true },
    })
    rig.cluster.hold = true
    ;(await rig.build('a')).succeed('first')
    await rig.until('applying', () => rig.cluster.held.length === 1)
    for (const call of [...rig.cluster.held]) call.release()
    await rig.until('applying the Deployment', () => rig.cluster.held[0]?.object.kind === 'Deployment')
    act(rig, 'scale-to-zero')
    rig.cluster.hold = false
    for (const call of [...rig.cluster.held]) call.release()
    expect(await rig.session.ended).toEqual({ kind: 'succeeded' })
    expect(valueAt(objectOf(rig), REPLICAS)).toBe(0)
  })
})

describe('rollback', () => {
  it('runs the image before whatever is saved, until it is cleared', async () => {
    const rig = await live()
    await save(rig, 'a 1', 'second')
    await rig.live('a', 1)
    act(rig, 'rollback')
    await untilPhase(rig, 'rolled-back')
    expect(serviceStatus(rig.session.getState(), 'a')).toEqual({ phase: 'rolled-back', to: 'save 0' })
    expect(imageOf(rig)).toBe('shop/a:dev-first0000000')
    act(rig, 'rebuild')
    ;(await rig.build('a')).succeed('second')
    await untilPhase(rig, 'rolled-back')
    await save(rig, 'a 2', 'third')
    const held = { phase: 'rolled-back', to: 'save 0', held: 2 }
    await rig.until('held', state => {
      const status = serviceStatus(state, 'a')
      return status.phase === 'rolled-back' && status.held === 2
    })
    expect(serviceStatus(rig.session.getState(), 'a')).toEqual(held)
    expect(statusReport(rig.session.getState()).services[0]?.message).toBe(
      'to save 0; save 2 is built and held',
    )
    expect(imageOf(rig)).toBe('shop/a:dev-first0000000')
    act(rig, 'clear')
    await rig.live('a', 2)
    expect(imageOf(rig)).toBe('shop/a:dev-third0000000')
  })

  it('goes to the image of a revision that no session knows, once the nodes have it', async () => {
    const rig = await live()
    const to = { revision: 7, image: 'shop/a:dev-older0000000', save: 3 }
    rig.session.act({ type: 'rollback', service: 'a', to })
    await untilPhase(rig, 'rolled-back')
    expect(imageOf(rig)).toBe('shop/a:dev-older0000000')
    expect(rig.session.getState().loads['shop/a:dev-older0000000']).toBeDefined()
    rig.session.act({ type: 'rollback', service: 'a', to })
    expect(notices(rig).at(-1)).toBe('runs dev-older0000000 already, the image of revision 7')
    act(rig, 'roll-forward')
    await untilPhase(rig, 'live')
    expect(imageOf(rig)).toBe('shop/a:dev-first0000000')
  })

  it('is live again once the files are those of the image that it went back to', async () => {
    const rig = await live()
    await save(rig, 'a 1', 'second')
    await rig.live('a', 1)
    act(rig, 'rollback')
    await untilPhase(rig, 'rolled-back')
    await save(rig, 'a 2', 'first')
    await rig.live('a', 2)
  })

  it('runs what was live last where the present one fails, and solves its problem', async () => {
    const rig = await live()
    rig.cluster.refuse = object =>
      JSON.stringify(object).includes('dev-second')
        ? { kind: 'apply-rejected', object: 'deployment/a', reason: 'denied', message: 'no', fields: [] }
        : undefined
    await save(rig, 'a 1', 'second')
    await untilPhase(rig, 'failed')
    act(rig, 'rollback')
    await untilPhase(rig, 'rolled-back')
    expect(imageOf(rig)).toBe('shop/a:dev-first0000000')
    await rig.until('solved', () => rig.told.some(({ type }) => type === 'solved'))
  })

  it('keeps the earlier image while the build of the next save fails', async () => {
    const rig = await live()
    await save(rig, 'a 1', 'second')
    await rig.live('a', 1)
    act(rig, 'rollback')
    await untilPhase(rig, 'rolled-back')
    rig.save({ '/shop/a/main.go': 'a 2' })
    ;(await rig.build('a')).fail(boom)
    await untilPhase(rig, 'failed')
    expect(imageOf(rig)).toBe('shop/a:dev-first0000000')
  })

  it('holds through a save of the manifests of the service, which is applied', async () => {
    const rig = await live()
    await save(rig, 'a 1', 'second')
    await rig.live('a', 1)
    act(rig, 'rollback')
    await untilPhase(rig, 'rolled-back')
    rig.project.manifests = [scaled(2)]
    rig.save({ '/shop/k8s/all.yaml': '' })
    await rig.until('two replicas', () => valueAt(objectOf(rig), REPLICAS) === 2)
    await untilPhase(rig, 'rolled-back')
    expect(imageOf(rig)).toBe('shop/a:dev-first0000000')
  })

  it('twice is back at the newest', async () => {
    const rig = await live()
    await save(rig, 'a 1', 'second')
    await rig.live('a', 1)
    act(rig, 'rollback')
    await untilPhase(rig, 'rolled-back')
    act(rig, 'rollback')
    await untilPhase(rig, 'live')
    expect(imageOf(rig)).toBe('shop/a:dev-second000000')
    expect(rig.session.getState().services.a?.steering.rolledBack).toBeUndefined()
  })

  it('does not end --once in success: what was asked for is not what runs', async () => {
    const rig = await live()
    await save(rig, 'a 1', 'second')
    await rig.live('a', 1)
    act(rig, 'rollback')
    await untilPhase(rig, 'rolled-back')
    expect(outcome(rig.session.getState())).toMatchObject({
      kind: 'failed',
      problems: [{ workload: 'service/a', message: expect.stringContaining('rolled back to save 0') }],
    })
    act(rig, 'pause')
    expect(outcome(rig.session.getState()).kind).toBe('failed')
    rig.save({ '/shop/a/main.go': 'a 2' })
    await untilPhase(rig, 'waiting')
    expect(outcome(rig.session.getState())).toEqual({ kind: 'running' })
  })

  it('tells where there is nothing to go back to', async () => {
    const rig = await live()
    act(rig, 'rollback')
    expect(notices(rig).at(-1)).toMatch(/^there is no image to go back to/)
    expect(phase(rig)).toBe('live')
  })
})

describe('the control channel', () => {
  it.each<[what: string, intent: Intent, answer: unknown]>([
    ['follows an intent', { type: 'restart', service: 'a' }, { ok: true, message: 'its pods are replaced' }],
    [
      'says that there is no such service',
      { type: 'restart', service: 'x' },
      { error: 'x: there is no service x in this session, only a' },
    ],
    ['says why it does nothing', { type: 'resume', service: 'a' }, { error: 'a: is not paused' }],
  ])('%s', async (_what, intent, answer) => {
    const rig = await live()
    expect(answerControl(rig.session, { type: 'intent', intent })).toEqual(answer)
  })
})
