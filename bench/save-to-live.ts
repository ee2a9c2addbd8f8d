/** Measures how long a save takes until the cluster answers with it, for each tool that is there. See README.md beside this file. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCluster } from './cluster.js'
import { freePort } from './free-port.js'
import { measure, type Sample } from './measure.js'
import { type BenchOptions, readOptions } from './options.js'
import { run } from './process-group.js'
import { conditionLines, figuresOf, restLines, stagesTable, table } from './report.js'
import { type Tool, tools } from './tools.js'

const say = (line: string) => console.log(line)

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      say(interrupt.signal.aborted ? 'still taking everything down' : 'interrupted: taking everything down')
      interrupt.abort(new Error('interrupted'))
    })
  }
  // Where the reader of a pipe went away, everything is taken down all the same.
  process.stdout.on('error', () => interrupt.abort(new Error('nobody reads the output')))
  const cluster = await openCluster(options.cluster)
  const present = await findTools(options.tools)
  const conditions = await cluster.conditions(options)
  const temporary = await mkdtemp(join(tmpdir(), 'devloop-bench-'))
  const samples: Sample[] = []
  const failures: string[] = []
  try {
    for (const { round, tool } of schedule(options, present)) {
      say(`${tool.name}, round ${round} of ${options.rounds}`)
      try {
        if (!options.gatewayOnly)
          await cluster.portsFree(options.firstNodePort, options.services, interrupt.signal)
        const seed = randomBytes(4).toString('hex')
        const name = `bench-${tool.name}-${seed}`
        samples.push(
          await measure({
            tool,
            round,
            saves: options.saves,
            cluster,
            signal: interrupt.signal,
            say,
            project: {
              folder: join(temporary, name),
              services: options.services,
              payloadBytes: options.payloadMb * 1e6,
              firstNodePort: options.firstNodePort,
              namespace: name,
              imagePrefix: name,
              seed,
              cluster: options.cluster,
              base: options.base,
              files: options.files,
              gatewayOnly: options.gatewayOnly,
              sync: options.sync,
              gatewayPort: await freePort(),
            },
          }),
        )
      } catch (error) {
        if (interrupt.signal.aborted) break
        failures.push(
          `${tool.name}, round ${round}: ${error instanceof Error ? error.message : String(error)}`,
        )
        say(`  failed: ${failures.at(-1)}`)
      }
    }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  if (samples.length > 0) {
    say(`\n${conditionLines(conditions, samples)}\n\n${table(samples)}\n\n${restLines(samples)}\n`)
    const stages = stagesTable(samples)
    if (stages !== '') say(`devloop's own account of each save\n${stages}\n`)
    say(JSON.stringify({ conditions, figures: figuresOf(samples), samples, failures }))
  }
  if (failures.length > 0 || interrupt.signal.aborted) process.exitCode = 1
}

/** The tools that can be run here, each with a line that says so. */
async function findTools(wanted: readonly string[] | undefined): Promise<readonly Tool[]> {
  const present: Tool[] = []
  for (const tool of tools.filter(({ name }) => wanted?.includes(name) ?? true)) {
    if (await tool.isAvailable()) {
      const { file, args } = tool.version
      say(`${tool.name} ${(await run(file, args)).trim()}`)
      present.push(tool)
    } else {
      say(
        tool.name === 'devloop'
          ? 'devloop is not built: npm run build'
          : `${tool.name} is not on PATH: left out`,
      )
    }
  }
  return present
}

/** Round by round, and in every other round backwards: no tool always runs on the machine as the same other one left it. */
function schedule({ rounds }: BenchOptions, present: readonly Tool[]) {
  return Array.from({ length: rounds }, (_, index) => {
    const order = index % 2 === 0 ? present : [...present].reverse()
    return order.map(tool => ({ round: index + 1, tool }))
  }).flat()
}

await main()
