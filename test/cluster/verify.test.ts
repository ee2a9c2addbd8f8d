import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { VerifyReport } from '../../src/core/verify/verify-report.js'
import type { Running } from './rig/devloop.js'
import { config } from './rig/fixtures.js'
import { kubectl } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'

/** Takes longer until it listens than a busy node needs to call its pod ready, and ends as it should. */
const server = `const server = require('http').createServer((_, response) => response.end('ok'))
setTimeout(() => server.listen(3000), 4000)
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`
const dockerfile = `FROM node:20-bookworm-slim
COPY server.js /
CMD ["node", "/server.js"]
`
const workload = (name: string, { strategy = '', container = '' }) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  ${strategy}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - { name: web, image: 'NS/app:${name}', ${container} }
`
const service = (name: string) => `---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ port: 80, targetPort: 3000 }] }
`
const preStop = 'lifecycle: { preStop: { sleep: { seconds: 5 } } },'
const probe = 'readinessProbe: { httpGet: { path: /, port: 3000 }, periodSeconds: 1 },'

let project: TestProject
let up: Running
const reports = new Map<string, VerifyReport>()
let code: number | null

beforeAll(async () => {
  const names = ['recreate', 'hasty', 'good']
  project = await createProject({
    'dev.config.yaml': config(
      names.map(name => `  ${name}: { context: app, image: 'NS/app:${name}' }`).join('\n'),
      'gateway: { port: 0 }\n',
    ),
    'app/Dockerfile': dockerfile,
    'app/server.js': server,
    'k8s/recreate.yaml': workload('recreate', { strategy: 'strategy: { type: Recreate }', container: probe }),
    'k8s/hasty.yaml': workload('hasty', { container: preStop }),
    'k8s/good.yaml': workload('good', { container: `${probe} ${preStop}` }),
    'k8s/services.yaml': names.map(service).join(''),
  })
  up = project.start('up', '--json')
  await up.until('live', { deadline: 120_000 })
  for (const name of names) await isRolledOut(name)
  const ended = await project.run('verify', '--json', '--for', '60s')
  code = ended.code
  expect(ended.stderr).toBe('')
  for (const report of (JSON.parse(ended.stdout) as { reports: VerifyReport[] }).reports)
    reports.set(report.service, report)
}, 300_000)
afterAll(() => project[Symbol.asyncDispose]())

const isRolledOut = (name: string) =>
  kubectl(['rollout', 'status', `deployment/${name}`, '-n', project.namespace, '--timeout=60s'])
const missing = (name: string) => reports.get(name)?.findings.map(finding => finding.missing)

test('Recreate has a gap as long as the new pod takes to listen', () => {
  const report = reports.get('recreate')
  expect(report).toMatchObject({ ok: false, way: { kind: 'pod', program: 'node' }, replaced: 1 })
  expect(report?.stream.gap).toBeGreaterThan(1000)
  expect(report?.stream.recovered).toBe(true)
  expect(missing('recreate')).toContain('strategy')
  expect(report?.patch).toMatchObject({ spec: { strategy: { type: 'RollingUpdate' } } })
})

test('without a probe, connections are refused before the new pod listens', () => {
  const report = reports.get('hasty')
  expect(report).toMatchObject({ ok: false, replaced: 1 })
  expect(report?.stream.causes.refused).toBeGreaterThan(0)
  expect(missing('hasty')).toContain('readiness-probe')
})

test('with a probe and a preStop none is lost', () => {
  const report = reports.get('good')
  expect(report?.stream).toMatchObject({ failed: 0, gap: 0, recovered: true })
  expect(report?.stream.requests).toBeGreaterThan(20)
  expect(report).toMatchObject({ ok: true, replaced: 1, findings: [] })
})

test('the patches that it prints, in the manifests, give what was missing', async () => {
  const since = up.mark()
  await Promise.all(
    ['recreate', 'hasty'].map(async name => {
      const patch = JSON.stringify(reports.get(name)?.patch)
      const patched = await kubectl([
        ...['patch', '--local', '-f', join(project.folder, `k8s/${name}.yaml`)],
        ...['--type', 'strategic', '-p', patch, '-o', 'yaml'],
      ])
      await project.write(`k8s/${name}.yaml`, patched)
      const object = `deployment/${name} `
      await up.until('applied', { since, where: told => told.object.startsWith(object) })
      await isRolledOut(name)
    }),
  )
  const ended = await project.run('verify', 'recreate', 'hasty', '--json', '--for', '60s')
  const { reports: again } = JSON.parse(ended.stdout) as { reports: VerifyReport[] }
  expect(again.map(({ service: name }) => name)).toEqual(['recreate', 'hasty'])
  for (const report of again) {
    const { service: name, stream, findings } = report
    expect([name, stream.failed, stream.words, findings]).toEqual([name, 0, {}, []])
  }
  expect(ended.code).toBe(0)
}, 180_000)

test('one that lost requests makes the exit code, and nothing of it stays in the cluster', async () => {
  expect(code).toBe(1)
  await expect
    .poll(() => kubectl(['get', 'pods', '-n', project.namespace, '-l', 'devloop.dev/verify', '-o', 'name']))
    .toBe('')
})
