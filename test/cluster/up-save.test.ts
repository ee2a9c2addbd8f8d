import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Running } from './rig/devloop.js'
import { eventually } from './rig/eventually.js'
import { config, web, webDockerfile } from './rig/fixtures.js'
import { fetchText } from './rig/http.js'
import { kubectl, run } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'

const PORT = 30023
const CONFIG = config('  web: { image: NS/web }', 'variables: { LEVEL: info }\n')
const MANIFEST = web('web', { nodePort: PORT })

/** One project and one `up` for all: each test leaves the service live. */
describe('a watching up', () => {
  let project: TestProject
  let up: Running

  beforeAll(async () => {
    project = await createProject({
      'dev.config.yaml': CONFIG,
      'web/Dockerfile': webDockerfile,
      'web/www/index.html': 'zero',
      'k8s/web.yaml': MANIFEST,
    })
    up = project.start('up', '--json')
    await up.until('live')
  })
  afterAll(() => project[Symbol.asyncDispose]())

  const serves = (text: string) => eventually(async () => expect(await fetchText(PORT)).toBe(text))
  /** Saves a page and waits until the Service answers with it. */
  async function save(text: string): Promise<void> {
    const since = up.mark()
    await project.write('web/www/index.html', text)
    await up.until('live', { since })
    await serves(text)
  }

  test('a save becomes live through the Service', async () => {
    await serves('zero')
    const since = up.mark()
    await save('one')
    const live = await up.until('live', { since })
    expect(up.all('save', since)).toMatchObject([
      { service: 'web', files: ['www/index.html'], save: live.save },
    ])
    expect(up.all('applied', since).map(({ object }) => object)).toEqual([
      `deployment/web -n ${project.namespace}`,
    ])
    expect(Object.keys(live.stages).sort()).toEqual(['apply', 'build', 'load', 'rollout', 'scan'])
  })

  test('of two quick saves the second ends up live, and the first never after it', async () => {
    const since = up.mark()
    await project.write('web/www/index.html', 'first')
    await up.until('phase', { since, where: ({ phase }) => phase === 'building' })
    const again = up.mark()
    await project.write('web/www/index.html', 'second')
    const saves = await up.until('save', { since: again })
    await up.until('live', { since, where: ({ save }) => save === saves.save })
    await serves('second')
    // Nothing of the first is left that could answer later.
    await eventually(async () => {
      const pods = await kubectl(['get', 'pods', '-n', project.namespace, '-l', 'app=web', '-o', 'name'])
      expect(pods.trim().split('\n')).toHaveLength(1)
    })
    expect(await fetchText(PORT)).toBe('second')
    expect(up.all('live', since).at(-1)?.save).toBe(saves.save)
  })

  test('a save that leaves the content as it was starts nothing', async () => {
    await save('same')
    const since = up.mark()
    await project.write('web/www/index.html', 'same')
    await project.write('k8s/web.yaml', MANIFEST)
    await project.write('dev.config.yaml', CONFIG)
    await eventually(async () => {
      const { stdout } = await project.run('why', 'web', '--json')
      expect(JSON.parse(stdout)).toMatchObject({ later: { kind: 'equal' } })
    })
    await save('other')
    expect(up.all('save', since)).toHaveLength(1)
    expect(up.all('built', since)).toHaveLength(1)
    expect(up.all('applied', since)).toHaveLength(1)
    expect(up.all('config', since)).toEqual([])
  })

  test('a broken Dockerfile shows its line, and the next save recovers', async () => {
    const since = up.mark()
    await project.write('web/Dockerfile', `${webDockerfile}RUN echo before the end; exit 7\n`)
    const { problem, service } = await up.until('problem', { since })
    expect(service).toBe('web')
    expect(problem).toMatchObject({ kind: 'image-build-failed', range: { line: 4 } })
    expect(JSON.stringify(problem)).toMatch(/before the end/)
    expect(JSON.stringify(problem)).toMatch(/7/)
    await serves('other')
    const recovered = up.mark()
    await project.write('web/Dockerfile', `${webDockerfile}ENV RECOVERED=1\n`)
    await up.until('live', { since: recovered })
  })

  test('a Dockerfile that cannot be read shows its line, and the next save recovers', async () => {
    const since = up.mark()
    await project.write('web/Dockerfile', webDockerfile.replace('COPY', 'COPI'))
    const { problem } = await up.until('problem', { since })
    expect(['image-build-failed', 'context-invalid']).toContain(problem.kind)
    expect(problem).toMatchObject({ range: { line: 2 } })
    const recovered = up.mark()
    await project.write('web/Dockerfile', `${webDockerfile}ENV RECOVERED=2\n`)
    await up.until('live', { since: recovered })
  })

  test('a crash at start shows the exit code and the last lines, and the next save recovers', async () => {
    const since = up.mark()
    await project.write('web/Dockerfile', `${webDockerfile}CMD echo no database; exit 3\n`)
    const { problem } = await up.until('problem', {
      since,
      where: ({ problem: p }) => p.kind === 'rollout-failed' && p.lastLines.length > 0,
    })
    expect(problem).toMatchObject({
      workload: 'deployment/web',
      namespace: project.namespace,
      container: 'web',
      exitCode: 3,
      lastLines: ['no database'],
    })
    await serves('other')
    const recovered = up.mark()
    await project.write('web/Dockerfile', webDockerfile)
    await up.until('live', { since: recovered })
  })

  test.each([
    ['broken YAML', MANIFEST.replace('replicas: 1', 'replicas: [1'), 'k8s/web.yaml'],
    [
      'a value that the API server refuses',
      MANIFEST.replace('port: 3000, node', 'port: 300000, node'),
      '300000',
    ],
  ])(
    '%s in a manifest is shown with its cause, and the next save recovers',
    async (_label, broken, cause) => {
      const since = up.mark()
      await project.write('k8s/web.yaml', broken)
      const { problem } = await up.until('problem', { since })
      expect(problem.kind).toMatch(/render-failed|apply-rejected/)
      expect(JSON.stringify(problem)).toContain(cause)
      const recovered = up.mark()
      await project.write('k8s/web.yaml', MANIFEST)
      await save(`after ${cause}`)
      expect(up.all('problem', recovered)).toEqual([])
    },
  )

  test('a bad config is shown with its line while the old one keeps running', async () => {
    const since = up.mark()
    await project.write('dev.config.yaml', CONFIG.replace('image:', 'imgae:'))
    const { problem } = await up.until('problem', { since })
    expect(problem).toMatchObject({
      kind: 'config-invalid',
      diagnostics: [{ range: { line: 4 }, suggestion: expect.stringContaining('image') }],
    })
    await save('under the old config')
    const recovered = up.mark()
    await project.write('dev.config.yaml', CONFIG)
    await up.until('solved', { since: recovered, where: ({ object }) => object === 'config' })
  })

  test('a newer save ends a slow build, and nothing of it stays', async () => {
    // A time of its own: what another run left behind is not this one's.
    const marker = `sleep 1${process.pid}`
    const isRunning = async () => {
      const { stdout } = await run('docker', ['ps', '-q', '--no-trunc'])
      const tops = await Promise.all(
        stdout
          .split('\n')
          .filter(Boolean)
          .map(id =>
            run('docker', ['top', id]).then(
              top => top.stdout,
              () => '',
            ),
          ),
      )
      const own = await run('ps', ['-eo', 'args'])
      return [...tops, own.stdout].some(list => list.includes(marker))
    }
    const since = up.mark()
    await project.write('web/Dockerfile', `${webDockerfile}RUN ${marker}\n`)
    await eventually(async () => expect(await isRunning()).toBe(true))
    await project.write('web/Dockerfile', webDockerfile)
    await up.until('live', { since })
    await eventually(async () => expect(await isRunning()).toBe(false))
    expect(up.all('problem', since)).toEqual([])
  })
})
