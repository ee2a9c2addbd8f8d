import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { socketChannel } from '../../src/adapters/control/socket-channel.js'
import { socketPathIn } from '../../src/adapters/state/state-directory.js'
import type { Intent } from '../../src/core/intent.js'
import type { StatusReport } from '../../src/core/status-report.js'
import type { Running } from './rig/devloop.js'
import { eventually } from './rig/eventually.js'
import { config, web, webDockerfile } from './rig/fixtures.js'
import { kubectl, read } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'

const CRON = `apiVersion: batch/v1
kind: CronJob
metadata: { name: tick }
spec:
  schedule: '0 0 1 1 *'
  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: tick, image: NS/tick }] } } } }
`
/** Without metrics an autoscaler still keeps its least number of replicas. */
const AUTO = `${web('auto').replace('  replicas: 1\n', '')}---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: auto }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: auto }
  minReplicas: 2
  maxReplicas: 3
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 90 } } }]
`
const RESTARTED = 'kubectl.kubernetes.io/restartedAt'

interface DeploymentSpec {
  readonly replicas: number
  readonly template: {
    readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
    readonly spec: {
      readonly terminationGracePeriodSeconds: number
      readonly containers: readonly { readonly image: string }[]
    }
  }
}

/** Asks the `up` that runs for a project as another command does. */
async function ask(project: TestProject, intent: Intent): Promise<unknown> {
  return socketChannel.ask(await socketOf(project), { type: 'intent', intent })
}

async function socketOf({ folder }: TestProject): Promise<string> {
  const projects = join(folder, '..', 'state', 'projects')
  const [id = ''] = await readdir(projects)
  return socketPathIn(join(projects, id), process.platform)
}

async function podsOf({ namespace }: TestProject, app: string): Promise<readonly string[]> {
  const names = await kubectl(['get', 'pods', '-n', namespace, '-l', `app=${app}`, '-o', 'name'])
  return names.split('\n').filter(Boolean).sort()
}

async function deployment({ namespace }: TestProject, name: string) {
  const { metadata, spec, status } = await read(namespace, 'deployment', name)
  const typed = spec as unknown as DeploymentSpec
  const { annotations = {} } = typed.template.metadata
  const { containers, terminationGracePeriodSeconds } = typed.template.spec
  return {
    generation: metadata.generation,
    replicas: typed.replicas,
    ready: Number(status?.readyReplicas ?? 0),
    image: containers[0]?.image ?? '',
    restartedAt: annotations[RESTARTED],
    grace: terminationGracePeriodSeconds,
  }
}

describe.concurrent('intents given to a running up', () => {
  let project: TestProject
  let up: Running

  beforeAll(async () => {
    project = await createProject({
      'dev.config.yaml': config(
        ['web', 'auto', 'tick'].map(name => `  ${name}: { image: NS/${name} }`).join('\n'),
      ),
      ...Object.fromEntries(
        ['web', 'auto', 'tick'].flatMap(name => [
          [`${name}/Dockerfile`, webDockerfile],
          [`${name}/www/index.html`, `${name} zero`],
        ]),
      ),
      'k8s/web.yaml': web('web'),
      'k8s/auto.yaml': AUTO,
      'k8s/tick.yaml': CRON,
    })
    up = project.start('up', '--json')
    for (const name of ['web', 'auto', 'tick'])
      await up.until('live', { where: ({ service }) => service === name, deadline: 60_000 })
  })
  afterAll(() => project[Symbol.asyncDispose]())

  const give = async (type: Exclude<Intent['type'], 'switch'>, service = 'web') =>
    expect(await ask(project, { type, service })).toMatchObject({ ok: true })
  const live = (since: number, service = 'web') =>
    up.until('live', { since, where: told => told.service === service })
  const phase = (since: number, wanted: string, service = 'web') =>
    up.until('phase', { since, where: told => told.service === service && told.phase === wanted })
  async function save(text: string): Promise<void> {
    const since = up.mark()
    await project.write('web/www/index.html', text)
    await live(since)
  }

  test.sequential('restart replaces the pods, and neither an apply of the manifest nor a save undoes it', async () => {
    const before = await podsOf(project, 'web')
    const since = up.mark()
    await give('restart')
    await live(since)
    expect(up.all('phase', since).map(told => told.phase)).toContain('rolling')
    await eventually(async () => {
      const after = await podsOf(project, 'web')
      expect(after).toHaveLength(1)
      expect(before).not.toContain(after[0])
    })
    const restarted = await deployment(project, 'web')
    expect(Date.parse(restarted.restartedAt ?? '')).toBeGreaterThan(Date.now() - 60_000)
    const redeployed = up.mark()
    await give('redeploy')
    await live(redeployed)
    expect(await deployment(project, 'web')).toEqual(restarted)
    await save('one')
    expect((await deployment(project, 'web')).restartedAt).toBe(restarted.restartedAt)
  })

  test.sequential('restart of a CronJob, and of what there is not, says why nothing is done', async () => {
    expect(await ask(project, { type: 'restart', service: 'tick' })).toEqual({
      error: expect.stringMatching(/^tick: cronjob\/tick -n \S+ has nothing to restart/),
    })
    expect(await ask(project, { type: 'restart', service: 'nope' })).toEqual({
      error: 'nope: there is no service nope in this session, only web, auto, tick',
    })
  })

  test.sequential('redeploy puts back what was changed by hand', async () => {
    const patch = '{"spec":{"replicas":2,"template":{"spec":{"terminationGracePeriodSeconds":2}}}}'
    await kubectl(['patch', 'deployment', 'web', '-n', project.namespace, '-p', patch])
    expect(await deployment(project, 'web')).toMatchObject({ replicas: 2, grace: 2 })
    const since = up.mark()
    await give('redeploy')
    await live(since)
    expect(await deployment(project, 'web')).toMatchObject({ replicas: 1, grace: 1 })
    await kubectl(['scale', 'deployment', 'web', '-n', project.namespace, '--replicas=2'])
    await give('redeploy')
    await eventually(async () => expect((await deployment(project, 'web')).replicas).toBe(1))
  })

  test.sequential('rebuild builds again, and an equal image rolls nothing', async () => {
    const before = await deployment(project, 'web')
    const since = up.mark()
    await give('rebuild')
    const built = await up.until('built', { since, where: ({ service }) => service === 'web' })
    expect(built.cached).toBe(false)
    await up.until('notice', { since, where: ({ message }) => message.includes('nothing rolls') })
    await live(since)
    expect(await deployment(project, 'web')).toEqual(before)
  })

  test.sequential('pause keeps what runs while saves wait, and resume brings the newest', async () => {
    const before = await deployment(project, 'web')
    await give('pause')
    const since = up.mark()
    for (const [waiting, text] of ['waits', 'waits too', 'newest'].entries()) {
      await project.write('web/www/index.html', text)
      await up.until('phase', {
        since,
        where: ({ hold }) => hold?.kind === 'paused' && hold.saves === waiting + 1,
      })
    }
    const status = (await socketChannel.ask(await socketOf(project), { type: 'status' })) as StatusReport
    expect(status.services.find(({ name }) => name === 'web')).toMatchObject({
      phase: 'waiting',
      paused: { saves: 3 },
    })
    expect(await deployment(project, 'web')).toEqual(before)
    await give('resume')
    await live(since)
    expect(up.all('built', since)).toHaveLength(1)
    expect((await deployment(project, 'web')).image).not.toBe(before.image)
  })

  test.sequential('scale to zero holds across a save, and scale back brings what the manifest says', async () => {
    const before = await deployment(project, 'web')
    const since = up.mark()
    await give('scale-to-zero')
    await phase(since, 'scaled-to-zero')
    await eventually(async () => expect(await podsOf(project, 'web')).toEqual([]))
    const saved = up.mark()
    await project.write('web/www/index.html', 'while at zero')
    await phase(saved, 'scaled-to-zero')
    const at = await deployment(project, 'web')
    expect(at.replicas).toBe(0)
    expect(at.image).not.toBe(before.image)
    expect(up.all('problem', since)).toEqual([])
    const back = up.mark()
    await give('scale-back')
    await live(back)
    expect(await deployment(project, 'web')).toMatchObject({ replicas: 1, ready: 1, image: at.image })
  })

  test.sequential('scale to zero takes the number from an autoscaler, which has it again after scale back', async () => {
    await eventually(async () => expect((await deployment(project, 'auto')).ready).toBe(2))
    const since = up.mark()
    await give('scale-to-zero', 'auto')
    await phase(since, 'scaled-to-zero', 'auto')
    await eventually(async () => expect(await podsOf(project, 'auto')).toEqual([]))
    const back = up.mark()
    await give('scale-back', 'auto')
    await live(back, 'auto')
    await eventually(async () => expect((await deployment(project, 'auto')).ready).toBe(2), 60_000)
  })

  test.sequential('rollback runs the image before whatever is saved, until it is cleared', async () => {
    await save('good')
    const good = await deployment(project, 'web')
    await save('unwanted')
    const since = up.mark()
    await give('rollback')
    expect(await phase(since, 'rolled-back')).toMatchObject({
      message: expect.stringMatching(/^to save \d+$/),
    })
    expect(await deployment(project, 'web')).toMatchObject({ image: good.image, ready: 1 })
    const held = up.mark()
    await project.write('web/www/index.html', 'better')
    expect(await phase(held, 'rolled-back')).toMatchObject({
      message: expect.stringMatching(/^to save \d+; save \d+ is built and held$/),
    })
    expect(await deployment(project, 'web')).toMatchObject({ image: good.image, ready: 1 })
    const cleared = up.mark()
    await give('clear')
    await live(cleared)
    expect((await deployment(project, 'web')).image).not.toBe(good.image)
  })

  test.sequential('rollback from what crashes solves the problem', async () => {
    const good = await deployment(project, 'web')
    const since = up.mark()
    await project.write('web/Dockerfile', `${webDockerfile}CMD exit 3\n`)
    await up.until('problem', { since })
    await give('rollback')
    await phase(since, 'rolled-back')
    await up.until('solved', { since, where: ({ service }) => service === 'web' })
    await eventually(async () =>
      expect(await deployment(project, 'web')).toMatchObject({ image: good.image, ready: 1 }),
    )
    const fixed = up.mark()
    await project.write('web/Dockerfile', `${webDockerfile}ENV FIXED=1\n`)
    await up.until('phase', {
      since: fixed,
      where: ({ phase, message }) => phase === 'rolled-back' && message?.includes('held') === true,
    })
    const recovered = up.mark()
    await give('roll-forward')
    await live(recovered)
  })

  test.sequential('down takes all of it away', async () => {
    await give('scale-to-zero')
    up.kill('SIGINT')
    await up.exit
    expect(await project.run('down')).toMatchObject({ code: 0, stderr: '' })
    await expect(read(project.namespace, 'deployment', 'web')).rejects.toThrow(/not found/i)
  })
})

test.concurrent('down puts back a Deployment that was there before, whatever was asked of it', async () => {
  await using project = await createProject({
    'dev.config.yaml': config('  web: { image: NS/web }'),
    'web/Dockerfile': webDockerfile,
    'web/www/index.html': 'ours',
    'k8s/web.yaml': web('web'),
  })
  const { namespace } = project
  await kubectl(['create', 'namespace', namespace])
  const theirs = web('web', { image: 'registry.k8s.io/pause:3.10', replicas: 0, container: 'tty: false' })
  await kubectl(['apply', '-n', namespace, '-f', '-'], theirs)
  const before = await read(namespace, 'deployment', 'web')
  const up = project.start('up', '--json')
  await up.until('live')
  const since = up.mark()
  expect(await ask(project, { type: 'restart', service: 'web' })).toMatchObject({ ok: true })
  await up.until('live', { since })
  expect((await deployment(project, 'web')).restartedAt).toBeDefined()
  expect(await ask(project, { type: 'scale-to-zero', service: 'web' })).toMatchObject({ ok: true })
  await up.until('phase', { since, where: told => told.phase === 'scaled-to-zero' })
  up.kill('SIGKILL')
  await up.exit
  expect(await project.run('down')).toMatchObject({ code: 0, stderr: '' })
  const after = await read(namespace, 'deployment', 'web')
  expect(after.spec).toEqual(before.spec)
  const live = await kubectl([
    'get',
    'deployment',
    'web',
    '-n',
    namespace,
    '-o',
    'yaml',
    '--show-managed-fields',
  ])
  expect(live).not.toMatch(/manager: devloop/)
})
