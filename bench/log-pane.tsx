// The log pane under load: 200,000 lines from 20 pods in 10 s, a key every 100 ms. Run: npx tsx bench/log-pane.tsx [SECONDS]

import { EventEmitter } from 'node:events'
import { render, useInput } from 'ink'
import { systemClock } from '../src/adapters/clock/system-clock.js'
import { logLine, originOf } from '../src/testing/log-lines.js'
import { createMemoryLogStore } from '../src/testing/memory-log-store.js'
import { createLogController } from '../src/ui/ink/logs/log-controller.js'
import { LogPane } from '../src/ui/ink/logs/log-pane.js'

const SECONDS = Number(process.argv[2] ?? 10)
const A_SECOND = 20_000
const PODS = 20
const COLUMNS = 120
const ROWS = 40

const stdout = Object.assign(new EventEmitter(), {
  isTTY: true,
  columns: COLUMNS,
  rows: ROWS + 1,
  bytes: 0,
  write(text: string) {
    this.bytes += text.length
    return true
  },
})
const chunks: string[] = []
const stdin = Object.assign(new EventEmitter(), {
  isTTY: true,
  setEncoding: () => stdin,
  setRawMode: () => stdin,
  ref: () => stdin,
  unref: () => stdin,
  read: () => chunks.shift() ?? null,
})

const store = createMemoryLogStore(100_000)
const logs = createLogController({ store, clock: systemClock, theme: { color: true } })
let draws = 0
let inkTime = 0
let asked: number | undefined
const waits: number[] = []
logs.subscribe(() => {
  draws++
})

function Screen() {
  useInput((input, key) => {
    logs.handleKey(input, key)
  })
  return <LogPane controller={logs} width={COLUMNS} height={ROWS} />
}

const streams = { stdout, stdin, stderr: stdout } as unknown as {
  readonly stdout: NodeJS.WriteStream
  readonly stdin: NodeJS.ReadStream
  readonly stderr: NodeJS.WriteStream
}
const ink = render(<Screen />, {
  ...streams,
  exitOnCtrlC: false,
  patchConsole: false,
  maxFps: 20,
  incrementalRendering: true,
  onRender: ({ renderTime }) => {
    inkTime += renderTime
    if (asked === undefined) return
    waits.push(performance.now() - asked)
    asked = undefined
  },
})

const origins = Array.from({ length: PODS }, (_, at) =>
  originOf(`service-${at % 8}`, { pod: `service-${at % 8}-5d8c7-${at}`, podUid: `u${at}` }),
)
const texts = [
  (at: number) =>
    `{"level":30,"time":1772368215123,"pid":1,"hostname":"x","msg":"request ${at} done","status":200,"path":"/cart/${at}"}`,
  (at: number) =>
    `\u001b[32minfo\u001b[39m: order ${at} of 12 pieces was taken, and will be sent to the address on file tomorrow at noon`,
  (at: number) => `2026-03-01 12:30:15,123 WARN  [main] com.shop.Stock - 재고 ${at} 부족`,
]
let appended = 0
const append = (until: number) => {
  for (; appended < until; appended++) {
    const text = texts[appended % texts.length]?.(appended) ?? ''
    store.append(logLine(text, origins[appended % PODS] ?? originOf('x')))
  }
}

/** Keys that change what is on the screen: up, up, follow; then the same under a filter, and a search. */
const keys = ['k', 'k', 'G', 't', 't', 't', 'w', 'w', 'L', 'L', 'k', 'G', 'L', 'L']
const start = performance.now()
const cpu = process.cpuUsage()
let pressed = 0
const tick = () => {
  const passed = (performance.now() - start) / 1000
  append(Math.min(SECONDS * A_SECOND, Math.floor(passed * A_SECOND)))
  if (passed * 10 > pressed && asked === undefined) {
    const key = keys[pressed++ % keys.length] ?? 'k'
    asked = performance.now()
    chunks.push(key)
    stdin.emit('readable')
  }
  if (appended < SECONDS * A_SECOND) return setTimeout(tick, 5)
  const wall = (performance.now() - start) / 1000
  const used = process.cpuUsage(cpu)
  waits.sort((a, b) => a - b)
  const at = (part: number) =>
    `${(waits[Math.min(waits.length - 1, Math.floor(waits.length * part))] ?? 0).toFixed(1)} ms`
  console.log(`${appended} lines of ${PODS} pods in ${wall.toFixed(1)} s (${Math.round(appended / wall)}/s)`)
  console.log(
    `${draws} frames (${(draws / wall).toFixed(1)}/s), ${(stdout.bytes / 1e6).toFixed(1)} MB written`,
  )
  console.log(`key to frame: median ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)} (${waits.length} keys)`)
  console.log(
    `Ink: ${(inkTime / draws).toFixed(2)} ms of each frame; CPU ${(((used.user + used.system) / 1e6 / wall) * 100).toFixed(0)} % of a core`,
  )
  console.log(
    `resident ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB, the store's 100,000 lines included`,
  )
  redraw()
}

/** The cost of one frame by itself: a whole screen of new lines, from the append to what Ink writes. */
function redraw(): void {
  const times: number[] = []
  logs.dispatch({ type: 'follow' })
  const idle = process.cpuUsage()
  const one = () => {
    append(appended + ROWS)
    const from = performance.now()
    const off = logs.subscribe(() => {
      off()
      setImmediate(() => {
        times.push(performance.now() - from)
        if (times.length < 60) return setTimeout(one, 60)
        times.sort((a, b) => a - b)
        console.log(
          `a screen of ${ROWS} new rows of ${COLUMNS} columns: median ${times[30]?.toFixed(1)} ms, p95 ${times[57]?.toFixed(1)} ms`,
        )
        const busy = process.cpuUsage(idle)
        console.log(
          `CPU of such a screen: ${((busy.user + busy.system) / 1000 / times.length).toFixed(1)} ms`,
        )
        ink.unmount()
        logs.dispose()
      })
    })
  }
  one()
}
tick()
