// log-flood.ts [PODS] [LINES]: `devloop up` on a terminal while pods print as fast as they may. Says whether every line was kept, in order, how long a
// key took to be answered meanwhile, how often the screen was drawn, and what it cost. Needs Docker, the kind cluster `dev` and tmux.
import { readdir, readFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from '../test/cluster/rig/eventually.js'
import { config } from '../test/cluster/rig/fixtures.js'
import { createProject } from '../test/cluster/rig/project.js'
import { startTmux, type Tmux } from '../test/cluster/rig/tmux.js'

const pods = Number(process.argv[2] ?? 20)
const lines = Number(process.argv[3] ?? 10_000)
/** Over which each pod prints its lines, in tenths of a second. */
const STEPS = 100

const bin = fileURLToPath(new URL('../bin/devloop.js', import.meta.url))

/** Waits for the moment in `/start`, in seconds since the epoch, and then prints its lines, a hundredth of them each tenth of a second. */
const program = `#!/bin/sh
echo 'the pod is there'
touch /ready
trap 'exit 0' TERM
while [ "$(date +%s)" -lt "$(cat /etc/flood/start)" ]; do sleep 1; done
i=0
while [ $i -lt ${STEPS} ]; do
  seq -f 'flood %.0f of this pod: a line of a length that programs have, more or less, and then some' $((i*${lines / STEPS})) $(((i+1)*${lines / STEPS}-1))
  i=$((i+1)); sleep 0.1
done
while true; do sleep 1 & wait $!; done
`

const manifests = (start: number) => `apiVersion: v1
kind: ConfigMap
metadata: { name: flood }
data: { start: '${start}' }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: flood }
spec:
  replicas: ${pods}
  selector: { matchLabels: { app: flood } }
  template:
    metadata: { labels: { app: flood } }
    spec:
      terminationGracePeriodSeconds: 1
      volumes: [{ name: flood, configMap: { name: flood } }]
      containers:
        - name: flood
          image: NS/flood
          volumeMounts: [{ name: flood, mountPath: /etc/flood }]
          readinessProbe: { exec: { command: [test, -e, /ready] }, periodSeconds: 1 }
`

/** Time for the pods to come up before the flood begins, in milliseconds. */
const HEAD_START = 60_000 + pods * 1500
const startAt = Math.ceil((Date.now() + HEAD_START) / 1000)

await using project = await createProject({
  'dev.config.yaml': config('  flood: { image: NS/flood }'),
  'flood/Dockerfile': 'FROM debian:bookworm-slim\nCOPY run.sh /run.sh\nCMD ["sh", "/run.sh"]\n',
  'flood/run.sh': program,
  'k8s/flood.yaml': manifests(startAt),
})
await using terminal = await startTmux({
  command: `exec ${process.execPath} ${bin} up`,
  cwd: project.folder,
  env: { DEVLOOP_STATE_DIR: project.stateDirectory },
  columns: 120,
  rows: 40,
})
await terminal.waitForScreen(/1\/1 live/, HEAD_START)
const raw = join(project.stateDirectory, 'screen.raw')
await terminal.pipe(`cat > ${raw}`)
const before = await usage(terminal.pid)
while (Date.now() < startAt * 1000) await new Promise(resolve => setTimeout(resolve, 100))
const floodedAt = Date.now()
const latencies: number[] = []
let peak = 0
while (Date.now() < floodedAt + STEPS * 100 + 5000) {
  latencies.push(await answerTime(terminal, '?', screen => screen.includes('The selected service')))
  latencies.push(await answerTime(terminal, 'Escape', screen => !screen.includes('The selected service')))
  peak = Math.max(peak, (await usage(terminal.pid)).resident)
}
const seconds = (Date.now() - floodedAt) / 1000
const after = await usage(terminal.pid)
const drawn = (await readFile(raw, 'latin1')).split('\u001b[?2026h').length - 1
const kept = await eventually(async () => {
  const found = await keptLines(project.stateDirectory)
  if (found.count < pods * lines) throw new Error(`${found.count} of ${pods * lines} lines are kept`)
  return found
}, 60_000).catch(() => keptLines(project.stateDirectory))

latencies.sort((a, b) => a - b)
const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]
console.log(
  `${pods} pods, ${lines} lines each in ${STEPS / 10} s; ${cpus().length} cores, load average ${loadavg()[0]?.toFixed(1)}`,
)
console.log(`kept: ${kept.count} of ${pods * lines} lines; out of order or twice: ${kept.wrong}`)
console.log(
  `a key is answered: median ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms (${latencies.length} keys; asking the terminal included)`,
)
console.log(`drawn: ${drawn} times in ${seconds.toFixed(1)} s, ${(drawn / seconds).toFixed(1)} a second`)
console.log(`memory: ${mb(before.resident)} before, ${mb(peak)} at most, ${mb(after.resident)} after`)
console.log(`processor: ${((after.ticks - before.ticks) / seconds).toFixed(0)} % of a core`)
await terminal.press('q')

/** Milliseconds from a key to a screen that shows what it does. */
async function answerTime(screen: Tmux, key: string, shows: (screen: string) => boolean): Promise<number> {
  const pressedAt = performance.now()
  await screen.press(key)
  for (;;) {
    if (shows(await screen.screen())) return Math.round(performance.now() - pressedAt)
    if (performance.now() - pressedAt > 30_000) return 30_000
  }
}

/** Resident bytes and hundredths of a second of processor time. */
async function usage(pid: number): Promise<{ readonly resident: number; readonly ticks: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const stat = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ')
  return {
    resident: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024,
    ticks: Number(stat[13]) + Number(stat[14]),
  }
}

/** What the log view holds on disk of the flood: each line with its pod, in the order of their numbers. */
async function keptLines(state: string): Promise<{ readonly count: number; readonly wrong: number }> {
  const files = (await readdir(state, { recursive: true })).filter(path => /(^|\/)logs\//.test(path))
  const rows: { readonly seq: number; readonly origin: number; readonly line: number }[] = []
  for (const file of files) {
    const text = await readFile(join(state, file), 'utf8').catch(() => '')
    for (const match of text.matchAll(/^\[(\d+),(\d+),"line","[^"]*","flood (\d+) of/gm))
      rows.push({ seq: Number(match[1]), origin: Number(match[2]), line: Number(match[3]) })
  }
  rows.sort((a, b) => a.seq - b.seq)
  const next = new Map<number, number>()
  let wrong = 0
  for (const { origin, line } of rows) {
    if (line !== (next.get(origin) ?? 0)) wrong += 1
    next.set(origin, line + 1)
  }
  return { count: rows.length, wrong }
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}
