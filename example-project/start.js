/**
 * Runs the tour shop with what this machine has, and says which in its first line: on a kind cluster where Docker and kind answer, else each container as a process
 * (docs/processes.md). Ctrl-C ends it. Flags of `devloop up` may follow.
 */
import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const LIMIT_MS = 10_000

/** What a program prints; undefined where it is not there, fails, or does not answer. */
const answerOf = (program, ...args) =>
  run(program, args, { timeout: LIMIT_MS }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  )

/** Which cluster is there, or why there is none. */
async function findCluster() {
  const [docker, kind] = await Promise.all([
    answerOf('docker', 'version', '--format', '{{.Server.Version}}'),
    answerOf('kind', 'get', 'clusters'),
  ])
  if (docker === undefined) return { why: 'Docker does not answer' }
  if (kind === undefined) return { why: 'kind does not answer' }
  const clusters = kind.split('\n').filter(name => name !== '')
  const current = (await answerOf('kubectl', 'config', 'current-context'))?.replace(/^kind-/, '')
  const cluster = clusters.find(name => name === current) ?? (clusters.length === 1 ? clusters[0] : undefined)
  if (cluster !== undefined) return { cluster }
  return {
    why:
      clusters.length === 0
        ? 'kind has no cluster (kind create cluster makes one)'
        : `kind has several clusters, and none is the current context: ${clusters.join(', ')}`,
  }
}

const { cluster, why } = await findCluster()
console.log(
  cluster === undefined
    ? `The tour shop runs as processes of this machine: ${why}.`
    : `The tour shop runs on the kind cluster ${cluster}.`,
)
process.chdir(dirname(dirname(fileURLToPath(import.meta.url))))
const profile = cluster === undefined ? ['--profile', 'processes'] : []
process.argv.splice(2, 0, 'up', ...profile)
await import('../bin/devloop.js')
