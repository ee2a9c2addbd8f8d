import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Running } from './rig/devloop.js'
import { eventually } from './rig/eventually.js'
import { config } from './rig/fixtures.js'
import { kubectl } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'

/** Answers with the page that it read when it began, so that only a restart shows another. */
const DOCKERFILE = `FROM busybox:1.35
COPY . /app
WORKDIR /app
CMD ["sh", "server.sh"]
`
const SERVER = `echo "began with $(cat src/main.txt)"
mkdir -p www; cp src/main.txt /app/www/index.html
[ ! -e src/crash ] || exit 3
exec httpd -f -p 3000 -h /app/www
`
const RULES = `
      - { match: 'src/**', strip: src, to: /app/src, then: restart }
      - { match: 'pages/**', to: /app }
      - { match: 'migrations/**', to: /app, then: { run: 'cat migrations/* && sh migrations/run.sh' } }`

const CONFIG = config(`  web:\n    image: NS/web\n    sync:${RULES}`)

const MANIFEST = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: NS/web
          readinessProbe: { httpGet: { path: /index.html, port: 3000 }, periodSeconds: 1 }
`

/** One project and one \`up\` for all: each test leaves the service live. */
describe('up with sync rules', () => {
  let project: TestProject
  let up: Running

  beforeAll(async () => {
    project = await createProject({
      'dev.config.yaml': CONFIG,
      'web/Dockerfile': DOCKERFILE,
      'web/server.sh': SERVER,
      'web/src/main.txt': 'zero',
      'web/pages/a.html': 'page zero',
      'web/migrations/run.sh': 'exit 0\n',
      'web/package.json': '{}',
      'k8s/web.yaml': MANIFEST,
    })
    up = project.start('up', '--json')
    await up.until('live', { deadline: 60_000 })
  }, 90_000)
  afterAll(() => project[Symbol.asyncDispose]())

  const pods = async (): Promise<readonly string[]> => {
    const listed = await kubectl(['get', 'pods', '-n', project.namespace, '-l', 'app=web', '-o', 'json'])
    const { items } = JSON.parse(listed) as { items: { metadata: Record<string, string> }[] }
    return items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.name ?? '')
  }
  const inPod = (pod: string, script: string): Promise<string> =>
    kubectl(['exec', pod, '-n', project.namespace, '--', 'sh', '-c', script])
  const inAll = async (script: string): Promise<readonly string[]> =>
    Promise.all((await pods()).map(pod => inPod(pod, script)))
  const served = 'wget -qO- http://127.0.0.1:3000/index.html'

  test('a save goes into every container without an image, and is there when it is told to be live', async () => {
    const before = await pods()
    const since = up.mark()
    await project.write('web/pages/a.html', 'page one')
    const live = await up.until('live', { since })
    expect(await inAll('cat pages/a.html')).toEqual(['page one', 'page one'])
    expect(await pods()).toEqual(before)
    expect(up.all('synced', since)).toMatchObject([{ files: 1, containers: 2, restarted: false, bytes: 8 }])
    expect(up.all('built', since)).toEqual([])
    expect(Object.keys(live.stages)).toEqual(expect.arrayContaining(['scan', 'sync']))
  })

  test('then: restart starts the process anew in the same container', async () => {
    const before = await pods()
    const since = up.mark()
    await project.write('web/src/main.txt', 'one')
    await up.until('live', { since })
    expect(await inAll(served)).toEqual(['one', 'one'])
    expect(await pods()).toEqual(before)
    expect(up.all('synced', since)).toMatchObject([{ restarted: true }])
  })

  test('deleted and new files, in one save', async () => {
    const since = up.mark()
    await project.remove('web/pages/a.html')
    await project.write('web/pages/deep/b.html', 'b')
    await eventually(async () =>
      expect(await inAll('ls pages pages/deep | xargs')).toEqual(
        Array(2).fill('pages: deep pages/deep: b.html\n'),
      ),
    )
    expect(up.all('built', since)).toEqual([])
  })

  test('a command after the sync: its output is told, its failure is a problem until the next save', async () => {
    const since = up.mark()
    await project.write('web/migrations/run.sh', 'echo no table; exit 4\n')
    const { problem } = await up.until('problem', { since })
    expect(problem).toMatchObject({ kind: 'command-failed', exitCode: 4 })
    expect(up.all('sync-output', since).map(({ line }) => line)).toContain('no table')
    const next = up.mark()
    await project.write('web/migrations/run.sh', 'echo done\n')
    await up.until('live', { since: next })
    await up.until('solved', { since: next })
  })

  test('a container that replaces a synced one gets the files before the service is live again', async () => {
    const [pod = ''] = await pods()
    const since = up.mark()
    await inPod(pod, 'kill -TERM 1')
    await up.until('synced', { since })
    await up.until('live', { since })
    expect(await inAll(served)).toEqual(['one', 'one'])
    expect(await inPod(pod, 'cat pages/deep/b.html')).toBe('b')
    expect(up.all('built', since)).toEqual([])
  })

  test('so does a pod', async () => {
    const [pod = ''] = await pods()
    const since = up.mark()
    await kubectl(['delete', 'pod', pod, '-n', project.namespace])
    await up.until('synced', { since })
    await up.until('live', { since })
    expect(await pods()).not.toContain(pod)
    expect(await inAll(served)).toEqual(['one', 'one'])
    expect(up.all('built', since)).toEqual([])
  })

  test('one file that cannot be synced makes an image of everything, and says which', async () => {
    const since = up.mark()
    await project.write('web/src/main.txt', 'two')
    await up.until('live', { since })
    const next = up.mark()
    await project.write('web/package.json', '{"name":"web"}')
    const notice = await up.until('notice', {
      since: next,
      where: ({ message }) => message.includes('image'),
    })
    expect(notice.message).toContain('package.json')
    const live = await up.until('live', { since: next, deadline: 40_000 })
    expect(live.stages).toHaveProperty('build')
    expect(await inAll(`${served}; cat package.json; ls pages`)).toEqual(
      Array(2).fill('two{"name":"web"}deep\n'),
    )
    expect(up.all('synced', next)).toEqual([])
  })

  test('after an image, saves are synced again', async () => {
    const since = up.mark()
    await project.write('web/src/main.txt', 'three')
    await up.until('live', { since })
    expect(up.all('built', since)).toEqual([])
    expect(await inAll(served)).toEqual(['three', 'three'])
  })

  test('another up believes no synced container: neither with the files as they were, nor as they are', async () => {
    up.kill('SIGINT')
    await up.exit
    await project.write('web/src/main.txt', 'two')
    const before = await pods()
    up = project.start('up', '--json')
    await up.until('live', { deadline: 60_000 })
    expect(await inAll(served)).toEqual(['two', 'two'])
    expect((await pods()).filter(pod => before.includes(pod))).toEqual([])
    const since = up.mark()
    await project.write('web/src/main.txt', 'four')
    await up.until('live', { since })
    expect(await inAll(served)).toEqual(['four', 'four'])
    up.kill('SIGINT')
    await up.exit
    up = project.start('up', '--json')
    await up.until('built', { deadline: 60_000 })
    await up.until('live', { deadline: 60_000 })
    expect(await inAll(served)).toEqual(['four', 'four'])
  }, 120_000)
})
