/** Measures a save of a service that runs as a process: from the write of the file to the first answer, and to `live`. See README.md beside this file. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Announcement } from '../src/core/announcement.js'
import { currentLoad } from './cluster.js'
import { freePort } from './free-port.js'
import { type Command, mustRun, type RunningGroup, run, startGroup } from './process-group.js'
import { devloopCommand } from './tools.js'
import { waitForAnswer } from './wait-for-answer.js'

/** Milliseconds. */
const COLD_BOUND = 60_000
const SAVE_BOUND = 30_000
/** Between two saves: nothing of the one before is under way. */
const REST = 1500
const INTERVAL = 25

const say = (line: string) => console.log(line)

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { saves: { type: 'string', default: '10' } } })
  const saves = Number(values.saves)
  if (!Number.isInteger(saves) || saves < 1 || saves > 1000)
    throw new Error('--saves takes a whole number from 1 to 1000')
  const interrupt = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => interrupt.abort(new Error('interrupted: everything is taken down')))
  const folder = await mkdtemp(join(tmpdir(), 'devloop-bench-'))
  const port = await freePort()
  await writeProject(folder, port)
  const command = (...args: readonly string[]): Command =>
    devloopCommand({ folder, configFile: join(folder, 'dev.config.yaml') }, args)
  say(`load average ${currentLoad()}, Node ${process.version}`)
  const up = startGroup(command('up', '--json'), folder)
  try {
    await saveAgain({ folder, port, saves, up, signal: interrupt.signal })
  } finally {
    await up.stop(30_000)
    const { file, args, env } = command('down')
    await run(file, args, { env, cwd: folder }).finally(async () => {
      for (const path of [folder, `${folder}.state`]) await rm(path, { recursive: true, force: true })
    })
  }
}

async function saveAgain({
  folder,
  port,
  saves,
  up,
  signal,
}: {
  readonly folder: string
  readonly port: number
  readonly saves: number
  readonly up: RunningGroup
  readonly signal: AbortSignal
}): Promise<void> {
  const answered = async (version: number, bound: number): Promise<number> => {
    const { at } = await waitForAnswer({
      port,
      host: 'app.localhost',
      answer: `v${version}`,
      interval: INTERVAL,
      bound,
      signal,
      check: () => mustRun(up),
      tail: up.tail,
    })
    return at
  }
  await answered(0, COLD_BOUND)
  const toAnswer: number[] = []
  const toLive: number[] = []
  for (let save = 1; save <= saves; save++) {
    await delay(REST, undefined, { signal })
    const lives = up.lines.filter(isLive).length
    const since = performance.now()
    await writeVersion(folder, save)
    const live = liveAfter(up, lives, signal)
    toAnswer.push((await answered(save, SAVE_BOUND)) - since)
    toLive.push((await live) - since)
  }
  say(`from the write of the file until the first answer: ${spread(toAnswer)}`)
  say(`until it is told as live: ${spread(toLive)}`)
}

const isLive = (line: string): boolean => {
  try {
    return (JSON.parse(line) as Announcement).type === 'live'
  } catch {
    // The last line may still be on its way.
    return false
  }
}

/** When one more `live` was told than so many. */
async function liveAfter(up: RunningGroup, before: number, signal: AbortSignal): Promise<number> {
  const end = performance.now() + SAVE_BOUND
  while (up.lines.filter(isLive).length <= before) {
    mustRun(up)
    if (performance.now() > end) throw new Error(`not live within ${SAVE_BOUND / 1000} s:\n${up.tail()}`)
    await delay(INTERVAL, undefined, { signal })
  }
  return performance.now()
}

const SERVER = `import { createServer } from 'node:http'
import { version } from './version.mjs'
createServer((_, answer) => answer.end(version)).listen(3000)
process.on('SIGTERM', () => process.exit(0))
`
const MANIFEST = `apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  selector: { matchLabels: { app: app } }
  template:
    metadata: { labels: { app: app } }
    spec:
      containers:
        - name: app
          image: app
          ports: [{ containerPort: 3000 }]
          readinessProbe: { httpGet: { path: /, port: 3000 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: app }
spec: { selector: { app: app }, ports: [{ port: 80, targetPort: 3000 }] }
`

async function writeProject(folder: string, port: number): Promise<void> {
  await mkdir(join(folder, 'app'))
  await mkdir(join(folder, 'k8s'))
  const files = {
    'dev.config.yaml': `cluster: { process: {} }\nservices:\n  app: {}\nmanifests: k8s\ngateway: { port: ${port} }\n`,
    'app/Dockerfile':
      'FROM node:20-bookworm-slim\nWORKDIR /app\nCOPY server.mjs version.mjs ./\nCMD ["node", "server.mjs"]\n',
    'app/server.mjs': SERVER,
    'k8s/app.yaml': MANIFEST,
  }
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text)
  await writeVersion(folder, 0)
}

const writeVersion = (folder: string, version: number): Promise<void> =>
  writeFile(join(folder, 'app/version.mjs'), `export const version = 'v${version}'\n`)

function spread(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b)
  const text = (at: number) => `${((sorted[at] ?? Number.NaN) / 1000).toFixed(2)} s`
  return `${text(Math.floor(sorted.length / 2))} (${text(0)} to ${text(sorted.length - 1)}), ${sorted.length} saves`
}

await main()
