/** Measures what the gateway costs, and that it loses nothing: requests a second, added latency, memory, saves. See README.md beside this file. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type BenchCluster, currentLoad, openCluster } from './cluster.js'
import { freePort } from './free-port.js'
import type { Load } from './gateway-load.js'
import { type GeneratedProject, generateProject } from './generate.js'
import { mustRun, type RunningGroup, run, startGroup } from './process-group.js'
import { tools } from './tools.js'
import { waitForAnswer } from './wait-for-answer.js'

const PARTS = ['proxy', 'cluster', 'memory', 'saves'] as const
const usage = `Usage: npx tsx bench/gateway.ts [--parts ${PARTS.join(',')}] [--rounds 5] [--seconds 5] [--connections 8] [--requests 100000] [--saves 100] [--cluster dev]`
/** Milliseconds. */
const COLD_BOUND = 300_000
const SAVE_BOUND = 120_000
const START_BOUND = 20_000
/** Milliseconds between two requests while files are saved: one in flight is always there when a pod goes. */
const STEADY = 20

const OK = '200'

const say = (line: string) => console.log(line)

interface Options {
  readonly parts: readonly string[]
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
  readonly requests: number
  readonly saves: number
  readonly cluster: string
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      parts: { type: 'string', default: PARTS.join(',') },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '8' },
      requests: { type: 'string', default: '100000' },
      saves: { type: 'string', default: '100' },
      cluster: { type: 'string', default: 'dev' },
    },
  })
  const whole = (name: keyof typeof values, most: number): number => {
    const value = Number(values[name])
    if (Number.isInteger(value) && value >= 1 && value <= most) return value
    throw new Error(`--${name} takes a whole number from 1 to ${most}\n${usage}`)
  }
  const parts = values.parts.split(',')
  if (!parts.every(part => PARTS.some(known => known === part)))
    throw new Error(`--parts takes ${PARTS.join(', ')}\n${usage}`)
  return {
    parts,
    rounds: whole('rounds', 50),
    seconds: whole('seconds', 60),
    connections: whole('connections', 64),
    requests: whole('requests', 1_000_000),
    saves: whole('saves', 1000),
    cluster: values.cluster,
  }
}

/** A port of 127.0.0.1 that is asked under a name. */
interface Way {
  readonly name: string
  readonly port: number
  readonly host: string
}

type Cleanup = (() => Promise<unknown>)[]

async function main(): Promise<void> {
  const options = readOptions()
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => interrupt.abort(new Error('interrupted: everything is taken down')))
  const cleanup: Cleanup = []
  say(`load average ${currentLoad()}, Node ${process.version}`)
  try {
    if (options.parts.includes('proxy')) await compareProxies(options, interrupt.signal)
    if (options.parts.some(part => part !== 'proxy')) {
      const running = await bringUp(options, interrupt.signal, cleanup)
      if (options.parts.includes('cluster')) await compareWays(options, running, interrupt.signal)
      if (options.parts.includes('memory')) await watchMemory(options, running, interrupt.signal)
      if (options.parts.includes('saves')) await saveAgain(options, running, interrupt.signal)
    }
  } finally {
    for (const step of cleanup) await step().catch((error: unknown) => say(`cleaning up: ${String(error)}`))
  }
}

/** The gateway's own work beside that of a plain proxy, each before the same server, without a cluster. */
async function compareProxies(options: Options, signal: AbortSignal): Promise<void> {
  const groups: RunningGroup[] = []
  const role = async (...args: readonly string[]): Promise<number> => {
    const group = startGroup(script('gateway-roles.ts', args), process.cwd())
    groups.push(group)
    return Number(await firstLine(group))
  }
  try {
    const origin = await role('origin')
    const ways: readonly Way[] = [
      { name: 'the server itself', port: origin, host: 'web.localhost' },
      { name: 'plain Node proxy', port: await role('proxy', `${origin}`), host: 'web.localhost' },
      { name: 'gateway', port: await role('gateway', `${origin}`), host: 'web.localhost' },
    ]
    say('\nWithout a cluster: before a Node server on this machine')
    tell(await interleaved(options, ways, signal), 'the server itself')
  } finally {
    await Promise.all(groups.map(group => group.stop(2000)))
  }
}

interface RunningProject {
  readonly cluster: BenchCluster
  readonly project: GeneratedProject
  readonly up: RunningGroup
  /** The Node proxy's and kubectl's ports are open only while they are compared. */
  readonly gateway: Way
}

/** One service on the cluster, with an \`up\` that serves it. */
async function bringUp(options: Options, signal: AbortSignal, cleanup: Cleanup): Promise<RunningProject> {
  const [devloop] = tools
  if (devloop === undefined || !(await devloop.isAvailable()))
    throw new Error('build devloop first: npm run build')
  const cluster = await openCluster(options.cluster)
  const temporary = await mkdtemp(join(tmpdir(), 'devloop-bench-'))
  cleanup.unshift(() => rm(temporary, { recursive: true, force: true }))
  const seed = randomBytes(4).toString('hex')
  const namespace = `bench-gateway-${seed}`
  const project = await generateProject({
    folder: join(temporary, namespace),
    tool: 'devloop',
    services: 1,
    payloadBytes: 1000,
    firstNodePort: 30010,
    namespace,
    imagePrefix: namespace,
    seed,
    cluster: options.cluster,
    base: 'node',
    files: 0,
    gatewayPort: await freePort(),
    gatewayOnly: true,
    sync: false,
  })
  cleanup.unshift(() => cluster.removeImages(namespace))
  cleanup.unshift(() => cluster.deleteNamespace(namespace))
  await cluster.createNamespace(namespace)
  const up = startGroup(devloop.start(project), project.folder)
  cleanup.unshift(async () => {
    await up.stop(30_000)
    const { file, args, env } = devloop.takeDown(project)
    await run(file, args, { env, cwd: project.folder })
  })
  const port = project.gatewayPort ?? 0
  await waitForAnswer({
    port,
    host: 'svc0.localhost',
    answer: project.version(0),
    interval: 100,
    bound: COLD_BOUND,
    signal,
    check: () => mustRun(up),
    tail: up.tail,
  })
  await cluster.settled(namespace, 'svc0')
  return { cluster, project, up, gateway: { name: 'gateway', port, host: `svc0.localhost:${port}` } }
}

/** The gateway beside kubectl's port-forward, alone and behind a plain Node proxy: all go by the API server and the kubelet. */
async function compareWays(
  options: Options,
  { project, gateway }: RunningProject,
  signal: AbortSignal,
): Promise<void> {
  const forward = startGroup(
    {
      file: 'kubectl',
      args: [
        ...['--context', project.context, '-n', project.namespace],
        ...['port-forward', '--address', '127.0.0.1', 'service/svc0', ':3000'],
      ],
    },
    process.cwd(),
  )
  let proxy: RunningGroup | undefined
  try {
    const port = Number(/:(\d+) ->/.exec(await firstLine(forward))?.[1])
    proxy = startGroup(script('gateway-roles.ts', ['proxy', `${port}`]), process.cwd())
    const ways: readonly Way[] = [
      { name: 'kubectl port-forward', port, host: 'svc0' },
      { name: 'plain Node proxy before it', port: Number(await firstLine(proxy)), host: 'svc0' },
      gateway,
    ]
    say('\nTo a pod of the cluster')
    tell(await interleaved(options, ways, signal), 'kubectl port-forward')
  } finally {
    await proxy?.stop(2000)
    await forward.stop(2000)
  }
}

/** What the process of the \`up\` holds while the gateway answers so many requests. */
async function watchMemory(
  { requests, connections }: Options,
  { up, gateway }: RunningProject,
  signal: AbortSignal,
): Promise<void> {
  const start = await residentMb(up)
  let most = start
  const client = startGroup(
    script('gateway-load.ts', [
      ...[`${gateway.port}`, gateway.host, `${connections}`],
      `requests:${requests}`,
    ]),
    process.cwd(),
  )
  try {
    while (!client.ended) {
      signal.throwIfAborted()
      most = Math.max(most, await residentMb(up))
      await Promise.race([client.exit, delay(200)])
    }
    const load = loadOf(client)
    // What is garbage by now is collected only when there is a reason to.
    await delay(5000, undefined, { signal })
    const end = await residentMb(up)
    say(
      `\n${load.requests} requests through the gateway, ${load.failed} failed: the up held ${start} MB before, ${most} MB at most, ${end} MB 5 s after`,
    )
  } finally {
    await client.stop(1000)
  }
}

/** So many image saves, with a request every 20 ms from before the first until after the last. */
async function saveAgain(
  { saves }: Options,
  { cluster, project, up, gateway }: RunningProject,
  signal: AbortSignal,
): Promise<void> {
  const [service] = project.services
  if (service === undefined) throw new Error('a project needs a service')
  const asked: Promise<string>[] = []
  let isOver = false
  let current = 0
  const stream = (async () => {
    while (!isOver) {
      const during = current
      asked.push(outcomeOf(gateway).then(outcome => (outcome === OK ? OK : `${outcome}, save ${during}`)))
      await delay(STEADY)
    }
  })()
  const times: number[] = []
  try {
    for (let save = 1; save <= saves; save++) {
      current = save
      const since = performance.now()
      await writeFile(service.versionFile, project.versionSource(save))
      const { at } = await waitForAnswer({
        port: gateway.port,
        host: 'svc0.localhost',
        answer: project.version(save),
        interval: 50,
        bound: SAVE_BOUND,
        signal,
        check: () => mustRun(up),
        tail: up.tail,
      })
      times.push(at - since)
      await cluster.settled(project.namespace, 'svc0')
      if (save % 10 === 0) say(`  ${save} saves`)
    }
  } finally {
    isOver = true
    await stream
  }
  const failures = (await Promise.all(asked)).filter(outcome => outcome !== OK)
  const causes = [...new Set(failures)].map(
    cause => `${failures.filter(one => one === cause).length} × ${cause}`,
  )
  times.sort((a, b) => a - b)
  say(
    `\n${times.length} image saves under a request every ${STEADY} ms: ${asked.length} requests, ${failures.length} failed${causes.length === 0 ? '' : ` (${causes.join(', ')})`}; a save took ${seconds(times[Math.floor(times.length / 2)])} in the middle, ${seconds(times.at(-1))} at most`,
  )
}

/** The status of one answer on a connection of its own, with what a failure says of itself, or what came in its place. The gateway may hold a request for 10 s, which is no failure. */
function outcomeOf({ port, host }: Way): Promise<string> {
  return new Promise(resolve => {
    const request = get(
      { host: '127.0.0.1', port, agent: false, headers: { host }, timeout: 15_000 },
      answer => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        answer.on('end', () => {
          const status = `${answer.statusCode}`
          const said = text.replaceAll(/<[^>]*>|\s+/g, ' ').slice(0, 300)
          resolve(!answer.complete ? 'cut off' : status === OK ? OK : `${status} ${said}`)
        })
        answer.on('error', error => resolve(error.message))
      },
    )
    request.on('timeout', () => request.destroy(new Error('nothing within 15 s')))
    request.on('error', error => resolve(error.message))
  })
}

/** Loads each way for so many seconds, one after the other, in another order in every round. */
async function interleaved(
  { rounds, seconds: time, connections }: Options,
  ways: readonly Way[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly Load[]>> {
  const loads = new Map<string, Load[]>(ways.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const at of ways.keys()) {
      const way = ways[(at + round) % ways.length]
      if (way === undefined) continue
      signal.throwIfAborted()
      const bound = round === 0 ? 1 : time
      const { file, args } = script('gateway-load.ts', [
        ...[`${way.port}`, way.host, `${connections}`],
        `seconds:${bound}`,
      ])
      const load = JSON.parse(await run(file, args, { timeout: bound * 1000 + 30_000 })) as Load
      // The first round warms up.
      if (round > 0) loads.get(way.name)?.push(load)
    }
  }
  return loads
}

function tell(loads: ReadonlyMap<string, readonly Load[]>, base: string): void {
  const middle = (name: string, of: (load: Load) => number): number => {
    const sorted = (loads.get(name) ?? []).map(of).sort((a, b) => a - b)
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  }
  const direct = middle(base, ({ p50 }) => p50)
  say('| way | requests a second | p50 | p99 | added at p50 | failed |')
  say('| --- | --- | --- | --- | --- | --- |')
  for (const [name, all] of loads) {
    const figures = [
      Math.round(middle(name, ({ rate }) => rate)),
      `${middle(name, ({ p50 }) => p50).toFixed(2)} ms`,
      `${middle(name, ({ p99 }) => p99).toFixed(2)} ms`,
      name === base ? '' : `${(middle(name, ({ p50 }) => p50) - direct).toFixed(2)} ms`,
      all.reduce((sum, { failed }) => sum + failed, 0),
    ]
    say(`| ${name} | ${figures.join(' | ')} |`)
  }
}

function script(file: string, args: readonly string[]) {
  const path = fileURLToPath(new URL(file, import.meta.url))
  return { file: process.execPath, args: ['--import', 'tsx', path, ...args] }
}

function loadOf(client: RunningGroup): Load {
  const line = client.lines[0]
  if (line === undefined) throw new Error(`the client told nothing:\n${client.tail()}`)
  return JSON.parse(line) as Load
}

async function firstLine(group: RunningGroup): Promise<string> {
  const end = performance.now() + START_BOUND
  for (;;) {
    const [line] = group.lines
    if (line !== undefined) return line
    mustRun(group)
    if (performance.now() > end) throw new Error(`did not start:\n${group.tail()}`)
    await delay(20)
  }
}

/** MB of 10^6 bytes. Linux alone. */
async function residentMb({ pid }: RunningGroup): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round((Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024) / 1e6)
}

const seconds = (milliseconds = Number.NaN): string => `${(milliseconds / 1000).toFixed(1)} s`

await main()
