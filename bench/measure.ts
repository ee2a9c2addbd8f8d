import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Announcement } from '../src/core/announcement.js'
import { type BenchCluster, currentLoad } from './cluster.js'
import {
  type GeneratedProject,
  type GeneratedService,
  generateProject,
  type ProjectOptions,
} from './generate.js'
import { idleOf } from './idle.js'
import { mustRun, type RunningGroup, run, startGroup } from './process-group.js'
import type { Tool } from './tools.js'
import { countFailures, type WaitOptions, waitForAnswer } from './wait-for-answer.js'

/** What one tool showed in one round; times in milliseconds. */
export interface Sample {
  readonly tool: string
  readonly round: number
  /** From the start of the tool until every service answered. */
  readonly cold: number
  /** From the write of the file until the first answer of its version, for each save: through the NodePort, or with `--gateway-only` through the gateway. */
  readonly saves: readonly number[]
  /** The same saves, asked through devloop's gateway; empty for other tools. */
  readonly throughGateway: readonly number[]
  /** Requests without a good answer of each save, one every 20 ms until 2 s after the first answer: through the NodePort, and the gateway. */
  readonly failed: { readonly nodePort: readonly number[]; readonly gateway: readonly number[] }
  /** From the start of a second \`up --once\` with nothing changed until its end; devloop alone. */
  readonly again: number | undefined
  /** The tool and what it started, at rest: MB resident, and percent of a core over 10 s. */
  readonly idle: { readonly mb: number; readonly cpu: number }
  /** From the interrupt until the tool has ended and taken its own down; NaN where that failed. */
  readonly down: number
  /** Where devloop says that the time of each save went. */
  readonly stages: readonly Stages[]
  /** Whether the nodes had the base image before the start. */
  readonly baseOnNodes: boolean
  /** Size of one service's image in the local engine, in MB of 10^6 bytes. */
  readonly imageMb: number
  /** Load average of one minute before the start. */
  readonly load: string
}

export type Stages = Readonly<Record<string, number>>

export interface MeasureOptions {
  readonly tool: Tool
  readonly round: number
  readonly saves: number
  readonly cluster: BenchCluster
  readonly project: Omit<ProjectOptions, 'tool'>
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

const COLD_BOUND = 300_000
const SAVE_BOUND = 120_000
/** Between the answers of a save and the next save: no tool is still busy with the last one. */
const REST = 3000
/** How long requests are counted after the first answer of a save. */
const AFTER = 2000
const IDLE = 10_000

/** Runs one tool on a project of its own: cold start, saves, and down again, whatever happens. */
export async function measure(options: MeasureOptions): Promise<Sample> {
  const { tool, cluster, signal, round, say } = options
  const project = await generateProject({ ...options.project, tool: tool.name })
  signal.throwIfAborted()
  const baseOnNodes = await cluster.hasBase()
  const load = currentLoad()
  const cleanup: (() => Promise<void>)[] = []
  let cold = 0
  let down = Number.NaN
  const saves: Save[] = []
  let stages: readonly Stages[] = []
  let imageMb = 0
  let again: number | undefined
  let idle = { mb: 0, cpu: 0 }
  try {
    cleanup.unshift(() => cluster.removeImages(options.project.imagePrefix))
    cleanup.unshift(() => cluster.deleteNamespace(project.namespace))
    await cluster.createNamespace(project.namespace)
    const startedAt = performance.now()
    const group = startGroup(tool.start(project), project.folder)
    cleanup.unshift(async () => {
      const stoppedAt = performance.now()
      await group.stop(30_000)
      await takeDown(tool, project, say)
      down = Math.round(performance.now() - stoppedAt)
    })
    cold = Math.round((await allAnswer(project, group, signal)) - startedAt)
    say(`  cold start ${seconds(cold)}`)
    const service = project.services[Math.floor(project.services.length / 2)]
    if (service === undefined) throw new Error('a project needs a service')
    for (let save = 1; save <= options.saves; save++) {
      await cluster.settled(project.namespace, service.name)
      await delay(REST, undefined, { signal })
      const took = await saveToLive({ project, service, save, group, signal })
      saves.push(took)
      const { gateway } = took
      const beside =
        gateway === undefined || gateway === took.took ? '' : `, through the gateway ${seconds(gateway)}`
      say(`  save ${save} ${seconds(took.took)}${beside}`)
    }
    await cluster.settled(project.namespace, service.name)
    await delay(REST, undefined, { signal })
    stages = stagesOf(group.lines, service.name, saves)
    imageMb = await cluster.imageMb(service.image)
    idle = await idleOf(group.pid, IDLE)
    again = await upAgain(tool, project, group)
  } finally {
    await runAll(cleanup, say)
  }
  say(`  down ${seconds(down)}`)
  return {
    tool: tool.name,
    round,
    cold,
    saves: saves.map(({ took }) => took),
    throughGateway: project.gatewayOnly ? [] : saves.flatMap(({ gateway }) => gateway ?? []),
    failed: {
      nodePort: saves.flatMap(({ failed }) => failed.nodePort ?? []),
      gateway: saves.flatMap(({ failed }) => failed.gateway ?? []),
    },
    again,
    idle,
    down,
    stages,
    baseOnNodes,
    imageMb,
    load,
  }
}

/** Every step is tried, also after one that failed. */
async function runAll(steps: readonly (() => Promise<void>)[], say: (line: string) => void): Promise<void> {
  for (const step of steps) {
    await step().catch((error: unknown) => say(`  cleaning up: ${String(error)}`))
  }
}

async function allAnswer(
  project: GeneratedProject,
  group: RunningGroup,
  signal: AbortSignal,
): Promise<number> {
  const times = project.services.map(service =>
    waitForAnswer({
      ...addressOf(project, service),
      answer: project.version(0),
      // Coarser than for a save: so many services at 20 ms would take time from the tool on a small machine.
      interval: 100,
      bound: COLD_BOUND,
      signal,
      check: () => mustRun(group),
      tail: group.tail,
    }),
  )
  return Math.max(...(await Promise.all(times)).map(({ at }) => at))
}

interface Save {
  /** Milliseconds since the epoch. */
  readonly writtenAt: number
  readonly took: number
  readonly gateway?: number
  readonly failed: { readonly nodePort?: number; readonly gateway?: number }
}

interface SaveOptions {
  readonly project: GeneratedProject
  readonly service: GeneratedService
  readonly save: number
  readonly group: RunningGroup
  readonly signal: AbortSignal
}

async function saveToLive({ project, service, save, group, signal }: SaveOptions): Promise<Save> {
  const writtenAt = Date.now()
  const savedAt = performance.now()
  await writeFile(service.versionFile, project.versionSource(save))
  const through = async (address: Address) => {
    const { at, failed } = await waitForAnswer({
      ...address,
      answer: project.version(save),
      interval: 20,
      bound: SAVE_BOUND,
      signal,
      check: () => mustRun(group),
      tail: group.tail,
    })
    const after = await countFailures(address, 20, AFTER)
    return { took: Math.round(at - savedAt), failed: failed + after }
  }
  const [gateway, nodePort] = await Promise.all([
    project.gatewayPort === undefined ? undefined : through(gatewayOf(project, service)),
    project.gatewayOnly ? undefined : through({ port: service.port }),
  ])
  return {
    writtenAt,
    took: (nodePort ?? gateway)?.took ?? Number.NaN,
    ...(gateway === undefined ? {} : { gateway: gateway.took }),
    failed: {
      ...(nodePort === undefined ? {} : { nodePort: nodePort.failed }),
      ...(gateway === undefined ? {} : { gateway: gateway.failed }),
    },
  }
}

type Address = Pick<WaitOptions, 'port' | 'host'>

const gatewayOf = ({ gatewayPort }: GeneratedProject, { name }: GeneratedService): Address => ({
  port: gatewayPort ?? 0,
  host: `${name}.localhost`,
})

const addressOf = (project: GeneratedProject, service: GeneratedService): Address =>
  project.gatewayOnly ? gatewayOf(project, service) : { port: service.port }

/** Ends devloop with everything left as it is, and starts it again until all is live. */
async function upAgain(
  tool: Tool,
  project: GeneratedProject,
  group: RunningGroup,
): Promise<number | undefined> {
  if (tool.again === undefined) return undefined
  await group.stop(30_000)
  const { file, args, env } = tool.again(project)
  const startedAt = performance.now()
  await run(file, args, { timeout: 120_000, env, cwd: project.folder })
  return Math.round(performance.now() - startedAt)
}

/** A failure is told and not thrown: the namespace is deleted after it anyhow. */
async function takeDown(tool: Tool, project: GeneratedProject, say: (line: string) => void): Promise<void> {
  const { file, args, env } = tool.takeDown(project)
  try {
    await run(file, args, { timeout: 120_000, env, cwd: project.folder })
  } catch (error) {
    say(`  ${tool.name} could not take its objects down: ${String(error)}`)
  }
}

/**
 * Devloop's own account of the saves that became live, from its JSON lines; none for other tools. To its stages are added `unseen`, from the
 * write of the file until devloop counts its save, and `answer`, from its word that the save is live until the first answer (below zero: the
 * answer came first). `unseen`, `total` and `answer` make up the measured time.
 */
function stagesOf(lines: readonly string[], service: string, saves: readonly Save[]): readonly Stages[] {
  const lives = lines.flatMap(line => {
    if (!line.startsWith('{"v":1')) return []
    const told = JSON.parse(line) as Announcement & { readonly at: string }
    return told.type === 'live' && told.service === service ? [{ ...told, at: Date.parse(told.at) }] : []
  })
  return saves.flatMap(({ writtenAt, took }, index) => {
    const until = saves[index + 1]?.writtenAt ?? Number.POSITIVE_INFINITY
    const live = lives.find(({ at }) => at >= writtenAt && at < until)
    if (live === undefined) return []
    const unseen = live.at - live.duration - writtenAt
    return [{ unseen, ...live.stages, total: live.duration, answer: writtenAt + took - live.at }]
  })
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`
}
