import { readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'
import { config, web, webDockerfile } from './rig/fixtures.js'
import { kubectl, run } from './rig/kubectl.js'
import { createProject } from './rig/project.js'

const files = {
  'dev.config.yaml': config('  web: { image: NS/web }'),
  'web/Dockerfile': webDockerfile,
  'web/www/index.html': 'hello from NS',
  'k8s/web.yaml': web('web'),
}

const childrenOf = async (pid: number) =>
  (await run('ps', ['-o', 'pid=', '--ppid', String(pid)]).catch(() => ({ stdout: '' }))).stdout
    .split('\n')
    .map(Number)
    .filter(Boolean)
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test.concurrent('one up owns the project; status asks it; Ctrl-C ends it and leaves the workloads', async () => {
  await using project = await createProject(files)
  const up = project.start('up', '--json')
  await up.until('live', { deadline: 40_000 })

  const second = await project.run('up', '--plain')
  expect(second.code).toBe(10)
  expect(second.stderr).toContain(String(up.pid))
  expect((await project.run('down')).code).toBe(10)

  const asked = await project.run('status', '--json')
  expect(asked.code).toBe(0)
  const status = JSON.parse(asked.stdout)
  expect(status).toMatchObject({
    running: true,
    pid: up.pid,
    live: true,
    services: [{ name: 'web', phase: 'live', pods: [{ ready: '1/1', restarts: 0 }] }],
  })

  // A build under way when Ctrl-C comes must not outlive it either.
  const since = up.mark()
  await project.write('web/Dockerfile', `${webDockerfile}RUN sleep 62\n`)
  await up.until('phase', { since, where: ({ phase }) => phase === 'building' })
  const children = await childrenOf(up.pid)
  up.kill('SIGINT')
  expect((await up.exit).code).toBe(130)
  expect(up.told.at(-1)).toMatchObject({ type: 'end', outcome: 'stopped', exitCode: 130 })
  await eventually(() => expect(children.filter(isAlive)).toEqual([]), 3000)
  const ready = [
    'get',
    'deployment',
    'web',
    '-n',
    project.namespace,
    '-o',
    'jsonpath={.status.readyReplicas}',
  ]
  expect(await kubectl(ready)).toBe('1')

  const after = JSON.parse((await project.run('status', '--json')).stdout)
  expect(after).toMatchObject({ running: false, context: 'kind-dev' })
  expect(after.objects).toContainEqual({
    name: `deployment/web -n ${project.namespace}`,
    state: '1 of 1 ready',
    save: expect.any(Number),
  })
})

test.concurrent('Ctrl-C twice ends at once', async () => {
  await using project = await createProject({
    ...files,
    'web/Dockerfile': `${webDockerfile}RUN sleep 63\n`,
  })
  const up = project.start('up', '--json')
  await up.until('phase', { where: ({ phase }) => phase === 'building' })
  // Two signals at the same moment are one to the system, so it is sent again until it was taken.
  const again = setInterval(() => up.kill('SIGINT'), 50)
  const { code } = await up.exit.finally(() => clearInterval(again))
  expect(code).toBe(130)
  expect(up.all('end')).toEqual([])
  // What it left is no obstacle: the next command takes over.
  expect((await project.run('down', '--volumes')).code).toBe(0)
})

test.concurrent('--cleanup takes everything down at the end', async () => {
  await using project = await createProject(files)
  expect(await project.run('up', '--once', '--cleanup', '--json')).toMatchObject({ code: 0 })
  expect(await kubectl(['get', 'namespace', project.namespace, '--ignore-not-found'])).toBe('')
})

describe('a cluster that is not local', () => {
  interface Entry {
    readonly name: string
  }
  /** The machine's kubeconfig with its context under another name. */
  async function renamed(folder: string, name: string): Promise<string> {
    const { stdout } = await run('kubectl', [
      'config',
      'view',
      '--raw',
      '--minify',
      '--context',
      'kind-dev',
      '-o',
      'json',
    ])
    const kubeconfig = JSON.parse(stdout) as { contexts: Entry[] }
    const [first] = kubeconfig.contexts
    const path = join(folder, 'kubeconfig')
    await writeFile(
      path,
      JSON.stringify({ ...kubeconfig, 'current-context': name, contexts: [{ ...first, name }] }),
    )
    return path
  }

  test.concurrent.each([
    ['production', 5],
    // No kind cluster goes by that name, whatever server the context leads to.
    ['kind-elsewhere', 4],
  ])('a context named %s is refused, and nothing is touched', async (name, code) => {
    const path = join(homedir(), '.kube', 'config')
    const original = process.env.KUBECONFIG ?? path
    const bytes = await readFile(original, 'utf8')
    await using place = await createProject({ 'empty.txt': '' })
    const kubeconfig = await renamed(place.folder, name)
    await using project = await createProject(
      { ...files, 'dev.config.yaml': files['dev.config.yaml'].replace('cluster: { kind: dev }\n', '') },
      { env: { KUBECONFIG: kubeconfig } },
    )
    const ended = await project.run('up', '--once', '--json')
    expect(ended.code).toBe(code)
    expect(ended.stdout + ended.stderr).toContain(name)
    expect(await kubectl(['get', 'namespace', project.namespace, '--ignore-not-found'])).toBe('')
    expect(await readFile(original, 'utf8')).toBe(bytes)
  })
})
