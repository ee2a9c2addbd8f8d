import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PathReport } from '../../src/core/why/path-report.js'
import type { HistoryRow } from '../../src/core/why/revisions.js'
import type { ServiceReason } from '../../src/core/why/service-reason.js'
import type { Exit, Running } from './rig/devloop.js'
import { eventually } from './rig/eventually.js'
import { config, web } from './rig/fixtures.js'
import { kubectl, read } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'

const DOCKERFILE = `FROM busybox:1.35
COPY www /www
CMD ["httpd", "-f", "-p", "3000", "-h", "/www"]
`

interface Waited {
  readonly live: boolean
  readonly save?: number
  readonly cause?: { readonly kind: string; readonly service?: string; readonly exitCode: number }
}

const parsed = <T>({ stdout, stderr }: Exit): T => {
  if (stdout === '') throw new Error(`nothing was printed; on stderr: ${stderr}`)
  return JSON.parse(stdout) as T
}

async function images({ namespace }: TestProject): Promise<readonly string[]> {
  const names = await kubectl([
    ...['get', 'pods', '-n', namespace, '-l', 'app=web'],
    ...['--field-selector', 'status.phase=Running', '-o', 'jsonpath={.items[*].spec.containers[*].image}'],
  ])
  return names.split(' ').filter(Boolean)
}

async function pods({ namespace }: TestProject): Promise<string> {
  return kubectl(['get', 'pods', '-n', namespace, '-l', 'app=web', '-o', 'name'])
}

async function rows(project: TestProject): Promise<readonly HistoryRow[]> {
  const exit = await project.run('history', 'web', '--json')
  return parsed<{ workloads: { revisions: HistoryRow[] }[] }>(exit).workloads[0]?.revisions ?? []
}

describe('commands beside an up', () => {
  let project: TestProject
  let up: Running

  beforeAll(async () => {
    project = await createProject({
      'dev.config.yaml': config(
        '  web: { image: NS/web, watch: { ignore: ["**/*.test.html"] } }',
        'manifests: k8s',
      ),
      'web/Dockerfile': DOCKERFILE,
      'web/.dockerignore': '# nothing that is made\n*.log\n',
      'web/www/index.html': 'zero',
      'web/notes.txt': 'not copied',
      'k8s/web.yaml': web('web'),
    })
  })
  afterAll(() => project[Symbol.asyncDispose]())

  const wait = (...args: readonly string[]) =>
    project.run('wait', '--live', '--json', '--timeout', '60s', ...args)
  const whyNot = async (path: string) => parsed<PathReport>(await project.run('why-not', path, '--json'))
  const why = async () => parsed<ServiceReason>(await project.run('why', 'web', '--json'))

  test('without an up, wait says so at once, and the others have nothing to act on', async () => {
    const exit = await wait()
    expect({ ...parsed<Waited>(exit), code: exit.code }).toMatchObject({
      live: false,
      cause: { kind: 'not-running' },
      code: 10,
    })
    expect((await project.run('restart', 'web')).code).toBe(2)
    expect((await project.run('rollback', 'web')).code).toBe(2)
    expect((await project.run('history', 'web')).code).toBe(10)
    expect((await project.run('wait')).code).toBe(2)
  })

  test('wait comes with the first live, and what is saved before it is called is what it waits for', async () => {
    up = project.start('up', '--json')
    await up.until('session', {})
    await eventually(async () => expect((await wait()).code).toBe(0))
    for (const text of ['one', 'two', 'three']) {
      await project.write('web/www/index.html', text)
      const exit = await wait('web')
      expect(exit.code, exit.stderr).toBe(0)
      const page = await kubectl([
        ...['exec', '-n', project.namespace, 'deploy/web', '--', 'cat', '/www/index.html'],
      ])
      expect(page).toBe(text)
    }
    const told = up.mark()
    expect(parsed<Waited>(await wait())).toMatchObject({ live: true, save: 3 })
    expect(up.told.slice(told)).toEqual([])
  })

  test('wait fails with the code and the cause of a build that cannot be, and waits no longer than it is told', async () => {
    await project.write('web/Dockerfile', `${DOCKERFILE}RUN false\n`)
    const failed = await wait()
    expect(failed.code).toBe(6)
    expect(parsed<Waited>(failed).cause).toMatchObject({
      service: 'web',
      kind: 'image-build-failed',
      exitCode: 6,
    })
    await project.write('web/Dockerfile', DOCKERFILE.replace('CMD', 'RUN sleep 20\nCMD'))
    const late = await project.run('wait', '--live', '--json', '--timeout', '500ms')
    expect(late.code).toBe(12)
    expect(parsed<Waited>(late).cause).toMatchObject({ kind: 'timeout' })
    await project.write('web/Dockerfile', DOCKERFILE)
    expect((await wait()).code).toBe(0)
  })

  test('why names the file and its line in the Dockerfile, and what a later change did not do', async () => {
    await project.write('web/www/index.html', 'four')
    expect((await wait()).code).toBe(0)
    const first = await why()
    expect(first).toMatchObject({ cause: 'files', image: { cached: false } })
    expect(first.later).toBeUndefined()
    expect(first.files.map(({ path, why }) => `${path.split('/').at(-1)} ${why}`)).toEqual([
      expect.stringMatching(/^index\.html read by .*web\/Dockerfile:2 "COPY www \/www"$/),
    ])
    await project.write('web/www/index.html', 'four')
    await eventually(async () => expect((await why()).later).toMatchObject({ kind: 'equal' }))
    expect((await project.run('why', 'web')).stdout).toMatch(
      /web\/www\/index\.html: read by web\/Dockerfile:2/,
    )
  })

  const judged = [
    ['web/www/index.html', true, /Dockerfile:2 "COPY www \/www"/],
    ['web/Dockerfile', true, /it is the Dockerfile/],
    ['web/notes.txt', false, /no COPY, ADD or bind mount .*Dockerfile:2 "COPY www \/www"/],
    ['web/a.log', false, /\.dockerignore:2 "\*\.log"/],
    ['web/www/x.test.html', false, /watch\.ignore has "\*\*\/\*\.test\.html"/],
    ['web/.git/index', false, /git/],
    ['k8s/web.yaml', true, /the manifests are read from it \(manifests: k8s\)/],
    ['dev.config.yaml', true, /the config file/],
    ['README.md', false, /no build context/],
  ] as const

  test.concurrent.each(judged)('why-not %s', async (path, starts, rule) => {
    const [report, words] = await Promise.all([whyNot(path), project.run('why-not', path)])
    expect(report.starts).toBe(starts)
    expect(words.stdout.replaceAll('\n', ' ')).toMatch(rule)
  })

  test('history has the saves, rollback goes to the one before, and the session knows', async () => {
    const [live, ...others] = await rows(project)
    expect(live).toMatchObject({ live: true, save: 7 })
    const target = others.find(({ rollback }) => rollback)
    expect((await project.run('rollback', 'web')).code).toBe(0)
    await eventually(async () => expect(await images(project)).toEqual([target?.image]))
    const held = await wait()
    expect(held.code).toBe(12)
    expect(parsed<Waited>(held).cause).toMatchObject({ kind: 'held' })
    expect((await project.run('rollback', 'nothing')).code).toBe(2)
    // To a revision by its number, also while a save is held.
    await project.write('web/www/index.html', 'five')
    expect((await wait()).code).toBe(12)
    expect(await images(project)).toEqual([target?.image])
    const oldest = (await rows(project)).at(-1)
    const exit = await project.run('rollback', 'web', '--to', `${oldest?.revision}`)
    expect([exit.code, exit.stdout]).toEqual([0, expect.stringContaining(`revision ${oldest?.revision}`)])
    await eventually(async () => expect(await images(project)).toEqual([oldest?.image]))
    expect(await project.run('rollback', 'web', '--to', '99')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('keeps no revision 99'),
    })
    expect((await project.run('clear', 'web')).code).toBe(0)
    expect((await wait()).code).toBe(0)
  })

  test('restart replaces the pods', async () => {
    const before = await pods(project)
    const exit = await project.run('restart', 'web')
    expect(exit.stdout).toBe('web: its pods are replaced')
    expect((await wait()).code).toBe(0)
    expect(await pods(project)).not.toBe(before)
  })

  test('status --timings has the stages of the saves, and what would help', async () => {
    const exit = await project.run('status', '--timings', '--json')
    const { services } = parsed<{
      services: { service: string; stages: { stage: string; p50: number; p95: number; count: number }[] }[]
    }>(exit)
    const stages = services.find(({ service }) => service === 'web')?.stages ?? []
    expect(stages.map(({ stage }) => stage)).toEqual(['scan', 'build', 'load', 'apply', 'rollout', 'total'])
    for (const { p50, p95 } of stages) expect(p50).toBeLessThanOrEqual(p95)
    expect(stages.at(-1)?.count).toBeGreaterThanOrEqual(5)
    expect((await project.run('status', '--timings')).stdout).toMatch(/^web, the last \d+ saves\n/)
  })

  test('the same without an up: rules from the files, the rest from the cluster and what was kept', async () => {
    up.kill('SIGINT')
    await up.exit
    // Three at a time, as many as are quicker together.
    for (let first = 0; first < judged.length; first += 3)
      await Promise.all(
        judged.slice(first, first + 3).map(async ([path, starts]) => {
          expect((await whyNot(path)).starts, path).toBe(starts)
        }),
      )
    expect(await why()).toMatchObject({ service: 'web', changed: ['www/index.html'] })
    const before = await pods(project)
    expect((await project.run('restart', 'web')).code).toBe(0)
    await eventually(async () => expect(await pods(project)).not.toBe(before))
    const target = (await rows(project)).find(({ rollback }) => rollback)
    const exit = await project.run('rollback', 'web')
    expect(exit.stderr).toBe('')
    await eventually(async () => expect(await images(project)).toEqual([target?.image]))
    const after = await rows(project)
    expect(after.find(({ live }) => live)?.image).toBe(target?.image)
    expect((await project.run('status')).stdout).toContain('! web rolled back to revision')
    // It holds in the next up, until it is cleared, and what devloop made is still known as its own.
    expect(await project.run('up', '--once')).toMatchObject({
      code: 9,
      stdout: expect.stringContaining('rolled back'),
    })
    expect(await images(project)).toEqual([target?.image])
    expect((await project.run('clear', 'web')).stdout).toContain('cleared: web rolled back')
    await eventually(async () => expect(await images(project)).not.toContain(target?.image))
    const replicas = async () => (await read(project.namespace, 'deployment', 'web')).spec.replicas
    expect((await project.run('scale-to-zero', 'web')).code).toBe(0)
    expect((await project.run('pause', 'web')).code).toBe(0)
    expect(await replicas()).toBe(0)
    expect(parsed<{ overrides: string[] }>(await project.run('status', '--json')).overrides).toEqual([
      'web at zero',
      'web paused',
    ])
    expect((await project.run('resume', 'web')).code).toBe(0)
    expect((await project.run('scale-back', 'web')).code).toBe(0)
    expect(await replicas()).toBe(1)
    expect((await project.run('down')).code).toBe(0)
    expect(
      await kubectl(['get', 'deploy', '-n', project.namespace, '-o', 'name', '--ignore-not-found']),
    ).toBe('')
  })
})
