// log-flood.ts [--printed] [PODS] [LINES]: `devloop up` on a terminal while every pod tells LINES lines in 10 s. Says whether every line was kept, in
// order, how long a key took to be answered meanwhile, how often the screen was drawn, and what it cost. The lines come from a server that stands before
// the cluster's, so that the pods do not take the processor from what is measured; with `--printed` the pods print them.
// Needs Docker, the kind cluster `dev`, and `script` of util-linux.
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { eventually } from '../test/cluster/rig/eventually.js'
import { keptLines, usage } from './flood-facts.js'
import { printedFlood, STEPS, servedFlood } from './flood-source.js'
import { openPseudoTerminal } from './pseudo-terminal.js'

const args = process.argv.slice(2).filter(argument => argument !== '--printed')
const printed = process.argv.includes('--printed')
const pods = Number(args[0] ?? 20)
const lines = Number(args[1] ?? 10_000)
const HELP = /The selected service/
/** For the cluster to be done with the start of the pods, in milliseconds. */
const SETTLE = 15_000
/** Between two keys of a person who is quick, in milliseconds. */
const PAUSE = 150
const pause = () => new Promise(resolve => setTimeout(resolve, PAUSE))

const bin = fileURLToPath(new URL('../bin/devloop.js', import.meta.url))
const source = await (printed ? printedFlood : servedFlood)({ pods, lines })
const { project } = source
try {
  await using terminal = await openPseudoTerminal({
    command: [process.execPath, bin, 'up'],
    cwd: project.folder,
    env: { ...process.env, DEVLOOP_STATE_DIR: project.stateDirectory, ...source.env, CI: undefined },
    columns: 120,
    rows: 40,
  })
  await terminal.shows(printed ? /1\/1 live/ : /flood/, 90_000)
  // The pods have started, and what comes of it is over.
  await new Promise(resolve => setTimeout(resolve, SETTLE))
  const quiet = await keyTimes(20)
  const before = await usage(terminal.pid)
  await source.begin()
  const floodedAt = Date.now()
  const framesBefore = terminal.frames()
  const latencies: number[] = []
  let peak = 0
  while (Date.now() < floodedAt + STEPS * 100) {
    latencies.push(...(await keyTimes(1)))
    peak = Math.max(peak, (await usage(terminal.pid)).resident)
  }
  const seconds = (Date.now() - floodedAt) / 1000
  const drawn = terminal.frames() - framesBefore
  const after = await usage(terminal.pid)
  const kept = await eventually(async () => {
    const found = await keptLines(project.stateDirectory)
    if (found.count < pods * lines) throw new Error(`${found.count} of ${pods * lines} lines are kept`)
    return found
  }, 60_000).catch(() => keptLines(project.stateDirectory))

  console.log(
    `${pods} pods, ${lines} lines each in ${STEPS / 10} s, ${printed ? 'printed by the pods' : 'served'}; ${cpus().length} cores, load average ${loadavg()[0]?.toFixed(1)}`,
  )
  console.log(`kept: ${kept.count} of ${pods * lines} lines; out of order or twice: ${kept.wrong}`)
  console.log(`a key is answered at rest: ${spread(quiet)}`)
  console.log(`a key is answered in the flood: ${spread(latencies)}`)
  console.log(`drawn: ${drawn} times in ${seconds.toFixed(1)} s, ${(drawn / seconds).toFixed(1)} a second`)
  console.log(`memory: ${mb(before.resident)} before, ${mb(peak)} at most, ${mb(after.resident)} after`)
  console.log(`processor: ${((after.ticks - before.ticks) / seconds).toFixed(0)} % of a core`)

  /** From a key to the first output with what it does, in milliseconds: the help opened and closed, so often. */
  async function keyTimes(count: number): Promise<readonly number[]> {
    const times: number[] = []
    for (let key = 0; key < count; key++) {
      times.push(await terminal.answer('?', HELP))
      await pause()
      times.push(await terminal.answer('\u001b', /flood/))
      await pause()
    }
    return times
  }
} finally {
  await source.close()
  await project[Symbol.asyncDispose]()
}

function spread(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)
  return `median ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms (${times.length} keys)`
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}
