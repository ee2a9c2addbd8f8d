import { expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'
import { config, web, webDockerfile } from './rig/fixtures.js'
import { kubectl, run } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'

const NODE = 'dev-control-plane'

interface Plan {
  readonly host: readonly { readonly reference: string; readonly uniqueBytes: number }[]
  readonly nodes: readonly { readonly node: string; readonly names: readonly string[] }[]
  readonly kept: number
}

async function onHost({ namespace }: TestProject): Promise<readonly string[]> {
  const args = ['images', '--format', '{{.Repository}}:{{.Tag}}', '--filter', `reference=${namespace}/*`]
  return (await run('docker', args)).stdout.split('\n').filter(Boolean).sort()
}

async function onNode({ namespace }: TestProject): Promise<readonly string[]> {
  const list = ['ctr', '-n', 'k8s.io', 'images', 'ls', '-q', `name~=${namespace}`]
  const { stdout } = await run('docker', ['exec', NODE, ...list])
  const names = stdout.split('\n').filter(name => name.includes(namespace))
  return names.map(name => name.replace('docker.io/', '')).sort()
}

/** Names on the node that pass one of the filters, with the digest that each leads to: also those that the runtime gives to an image by its config. */
async function digests(...filters: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const list = ['ctr', '-n', 'k8s.io', 'images', 'ls', ...filters]
  const { stdout } = await run('docker', ['exec', NODE, ...list], { maxBuffer: 64 << 20 })
  const rows = stdout.split('\n').map(line => line.split(/\s+/))
  return new Map(
    rows.flatMap(([name = '', , digest = '']) => (digest === '' ? [] : [[name, digest] as const])),
  )
}

test('gc removes what nothing needs, here and on the node, and leaves all that runs or may come back', async () => {
  const manifest = web('web').replace('  replicas: 1\n', '  replicas: 1\n  revisionHistoryLimit: 1\n')
  await using project = await createProject({
    'dev.config.yaml': config('  web: { image: NS/web }'),
    'web/Dockerfile': webDockerfile,
    'web/www/index.html': '0',
    'k8s/web.yaml': manifest,
  })
  const foreign = `${project.namespace}/web:mine`
  const up = project.start('up', '--json')
  await up.until('live', { deadline: 60_000 })
  for (let save = 1; save <= 6; save++) {
    const since = up.mark()
    await project.write('web/www/index.html', `${save}`)
    await up.until('live', { since })
  }
  up.kill('SIGINT')
  await up.exit
  const all = await onHost(project)
  expect(all.length).toBe(7)
  expect((await onNode(project)).length).toBe(7)
  const [oldest = ''] = all
  await run('docker', ['tag', oldest, foreign])
  // Kubernetes clears old ReplicaSets away a moment later.
  const kept = await eventually(async () => {
    const names = await kubectl([
      ...[
        'get',
        'rs',
        '-n',
        project.namespace,
        '-o',
        'jsonpath={.items[*].spec.template.spec.containers[*].image}',
      ],
    ])
    const images = names.split(' ').filter(Boolean)
    expect(images.length).toBe(2)
    return images
  })
  const held = await run('docker', [
    'create',
    '--name',
    `${project.namespace}-holds`,
    all.find(name => !kept.includes(name)) ?? '',
  ])
  try {
    const dry = await project.run('gc', '--dry-run', '--json')
    const plan = JSON.parse(dry.stdout) as Plan
    // The last three, of which the cluster keeps two, and the one of the container.
    expect(plan.kept).toBeGreaterThanOrEqual(3)
    expect(plan.host.length + plan.kept).toBe(7)
    expect(plan.host.length).toBeGreaterThanOrEqual(3)
    const stale = plan.host.map(({ reference }) => reference)
    for (const image of kept) expect(stale).not.toContain(image)
    expect(stale).not.toContain(foreign)
    expect((await onHost(project)).length).toBe(8)

    const before = await digests(`name~=${project.namespace}`)
    const exit = await project.run('gc')
    expect(exit.code, exit.stderr).toBe(0)
    expect(await onHost(project)).toEqual([...all, foreign].filter(name => !stale.includes(name)).sort())
    const gone =
      plan.nodes.find(({ node }) => node === NODE)?.names.map(name => name.replace('docker.io/', '')) ?? []
    expect(await onNode(project)).toEqual(all.filter(name => !gone.includes(name)))
    const after = await digests(...[...new Set(before.values())].map(digest => `target.digest==${digest}`))
    const removed = gone.map(name => before.get(`docker.io/${name}`) ?? '')
    expect([...after.values()].filter(digest => removed.includes(digest))).toEqual([])
    for (const name of kept) {
      const digest = after.get(`docker.io/${name}`)
      expect([...after].filter(([alias, of]) => of === digest && alias.startsWith('sha256:')).length).toBe(1)
    }

    // What a rollback needs is still there, and a second time there is nothing to do.
    expect((await project.run('gc')).stdout).toBe('Nothing to remove.')
    expect((await project.run('rollback', 'web')).code).toBe(0)
    await kubectl(['rollout', 'status', '-n', project.namespace, 'deploy/web', '--timeout=60s'])
  } finally {
    await run('docker', ['rm', held.stdout.trim()])
  }
})
