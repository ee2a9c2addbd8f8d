import { afterEach, describe, expect, it } from 'vitest'
import type { LiveAnswer } from '../core/why/live-verdict.js'
import { createRig, deploymentOf, type Rig } from '../testing/session-rig.js'
import { boom, projectOf } from '../testing/states.js'
import { answerControl } from './answer-control.js'

const rigs: Rig[] = []
afterEach(async () => {
  for (const rig of rigs.splice(0)) {
    for (const build of [...rig.builder.held]) build.stopped()
    await rig.session.stop()
  }
})

/** A session in which `a` and `b` are live as they were found. */
async function live(): Promise<Rig> {
  const manifests = [deploymentOf('a', 'shop/a'), deploymentOf('b', 'shop/b')]
  const rig = await createRig(projectOf(['a', 'b']), { manifests })
  rigs.push(rig)
  ;(await rig.build('a')).succeed('first a')
  ;(await rig.build('b')).succeed('first b')
  await rig.live('a', 0)
  await rig.live('b', 0)
  return rig
}

function wait(rig: Rig, ...services: readonly string[]) {
  const abort = new AbortController()
  let answer: LiveAnswer | undefined
  const answered = (
    answerControl(rig.session, { type: 'wait', services }, abort.signal) as Promise<LiveAnswer | undefined>
  ).then(value => {
    answer = value
    return value
  })
  return { abort, answered, answer: () => answer }
}

/** Edits a file, and the watcher has not told of it yet. */
const edit = (rig: Rig, service: string, text: string) => rig.tree.files.set(`/shop/${service}/main.go`, text)

describe('waiting for the working tree to be live', () => {
  it('answers at once where it is, and nothing is told of that', async () => {
    const rig = await live()
    const told = rig.told.length
    expect(await wait(rig).answered).toEqual({ kind: 'live', save: 0 })
    expect(rig.told.slice(told)).toEqual([])
  })

  it('waits for a change that the watcher has not told of', async () => {
    const rig = await live()
    edit(rig, 'a', 'a 1')
    const waiting = wait(rig)
    const build = await rig.build('a')
    expect(waiting.answer()).toBeUndefined()
    build.succeed('second a')
    expect(await waiting.answered).toEqual({ kind: 'live', save: 1 })
    const lives = rig.told.filter(({ type }) => type === 'live').length
    expect(lives).toBe(3)
  })

  it('counts a save once where the watcher tells of it later', async () => {
    const rig = await live()
    edit(rig, 'a', 'a 1')
    const waiting = wait(rig)
    ;(await rig.build('a')).succeed('second a')
    await waiting.answered
    rig.save({ '/shop/a/main.go': 'a 1' })
    expect(await wait(rig).answered).toEqual({ kind: 'live', save: 1 })
  })

  it('reads manifests again that were touched', async () => {
    const rig = await live()
    rig.watcher.touched = true
    rig.project.manifests = [
      deploymentOf('a', 'shop/a'),
      {
        ...deploymentOf('b', 'shop/b'),
        spec: { ...(deploymentOf('b', 'shop/b').spec as object), replicas: 3 },
      },
    ]
    expect(await wait(rig).answered).toEqual({ kind: 'live', save: 1 })
    expect(rig.cluster.objects.get('apps/Deployment/shop/b')?.spec).toMatchObject({ replicas: 3 })
  })

  it('answers with the cause as soon as one failed, and of the services that were named only', async () => {
    const rig = await live()
    edit(rig, 'a', 'a 1')
    edit(rig, 'b', 'b 1')
    const all = wait(rig)
    const onlyB = wait(rig, 'b')
    ;(await rig.build('a')).fail(boom)
    expect(await all.answered).toEqual({ kind: 'failed', save: 1, causes: [{ service: 'a', problem: boom }] })
    expect(onlyB.answer()).toBeUndefined()
    ;(await rig.build('b')).succeed('second b')
    expect(await onlyB.answered).toMatchObject({ kind: 'live' })
  })

  it('does not take a failure for an answer that the edit before the call mends', async () => {
    const rig = await live()
    rig.save({ '/shop/a/main.go': 'broken' })
    ;(await rig.build('a')).fail(boom)
    await rig.until('failed', state => state.services.a?.build.kind === 'failed')
    edit(rig, 'a', 'mended')
    const waiting = wait(rig)
    ;(await rig.build('a')).succeed('mended a')
    expect(await waiting.answered).toEqual({ kind: 'live', save: 2 })
  })

  it('says who holds it back', async () => {
    const rig = await live()
    rig.session.act({ type: 'pause', service: 'a' })
    rig.save({ '/shop/a/main.go': 'a 1' })
    await rig.until('pending', state => state.services.a?.pending !== undefined)
    expect(await wait(rig).answered).toEqual({
      kind: 'held',
      save: 0,
      services: [{ service: 'a', reason: 'paused' }],
    })
    expect(await wait(rig, 'b').answered).toEqual({ kind: 'live', save: 0 })
  })

  it('knows a config that cannot be used', async () => {
    const rig = await live()
    rig.project.config = { ...rig.project.config, name: 'another' }
    expect(await wait(rig).answered).toMatchObject({
      kind: 'failed',
      causes: [{ problem: { kind: 'config-invalid' } }],
    })
  })

  it('knows no other services', async () => {
    const rig = await live()
    expect(await wait(rig, 'c').answered).toEqual({
      kind: 'unknown-service',
      service: 'c',
      known: ['a', 'b'],
    })
  })

  it('ends when nobody listens any more', async () => {
    const rig = await live()
    edit(rig, 'a', 'a 1')
    const waiting = wait(rig)
    await rig.build('a')
    waiting.abort.abort()
    expect(await waiting.answered).toBeUndefined()
  })
})

describe('why', () => {
  it('names the files of the last save and its stages', async () => {
    const rig = await live()
    rig.save({ '/shop/a/main.go': 'a 1' })
    ;(await rig.build('a')).succeed('second a')
    await rig.live('a', 1)
    expect(answerControl(rig.session, { type: 'why', service: 'a' })).toMatchObject({
      save: 1,
      cause: 'files',
      files: [{ path: '/shop/a/main.go', why: 'the context' }],
      image: { cached: false, save: 1 },
      stages: { build: expect.any(Number), rollout: expect.any(Number) },
      later: undefined,
    })
    expect(answerControl(rig.session, { type: 'why', service: 'b' })).toMatchObject({
      save: 0,
      cause: 'start',
      files: [],
    })
    expect(answerControl(rig.session, { type: 'why', service: 'c' })).toBeUndefined()
  })

  it.each([
    ['equal content', '/shop/a/main.go', 'a 0', 'equal'],
    ['a file that is no input', '/shop/a/x.log', 'x', 'no-input'],
  ])('says that the last change was of %s', async (_what, path, text, kind) => {
    const rig = await live()
    rig.save({ [path]: text })
    await rig.until('read', ({ services: { a } }) => a?.source.kind === 'known' && a.pending === undefined)
    expect(answerControl(rig.session, { type: 'why', service: 'a' })).toMatchObject({
      save: 0,
      later: { kind, files: [{ path }] },
    })
  })
})

describe('why not', () => {
  it.each([
    ['/shop/a/main.go', { starts: true, services: [{ service: 'a', input: true }], config: false }],
    ['/shop/a/x.log', { starts: false, services: [{ service: 'a', input: false }] }],
    ['/shop/dev.config.yaml', { starts: true, services: [], config: true }],
    ['/shop/k8s/new.yaml', { starts: true, services: [], manifests: { input: true } }],
    ['/shop/k8s/notes.txt', { starts: false, manifests: { input: false } }],
    ['/shop/.git/index', { starts: false, services: [], why: 'git keeps its own state there' }],
    ['/elsewhere/x', { starts: false, services: [], why: expect.stringContaining('no build context') }],
  ])('%s', async (path, report) => {
    const rig = await live()
    expect(answerControl(rig.session, { type: 'why-not', path })).toMatchObject({ path, ...report })
  })
})
