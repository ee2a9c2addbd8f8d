import { readFileSync, readlinkSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Running, startDevloop } from '../../../test/cluster/rig/devloop.js'

/** The built command line on a project of two services: no Docker, no cluster. */
let folder: string
const runs: Running[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-processes-'))
  await writeProject()
})
afterEach(async () => {
  for (const run of runs.splice(0)) await run[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const eventually = { timeout: 30_000, interval: 50 }
/** Starting the command line alone takes seconds on a machine that does much else. */
const deadline = 60_000
const limits = { timeout: 180_000 }

const server = (name: string): string => `
const http = require('node:http')
const ask = url => url === undefined ? '' : fetch(url).then(answer => answer.text(), () => 'nobody')
http.createServer(async (request, response) => response.end('${name} 1 ' + await ask(process.env.AUTH_URL)))
  .listen(process.env.PORT, () => console.log('${name} listens'))
process.on('SIGTERM', () => process.exit(0))
`

async function write(path: string, content: string): Promise<void> {
  const target = join(folder, 'project', path)
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, content)
}

async function writeProject(): Promise<void> {
  await write(
    'dev.config.yaml',
    `name: processes
cluster: { process: {} }
services: { auth: {}, tour: { dependsOn: [auth] } }
manifests: k8s
gateway: { port: 0 }
`,
  )
  for (const [name, env] of [
    ['auth', ''],
    ['tour', ", { name: AUTH_URL, value: 'http://auth:80' }"],
  ] as const) {
    await write(`${name}/Dockerfile`, 'FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["node", "main.cjs"]\n')
    await write(`${name}/main.cjs`, server(name))
    await write(
      `k8s/${name}.yaml`,
      `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: main
          image: ${name}
          ports: [{ name: web, containerPort: 4711 }]
          env: [{ name: PORT, value: '4711' }${env}]
          readinessProbe: { httpGet: { path: /, port: web } }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: 80, targetPort: web }] }
`,
    )
  }
  await write(
    'k8s/web.yaml',
    `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  rules: [{ host: tour.localhost, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: tour, port: { number: 80 } } } }] } }]
`,
  )
}

function devloop(...args: readonly string[]): Running {
  const env = { ...process.env, DEVLOOP_STATE_DIR: join(folder, 'state') }
  const run = startDevloop(args, { cwd: join(folder, 'project'), env })
  runs.push(run)
  return run
}

function get(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, headers: { host: 'tour.localhost' } }, answer => {
      let text = ''
      answer.on('data', chunk => {
        text += String(chunk)
      })
      answer.on('end', () => resolve(text))
    })
    asked.once('error', reject)
    asked.end()
  })
}

/** The processes that the project's owner has started. */
async function children(): Promise<readonly number[]> {
  const files = await readdir(join(folder, 'state'), { recursive: true })
  const file = files.find(path => path.endsWith('children.ndjson'))
  const text = file === undefined ? '' : await readFile(join(folder, 'state', file), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => (JSON.parse(line) as { readonly pid: number }).pid)
}

const isLinux = process.platform === 'linux'

/** The working folder of a process, on Linux. */
function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    // What has ended may wait to be reaped, by proc(5) in state Z.
    if (isLinux) return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test(
  'up runs the services as processes, a save becomes live, logs are read beside it, and Ctrl-C leaves nothing',
  limits,
  async () => {
    const up = devloop('up', '--json')
    const { port } = await up.until('gateway', { deadline })
    await up.until('live', { where: ({ service }) => service === 'tour', deadline })
    expect(await get(port)).toBe('tour 1 auth 1 ')

    const logs = await devloop('logs', '--no-follow', 'auth').exit
    expect([logs.code, logs.stdout]).toEqual([0, expect.stringContaining('auth listens')])

    const since = up.mark()
    await write('auth/main.cjs', server('auth').replace('auth 1', 'auth 2'))
    const { save } = await up.until('live', {
      since,
      where: told => told.service === 'auth' && told.save > 0,
      deadline,
    })
    expect(save).toBeGreaterThan(0)
    await vi.waitFor(async () => expect(await get(port)).toBe('tour 1 auth 2 '), eventually)

    const pids = await children()
    expect(pids.filter(isAlive)).toHaveLength(2)
    up.kill('SIGINT')
    expect((await up.exit).code).toBe(130)
    expect(pids.filter(isAlive)).toEqual([])
    await expect(get(port)).rejects.toThrow('ECONNREFUSED')

    expect((await devloop('status').exit).stdout).toContain('No devloop up runs')
    expect((await devloop('down').exit).code).toBe(0)
  },
)

/** Ignores SIGTERM, and has a child in a session of its own that does so too. */
const stubborn = `
const { spawn } = require('node:child_process')
const ignore = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6); console.log('ready')"
const child = spawn(process.execPath, ['-e', ignore], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
child.stdout.once('data', () => console.log('left child ' + child.pid))
process.on('SIGTERM', () => {})
require('node:http').createServer((request, response) => response.end('stubborn')).listen(process.env.PORT)
`

/** The pid of the child that left, as its parent told it; on Linux, where it can be found again. */
async function leftChild(up: Running): Promise<readonly number[]> {
  if (!isLinux) return []
  const told = await up.until('log', { where: ({ text }) => text.startsWith('left child '), deadline })
  return [Number(told.text.split(' ').at(-1))]
}

test.runIf(isLinux)(
  'a process that is killed is shown with its signal and started again, and a save ends its back-off',
  limits,
  async () => {
    const up = devloop('up', '--json')
    const { port } = await up.until('gateway', { deadline })
    await up.until('live', { where: ({ service }) => service === 'tour', deadline })
    /** Kills the process of `auth` that runs, and waits until that is told. */
    const killAuth = async (): Promise<void> => {
      const since = up.mark()
      const ofAuth = (await children()).filter(pid => isAlive(pid) && folderOf(pid).endsWith('/auth'))
      for (const pid of ofAuth) process.kill(pid, 'SIGKILL')
      const { problem } = await up.until('problem', {
        since,
        where: ({ service }) => service === 'auth',
        deadline,
      })
      expect(problem).toMatchObject({ kind: 'rollout-failed', signal: 9 })
    }
    await killAuth()
    await up.until('solved', { where: ({ service }) => service === 'auth', deadline })
    await vi.waitFor(async () => expect(await get(port)).toBe('tour 1 auth 1 '), eventually)
    // The second end in a row: the next start is 10 s away.
    await killAuth()
    await write('auth/main.cjs', server('auth').replace('auth 1', 'auth 2'))
    await vi.waitFor(async () => expect(await get(port)).toBe('tour 1 auth 2 '), eventually)
  },
)

test('Ctrl-C ends what ignores SIGTERM and what made a session of its own', limits, async () => {
  await write('auth/main.cjs', stubborn)
  const up = devloop('up', '--json')
  await up.until('live', { where: ({ service }) => service === 'tour', deadline })
  const pids = [...(await children()), ...(await leftChild(up))].filter(isAlive)
  expect(pids).toHaveLength(isLinux ? 3 : 2)
  up.kill('SIGINT')
  expect((await up.exit).code).toBe(130)
  expect(pids.filter(isAlive)).toEqual([])
})

test('what a kill -9 of up leaves running, the next command ends', limits, async () => {
  await write('auth/main.cjs', stubborn)
  const up = devloop('up', '--json')
  await up.until('live', { where: ({ service }) => service === 'tour', deadline })
  const pids = [...(await children()), ...(await leftChild(up))].filter(isAlive)
  expect(pids).toHaveLength(isLinux ? 3 : 2)
  up.kill('SIGKILL')
  await up.exit
  const down = await devloop('down').exit
  expect(down.code).toBe(0)
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), eventually)
})
