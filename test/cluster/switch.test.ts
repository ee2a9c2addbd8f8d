import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StatusReport } from '../../src/core/status-report.js'
import type { Running } from './rig/devloop.js'
import { eventually } from './rig/eventually.js'
import { config, web, webDockerfile } from './rig/fixtures.js'
import { kubectl, read } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'

const side = (version: string, replicas: number) =>
  web(`web-${version}`, { image: `NS/web:${version}`, replicas })
    .replace(`matchLabels: { app: web-${version} }`, `matchLabels: { app: web, version: ${version} }`)
    .replace(`labels: { app: web-${version} }`, `labels: { app: web, version: ${version} }`)
const service = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web, version: blue }, ports: [{ port: 80, targetPort: 3000 }] }
`

let project: TestProject
let up: Running

beforeAll(async () => {
  project = await createProject({
    'dev.config.yaml': config(
      "  blue: { context: blue, image: 'NS/web:blue' }\n  green: { context: green, image: 'NS/web:green' }",
    ),
    'blue/Dockerfile': webDockerfile,
    'blue/www/index.html': 'blue',
    'green/Dockerfile': webDockerfile,
    'green/www/index.html': 'green',
    'k8s/blue.yaml': side('blue', 1),
    'k8s/green.yaml': side('green', 0),
    'k8s/service.yaml': service,
  })
  up = project.start('up', '--json')
  await up.until('live', { deadline: 120_000 })
  await settled({ selector: 'blue', blue: 1, green: 0 })
}, 150_000)
afterAll(() => project[Symbol.asyncDispose]())

async function state() {
  const [blue, green, { spec }] = await Promise.all([
    read(project.namespace, 'deployment', 'web-blue'),
    read(project.namespace, 'deployment', 'web-green'),
    read(project.namespace, 'service', 'web'),
  ])
  const ready = ({ status }: typeof blue) => Number(status?.readyReplicas ?? 0)
  const { version } = spec.selector as Readonly<Record<string, string>>
  return { selector: version, blue: ready(blue), green: ready(green) }
}

const settled = (wanted: Awaited<ReturnType<typeof state>>) =>
  eventually(async () => expect(await state()).toEqual(wanted), 30_000)

async function overrides(): Promise<readonly string[]> {
  const { stdout } = await project.run('status', '--json')
  return (JSON.parse(stdout) as StatusReport).overrides
}

test('the target comes up before the Service moves, and the other side goes down after', async () => {
  const seen: string[] = []
  const watching = (async () => {
    for (;;) {
      const { selector, blue, green } = await state()
      const one = `${selector} ${blue} ${green}`
      if (seen.at(-1) !== one) seen.push(one)
      if (one === 'green 0 1') return
    }
  })()
  const { code, stdout } = await project.run('switch', 'web', 'green')
  expect([code, stdout]).toEqual([0, expect.stringContaining('switched to green')])
  await watching
  expect(seen.filter(one => /^blue 0|^green \d 0/.test(one))).toEqual([])
  await eventually(async () => expect(await overrides()).toEqual(['web on green']))
}, 60_000)

test('it survives a save, the end of up and a change of the Service, each side with an image of its own', async () => {
  const since = up.mark()
  await project.write('green/www/index.html', 'green two')
  await up.until('live', { since, where: ({ service }) => service === 'green', deadline: 60_000 })
  await settled({ selector: 'green', blue: 0, green: 1 })
  up.kill('SIGINT')
  await up.exit
  up = project.start('up', '--json')
  await up.until('live', { deadline: 60_000 })
  await project.write('k8s/service.yaml', service.replace('port: 80', 'port: 81'))
  await eventually(async () => {
    const { spec } = await read(project.namespace, 'service', 'web')
    expect((spec.ports as readonly { readonly port: number }[])[0]?.port).toBe(81)
  })
  await settled({ selector: 'green', blue: 0, green: 1 })
  const images = await kubectl([
    'get',
    'deployments',
    '-n',
    project.namespace,
    '-o',
    'jsonpath={.items[*].spec.template.spec.containers[0].image}',
  ])
  expect(new Set(images.split(' ')).size).toBe(2)
}, 120_000)

test('back again, and cleared only then', async () => {
  const early = await project.run('clear', 'web')
  expect([early.code, early.stderr]).toEqual([2, expect.stringContaining('switch it back first')])
  expect((await project.run('switch', 'web', 'red')).stderr).toContain('no version red, but blue, green')
  expect((await project.run('switch', 'blue', 'blue')).code).toBe(0)
  await settled({ selector: 'blue', blue: 1, green: 0 })
  await eventually(async () => expect(await overrides()).toEqual(['web on blue']))
  expect((await project.run('clear', 'web')).stdout).toContain('cleared: web on blue')
  expect(await overrides()).toEqual([])
}, 60_000)

test('without an up it is done step by step by the command, holds in the next up, and is undone', async () => {
  up.kill('SIGINT')
  await up.exit
  const { code, stdout, stderr } = await project.run('switch', 'web', 'green')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/web-green .*comes up\n.*service\/web leads to deployment\/web-green\n/)
  await settled({ selector: 'green', blue: 0, green: 1 })
  expect(await overrides()).toEqual(['web on green'])
  expect((await project.run('up', '--once')).code).toBe(0)
  await settled({ selector: 'green', blue: 0, green: 1 })
  expect((await project.run('clear', 'web')).stderr).toContain('switch it back first')
  expect((await project.run('switch', 'web', 'blue')).code).toBe(0)
  expect((await project.run('clear', 'web')).stdout).toContain('cleared: web on blue')
  await settled({ selector: 'blue', blue: 1, green: 0 })
  expect(await overrides()).toEqual([])
}, 90_000)
