import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from './rig/eventually.js'
import { web, webDockerfile } from './rig/fixtures.js'
import { kubectl, run } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'
import { openRegistry, type TestRegistry } from './rig/registry.js'

const NODE = 'dev-control-plane'
const CONTEXT = 'staging'
const USER = 'somebody'
const PASSWORD = 'a secret'

const ENGINES = [
  { store: 'classic store', host: undefined },
  { store: 'containerd store', host: 'unix:///run/newer-engine.sock' },
]
const answers = await Promise.all(
  ENGINES.map(({ host }) =>
    run('docker', [...(host === undefined ? [] : ['-H', host]), 'version']).then(
      () => true,
      () => false,
    ),
  ),
)

/** This machine's address in the network of the nodes. */
const gateway = (
  await run('docker', ['inspect', '-f', '{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}', NODE])
).stdout.trim()
// Where the engine runs in a machine of its own, the nodes cannot reach a server of this process.
const reachable = Object.values(networkInterfaces()).some(list =>
  list?.some(({ address }) => address === gateway),
)

/** Lets the node reach a port of this machine under the same name: 127.0.0.1, where containerd too takes plain HTTP. */
async function forwardOnNode(port: number): Promise<() => Promise<void>> {
  const script = `echo $$; exec socat TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr TCP:${gateway}:${port}`
  const child = spawn('docker', ['exec', NODE, 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const [pid] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return async () => {
    await run('docker', ['exec', NODE, 'kill', pid])
    await ended
  }
}

/** Docker's configuration with a credential helper for the registry, and the helper: a program beside it. */
async function writeCredentials(folder: string, host: string): Promise<void> {
  const helper = join(folder, 'docker-credential-devlooptest')
  const answer = JSON.stringify({ ServerURL: host, Username: USER, Secret: PASSWORD })
  await writeFile(helper, `#!/bin/sh\ncat >/dev/null\necho '${answer}'\n`)
  await chmod(helper, 0o755)
  await writeFile(join(folder, 'config.json'), JSON.stringify({ credHelpers: { [host]: 'devlooptest' } }))
}

/** A kubeconfig with the cluster of the tests under a name that does not say that it is local. */
async function writeKubeconfig(file: string): Promise<void> {
  const view = await run('kubectl', ['config', 'view', '--raw', '--minify', '--context', 'kind-dev'])
  await writeFile(file, view.stdout.replaceAll(/\bkind-dev\b/g, CONTEXT))
}

describe.runIf(reachable).concurrent.each(ENGINES.filter((_, index) => answers[index]))(
  'an allowed context with a registry, images of the $store',
  ({ host }) => {
    let folder: string
    let registry: TestRegistry
    let stopForward: () => Promise<void>
    let project: TestProject

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'devloop-registry-'))
      registry = await openRegistry({ addresses: ['127.0.0.1', gateway], user: USER, password: PASSWORD })
      const name = `127.0.0.1:${registry.port}`
      stopForward = await forwardOnNode(registry.port)
      const kubeconfig = join(folder, 'kubeconfig')
      await writeCredentials(folder, name)
      await writeKubeconfig(kubeconfig)
      const PATH = `${folder}${delimiter}${process.env.PATH ?? ''}`
      const env = { KUBECONFIG: kubeconfig, DOCKER_CONFIG: folder, PATH }
      project = await createProject(
        {
          'dev.config.yaml': `namespace: NS
cluster: { context: { name: ${CONTEXT}, allow: true, registry: '${name}/team' } }
services:
  web: { image: NS/web }
`,
          'web/Dockerfile': webDockerfile,
          'web/www/index.html': 'zero',
          'k8s/web.yaml': web('web'),
        },
        { env: host === undefined ? env : { ...env, DOCKER_HOST: host } },
      )
    })
    afterAll(async () => {
      await project[Symbol.asyncDispose]()
      const engine = host === undefined ? [] : ['-H', host]
      const left = await run('docker', [...engine, 'images', '-q', `${project.namespace}/web`])
      const ids = [...new Set(left.stdout.split('\n').filter(Boolean))]
      if (ids.length > 0) await run('docker', [...engine, 'rmi', '-f', ...ids])
      await stopForward()
      await registry.close()
      await rm(folder, { recursive: true, force: true })
    })

    /** Image and digest of the pods that are not on their way out. */
    async function podImages(): Promise<readonly (readonly [string, string])[]> {
      const pods = JSON.parse(await kubectl(['get', 'pods', '-n', project.namespace, '-o', 'json'])) as {
        items: {
          metadata: { deletionTimestamp?: string }
          spec: { containers: { image: string }[] }
          status: { containerStatuses?: { imageID: string }[] }
        }[]
      }
      return pods.items
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ spec, status }) => [
          spec.containers[0]?.image ?? '',
          status.containerStatuses?.[0]?.imageID ?? '',
        ])
    }

    it('gets its images by pushes, with a credential helper, and only layers that are new', async () => {
      await using up = project.start('up', '--json')
      const repository = `team/${project.namespace}/web`
      const runs = async (since: number) => {
        const { image, method } = await up.until('loaded', { since })
        expect(method).toBe('registry-push')
        const tag = image.split(':').at(-1) ?? ''
        await up.until('live', { since })
        const name = `127.0.0.1:${registry.port}/${repository}`
        await eventually(async () =>
          expect(await podImages()).toEqual([
            [`${name}:${tag}`, `${name}@${registry.digest(repository, tag)}`],
          ]),
        )
        return tag
      }
      const first = await runs(0)
      const uploaded = registry.uploadedBytes
      expect(uploaded).toBeGreaterThan(500_000)
      const since = up.mark()
      await project.write('web/www/index.html', 'one')
      expect(await runs(since)).not.toBe(first)
      expect(registry.uploadedBytes - uploaded).toBeLessThan(50_000)
      up.kill('SIGINT')
      await up.exit
      expect(await project.run('down')).toMatchObject({ code: 0 })
      await expect(kubectl(['get', 'namespace', project.namespace])).rejects.toThrow('NotFound')
      const engine = host === undefined ? [] : ['-H', host]
      const { stdout } = await run('docker', [
        ...engine,
        'images',
        '-q',
        `127.0.0.1:${registry.port}/team/*/*`,
      ])
      expect(stdout).toBe('')
    })
  },
)

it('is refused without the words that allow it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'devloop-registry-'))
  const kubeconfig = join(folder, 'kubeconfig')
  await writeKubeconfig(kubeconfig)
  await using project = await createProject(
    {
      'dev.config.yaml': `namespace: NS
cluster: { context: { name: ${CONTEXT}, registry: registry.example.com/team } }
services:
  web: { image: NS/web }
`,
      'web/Dockerfile': webDockerfile,
      'web/www/index.html': 'zero',
      'k8s/web.yaml': web('web'),
    },
    { env: { KUBECONFIG: kubeconfig } },
  )
  const { code, stderr, stdout } = await project.run('up', '--once', '--plain')
  expect(code).not.toBe(0)
  expect(`${stdout}${stderr}`).toContain('allow: true')
  await rm(folder, { recursive: true, force: true })
})
