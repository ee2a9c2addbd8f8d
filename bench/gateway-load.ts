// Keeps so many connections to one port of 127.0.0.1 busy, each with one request after the other, and prints what came of it as JSON.
// Started by bench/gateway.ts: PORT HOST CONNECTIONS (seconds|requests):N

import http from 'node:http'

/** What one client saw; times in milliseconds. */
export interface Load {
  readonly requests: number
  readonly failed: number
  /** Requests a second. */
  readonly rate: number
  readonly p50: number
  readonly p99: number
}

const [port = '', host = '', connections = '', bound = ''] = process.argv.slice(2)
const [kind, amount] = bound.split(':')
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(connections) })
const times: number[] = []
let failed = 0
let left = kind === 'requests' ? Number(amount) : Number.POSITIVE_INFINITY
const startedAt = performance.now()
const end = kind === 'seconds' ? startedAt + Number(amount) * 1000 : Number.POSITIVE_INFINITY

function ask(): Promise<boolean> {
  return new Promise(resolve => {
    const request = http.get(
      { host: '127.0.0.1', port: Number(port), agent, headers: { host }, timeout: 10_000 },
      answer => {
        answer.on('end', () => resolve(answer.statusCode === 200 && answer.complete))
        answer.on('error', () => resolve(false))
        answer.resume()
      },
    )
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })
}

async function client(): Promise<void> {
  while (performance.now() < end && left > 0) {
    left -= 1
    const since = performance.now()
    if (await ask()) times.push(performance.now() - since)
    else failed += 1
  }
}

await Promise.all(Array.from({ length: Number(connections) }, client))
const took = (performance.now() - startedAt) / 1000
agent.destroy()
times.sort((a, b) => a - b)
const at = (share: number) =>
  times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN
const load: Load = {
  requests: times.length,
  failed,
  rate: times.length / took,
  p50: at(0.5),
  p99: at(0.99),
}
console.log(JSON.stringify(load))
