import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'
import { config } from './rig/fixtures.js'
import { kubectl, run } from './rig/kubectl.js'
import { createProject } from './rig/project.js'
import { startTmux } from './rig/tmux.js'
import { startMesh } from './rig/webhook.js'

const bin = fileURLToPath(new URL('../../bin/devloop.js', import.meta.url))

/** Says who it is once, then a numbered line whenever a file is put into `/say`. */
const program = `echo "$1 begins"
n=0
while true; do
  for f in /say/*; do
    [ -e "$f" ] || continue
    n=$((n+1)); echo "$1 $n $(cat "$f")"; rm "$f"
    [ -e /crash ] && exit 9
  done
  sleep 0.1
done
`

const service = {
  dockerfile: 'FROM busybox:1.35\nRUN mkdir /say\nCOPY run.sh /run.sh\nCMD ["sh", "/run.sh", "NAME"]\n',
}

const workload = (name: string, more = '') => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { terminationGracePeriodSeconds: 1, ${more} containers: [{ name: ${name}, image: NS/${name} }] }
`

const files = {
  'dev.config.yaml': config('  tours: { image: NS/tours }\n  hotels: { image: NS/hotels }'),
  'tours/Dockerfile': service.dockerfile.replace('NAME', 'tours'),
  'tours/run.sh': program,
  'hotels/Dockerfile': service.dockerfile.replace('NAME', 'hotels'),
  'hotels/run.sh': program,
  'k8s/tours.yaml': workload('tours'),
  'k8s/hotels.yaml': workload(
    'hotels',
    'initContainers: [{ name: prepare, image: busybox:1.35, command: [sh, -c, "echo prepared"] }],',
  ),
}

test.concurrent('the logs of what is deployed, as asked for, with no up running', async () => {
  await using project = await createProject(files)
  const { namespace } = project
  const say = (name: string, text: string) =>
    kubectl([
      'exec',
      '-n',
      namespace,
      `deploy/${name}`,
      '-c',
      name,
      '--',
      'sh',
      '-c',
      `echo "${text}" > /say/f`,
    ])
  const text = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { code, stdout, stderr } = await project.run('logs', ...args)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    return stdout.split('\n').map(line => line.replace(/·\S+\s*/, ' '))
  }
  const now = (...args: readonly string[]) => text('--no-follow', ...args)

  const early = await project.run('logs', '--no-follow')
  expect(early.code).toBe(10)
  expect(early.stderr).toMatch(/Nothing of \S+ is deployed on kind-dev/)

  expect((await project.run('up', '--once')).code).toBe(0)
  await say('tours', 'busan')
  await eventually(async () => expect(await now('--grep', 'busan')).toEqual(['tours │ tours 1 busan']))
  await say('hotels', 'seoul')
  await eventually(async () => expect((await now()).at(-1)).toBe('hotels │ hotels 1 seoul'))

  // All, in the order of time, with where each begins; neither the init container nor others.
  const all = await now()
  expect(all.filter(line => !line.includes('───')).toSorted()).toEqual(
    [
      'hotels │ hotels 1 seoul',
      'hotels │ hotels begins',
      'tours │ tours 1 busan',
      'tours │ tours begins',
    ].toSorted(),
  )
  expect(all.slice(-2)).toEqual(['tours │ tours 1 busan', 'hotels │ hotels 1 seoul'])
  expect((await now('hotels')).filter(line => line.includes('tours'))).toEqual([])
  expect(await now('--container', 'prepare', '--grep', '.')).toEqual(['prepare │ prepared'])
  expect(await now('hotels', '--all-containers', '--grep', 'p?re|beg')).toEqual([
    'prepare │ prepared',
    'hotels │ hotels begins',
  ])
  expect(await now('--tail', '1', '--grep', '.')).toEqual([
    'tours │ tours 1 busan',
    'hotels │ hotels 1 seoul',
  ])

  // A time between two lines parts them.
  const { stdout } = await project.run('logs', '--no-follow', '--json')
  const told = stdout.split('\n').map(line => JSON.parse(line))
  const seoul = told.find(({ text }) => text === 'hotels 1 seoul')
  expect(seoul).toMatchObject({
    v: 1,
    type: 'log',
    service: 'hotels',
    namespace,
    container: 'hotels',
    role: 'app',
    restarts: 0,
  })
  expect(await now('--since', seoul.time, '--grep', '.')).toEqual(['hotels │ hotels 1 seoul'])
  expect((await now('--since', '1h', '--grep', 'begins')).toSorted()).toEqual([
    'hotels │ hotels begins',
    'tours │ tours begins',
  ])

  // The run before the present one, after a crash.
  await kubectl(['exec', '-n', namespace, 'deploy/tours', '--', 'touch', '/crash'])
  await say('tours', 'last words')
  await eventually(async () =>
    expect(await text('tours', '--previous')).toEqual([
      'tours │ tours begins',
      'tours │ tours 1 busan',
      'tours │ tours 2 last words',
    ]),
  )

  // A pod that comes later is followed, and a program that goes away ends it.
  const follower = project.start('logs', 'hotels', '--json', '--grep', 'begins|later')
  const first = await follower.until('log')
  await kubectl(['rollout', 'restart', '-n', namespace, 'deploy/hotels'])
  const second = await follower.until('log', { where: ({ pod }) => pod !== first.pod, deadline: 60_000 })
  expect(second).toMatchObject({ text: 'hotels begins', service: 'hotels' })
  await eventually(() => say('hotels', 'later'))
  await follower.until('log', { where: ({ text: line }) => line === 'hotels 1 later' })
  follower.kill('SIGINT')
  expect((await follower.exit).code).toBe(130)
})

test.concurrent.each([
  { args: ['logs', 'tuors'], says: /the config has no service tuors[\s\S]*Did you mean tours\?/ },
  { args: ['logs', '--since', 'yesterday'], says: /--since yesterday is no time/ },
  { args: ['logs', '--grep', '('], says: /--grep: Invalid regular expression/ },
  { args: ['logs', '--tail', 'x'], says: /--tail x is no number/ },
])('$args is refused with a reason', async ({ args, says }) => {
  await using project = await createProject(files)
  const { code, stderr } = await project.run(...args)
  expect(code).toBe(2)
  expect(stderr).toMatch(says)
})

test.concurrent('a container that a webhook put into the pod is left out until it is asked for', async () => {
  await using project = await createProject(files)
  await using webhook = await startMesh(project.namespace)
  expect((await project.run('up', '--once', 'tours')).code).toBe(0)
  expect(webhook.requests.length).toBeGreaterThan(0)
  const lines = async (...args: readonly string[]) =>
    (await project.run('logs', '--no-follow', '--json', ...args)).stdout
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line))
      .filter(({ type }) => type === 'log')
      .map(({ container, role, text }) => `${container} ${role} ${text}`)
  await eventually(async () =>
    expect((await lines('--all-containers')).toSorted()).toEqual([
      'mesh sidecar mesh speaks',
      'tours app tours begins',
    ]),
  )
  expect(await lines()).toEqual(['tours app tours begins'])
  expect(await lines('--container', 'mesh')).toEqual(['mesh sidecar mesh speaks'])

  // On a terminal the same lines are a screen, which leaves nothing behind.
  await using terminal = await startTmux({
    command: "PS1='ready> ' exec bash --norc",
    cwd: project.folder,
    env: { DEVLOOP_STATE_DIR: project.stateDirectory },
  })
  await terminal.waitForScreen(/^ready>/m)
  await terminal.type(`${process.execPath} ${bin} logs --grep 'beg.ns|speaks'; echo "code $?"`)
  await terminal.press('Enter')
  const screen = await terminal.waitForScreen(/tours begins/)
  expect(await terminal.isAlternate()).toBe(true)
  expect(screen).not.toContain('mesh speaks')
  await terminal.press('q')
  await terminal.waitForScreen(/code 0/)
  expect(await terminal.isAlternate()).toBe(false)
})

test.concurrent('a reader that goes away ends it without a word', async () => {
  await using project = await createProject(files)
  expect((await project.run('up', '--once', 'tours')).code).toBe(0)
  const command = `${process.execPath} ${bin} logs | head -n 1; echo "\${PIPESTATUS[0]}"`
  const env = { ...process.env, DEVLOOP_STATE_DIR: project.stateDirectory }
  let isOver = false
  const ended = run('bash', ['-c', command], { cwd: project.folder, env }).finally(() => {
    isOver = true
  })
  // It is told that nobody reads any more when it writes its next line.
  await eventually(async () => {
    const script = 'echo more > /say/f'
    await kubectl(['exec', '-n', project.namespace, 'deploy/tours', '--', 'sh', '-c', script])
    expect(isOver).toBe(true)
  })
  const { stdout, stderr } = await ended
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^tours·.*\n0\n$/)
})
