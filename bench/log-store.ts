// What 200,000 lines from 20 pods in 10 s cost the store, and whether every line is there afterwards. Run: npx tsx bench/log-store.ts

import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createLogStore } from '../src/adapters/logs/log-store.js'
import type { LogOrigin } from '../src/core/logs/log-line.js'
import type { LogStore } from '../src/ports/log-store.js'

const LINES = 200_000
const PODS = 20
const MILLISECONDS = 10_000
const BATCH = 400
const MB = 2 ** 20

const origins: readonly LogOrigin[] = Array.from({ length: PODS }, (_, n) => ({
  service: `service-${n}`,
  namespace: 'shop',
  pod: `service-${n}-6d5f7c-x2x9z`,
  podUid: `uid-${n}`,
  container: 'app',
  role: 'app',
  restarts: 0,
}))

const textOf = (pod: number, n: number) =>
  `{"level":"info","n":${n},"pod":${pod},"path":"/api/tours/${n % 977}","ms":${n % 53},"message":"request 요청 done"}`

const percentile = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0

const spread = (samples: readonly number[]) => {
  const sorted = samples.toSorted((a, b) => a - b)
  return `p50 ${percentile(sorted, 0.5).toFixed(3)} ms, p99 ${percentile(sorted, 0.99).toFixed(3)} ms, max ${(sorted.at(-1) ?? 0).toFixed(3)} ms`
}

function timed<T>(samples: number[], work: () => T): T {
  const start = performance.now()
  const result = work()
  samples.push(performance.now() - start)
  return result
}

/** Every line of every pod, in its order: the number of lines that are not. */
function wrongLines(store: LogStore, pages: number[]): number {
  const next = new Array<number>(PODS).fill(0)
  let wrong = 0
  for (let at = 0; ; ) {
    const page = timed(pages, () => store.after(at, { limit: 1000 }))
    for (const { origin, text } of page.lines) {
      const pod = Number(origin.podUid.slice(4))
      const expected = next[pod] ?? 0
      if (text !== textOf(pod, expected)) wrong++
      next[pod] = expected + 1
    }
    at = page.next
    if (page.done) break
  }
  return wrong + next.reduce((missing, count) => missing + Math.abs(LINES / PODS - count), 0)
}

/** What is held once everything else was collected. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const directory = mkdtempSync(join(tmpdir(), 'log-store-'))
try {
  const store = createLogStore({ directory, onNotice: message => console.log(message) })
  const heldBefore = heldBytes()
  const before = process.memoryUsage().rss
  let peak = before
  const appends: number[] = []
  const tails: number[] = []
  const back: number[] = []
  const start = performance.now()
  for (let sent = 0; sent < LINES; ) {
    const batch = Math.min(BATCH, LINES - sent)
    timed(appends, () => {
      for (let n = 0; n < batch; n++, sent++) {
        const pod = sent % PODS
        store.append({
          origin: origins[pod] ?? ({ ...origins[0], podUid: '' } as LogOrigin),
          kind: 'line',
          time: '2026-01-01T10:00:00.123456789Z',
          text: textOf(pod, Math.floor(sent / PODS)),
        })
      }
    })
    timed(tails, () => store.before(store.end, { limit: 50 }))
    // Somewhere in what has been: mostly on disk.
    timed(back, () => store.before(Math.floor(store.end * Math.random()), { limit: 50 }))
    peak = Math.max(peak, process.memoryUsage().rss)
    const ahead = start + (sent / LINES) * MILLISECONDS - performance.now()
    if (ahead > 0) await sleep(ahead)
  }
  const took = performance.now() - start
  const total = appends.reduce((sum, one) => sum + one, 0)
  const pages: number[] = []
  const wrong = wrongLines(store, pages)
  const searches: number[] = []
  for (let at = store.end; ; ) {
    const page = timed(searches, () =>
      store.before(at, { limit: 50, accept: ({ text }) => text.includes('nowhere') }),
    )
    at = page.next
    if (page.done) break
  }
  const held = heldBytes() - heldBefore
  store.close()
  const disk = readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
  console.log(`appended       ${LINES} lines of ${PODS} pods in ${(took / 1000).toFixed(2)} s`)
  console.log(
    `one append     ${((total / LINES) * 1000).toFixed(2)} µs; batches of ${BATCH}: ${spread(appends)}`,
  )
  console.log(`newest 50      ${spread(tails)}`)
  console.log(`50 from before ${spread(back)}`)
  console.log(`1000 in a row  ${spread(pages)}`)
  console.log(`search, 5000   ${spread(searches)}`)
  console.log(
    `memory         ${(before / MB).toFixed(0)} MB resident before, ${(peak / MB).toFixed(0)} MB at most; the store holds ${(held / MB).toFixed(0)} MB`,
  )
  console.log(`on disk        ${(disk / MB).toFixed(1)} MB`)
  console.log(`wrong lines    ${wrong}; forgotten ${JSON.stringify(store.forgotten())}`)
  if (wrong > 0) process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}
