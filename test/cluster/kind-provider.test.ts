import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKindProvider, type KindLoaderNeeds } from '../../src/adapters/kind/kind-provider.js'
import { createProcessRunner } from '../../src/adapters/process/process-runner.js'
import type { ProcessRunner, RunOptions } from '../../src/ports/process-runner.js'
import { createFakeImageLoader } from '../../src/testing/fake-image-loader.js'

const CLUSTER = 'dev'
const docker = new Docker({ socketPath: '/var/run/docker.sock' })
const runner = createProcessRunner()

function provider(name: string, options: { readonly image?: string; readonly runner?: ProcessRunner } = {}) {
  let needs: KindLoaderNeeds | undefined
  const created = createKindProvider({
    name,
    image: options.image,
    config: undefined,
    docker: async () => docker,
    runner: options.runner ?? runner,
    createLoader: given => {
      needs = given
      return createFakeImageLoader()
    },
  })
  return {
    provider: created,
    nodes() {
      created.loader()
      if (needs === undefined) throw new Error('no loader was made')
      return needs.nodes()
    },
  }
}

/** The server of a context, from a kubeconfig file or the usual one. */
async function serverOf(context: string, kubeconfig?: string): Promise<string> {
  const shown = await runner.run([
    'kubectl',
    'config',
    'view',
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    '-o',
    `jsonpath={.clusters[?(@.name=="${context}")].cluster.server}`,
  ])
  if (!shown.ok) throw new Error(JSON.stringify(shown.error))
  return shown.value.stdout
}

describe('the kind cluster that is there', () => {
  it('is found by its name, and no other', async () => {
    expect(await provider(CLUSTER).provider.exists()).toEqual({ ok: true, value: true })
    expect(await provider(`${CLUSTER}-absent`).provider.exists()).toEqual({ ok: true, value: false })
  })

  it('knows the address of its published ports, and why there is none', async () => {
    expect(await provider(CLUSTER).provider.hostAddress()).toMatchObject({
      kind: 'known',
      address: '127.0.0.1',
      note: expect.stringContaining('neither port 80 nor 443 on this machine, only 30001 to 30030'),
    })
    expect(await provider(`${CLUSTER}-absent`).provider.hostAddress()).toEqual({
      kind: 'unknown',
      reason: `there is no kind cluster "${CLUSTER}-absent" yet`,
    })
  })

  it('has nodes that run', async () => {
    const found = await provider(CLUSTER).nodes()
    expect(found).toEqual({ ok: true, value: [`${CLUSTER}-control-plane`] })
    expect(await provider(`${CLUSTER}-absent`).nodes()).toMatchObject({
      ok: false,
      error: { kind: 'cluster-missing', hint: `kind create cluster --name ${CLUSTER}-absent` },
    })
  })

  it('is led to by the kubeconfig', async () => {
    const server = await serverOf(`kind-${CLUSTER}`)
    expect(server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    expect(await provider(CLUSTER).provider.verify(server)).toEqual({ ok: true, value: undefined })
  })

  it.each([
    ['another port', (url: URL) => Object.assign(url, { port: String(Number(url.port) - 1) })],
    ['another host', (url: URL) => Object.assign(url, { hostname: 'prod.example.com' })],
    [
      'a host that looks like loopback',
      (url: URL) => Object.assign(url, { hostname: '127.0.0.1.example.com' }),
    ],
    ['no TLS', (url: URL) => new URL(url.href.replace('https:', 'http:'))],
    [
      'a published port of the node that is not the API server',
      (url: URL) => Object.assign(url, { port: '30001' }),
    ],
  ])('is refused by %s', async (_name, change) => {
    const server = change(new URL(await serverOf(`kind-${CLUSTER}`))).href
    expect(await provider(CLUSTER).provider.verify(server)).toMatchObject({
      ok: false,
      error: { kind: 'cluster-refused', context: `kind-${CLUSTER}`, reason: 'not-what-it-says' },
    })
  })
})

describe('a kind cluster of its own', () => {
  const name = `devloop-test-${randomBytes(3).toString('hex')}`
  let folder = ''
  let kubeconfig = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kind-provider-'))
    kubeconfig = join(folder, 'kubeconfig')
    await writeFile(kubeconfig, '', { mode: 0o600 })
  })
  afterAll(async () => {
    await runner.run(['kind', 'delete', 'cluster', '--name', name], { env: { KUBECONFIG: kubeconfig } })
    await rm(folder, { recursive: true, force: true })
  })

  it('is made, led to, stopped and started, and deleted', async () => {
    const node = await docker.getContainer(`${CLUSTER}-control-plane`).inspect()
    // The test must not change the current context of whoever runs it.
    const elsewhere: ProcessRunner = {
      run: (argv, options: RunOptions = {}) =>
        runner.run(argv, { ...options, env: { ...options.env, KUBECONFIG: kubeconfig } }),
    }
    const own = provider(name, { image: node.Config.Image, runner: elsewhere })
    const lines: string[] = []
    const onOutput = (line: string) => lines.push(line)
    const { signal } = new AbortController()
    expect(await own.provider.create({ signal, onOutput })).toEqual({ ok: true, value: undefined })
    expect(lines.join('\n')).toContain(`Creating cluster "${name}"`)
    expect(await own.provider.exists()).toEqual({ ok: true, value: true })
    const server = await serverOf(`kind-${name}`, kubeconfig)
    expect(await own.provider.verify(server)).toEqual({ ok: true, value: undefined })
    expect(await provider(CLUSTER).provider.verify(server)).toMatchObject({
      ok: false,
      error: { kind: 'cluster-refused' },
    })

    await docker.getContainer(`${name}-control-plane`).stop()
    expect(await own.provider.exists()).toEqual({ ok: true, value: true })
    expect(await own.provider.verify(server)).toEqual({ ok: true, value: undefined })
    expect(await own.nodes()).toEqual({ ok: true, value: [`${name}-control-plane`] })
    expect((await docker.getContainer(`${name}-control-plane`).inspect()).State.Running).toBe(true)

    expect(await own.provider.delete({ onOutput })).toEqual({ ok: true, value: undefined })
    expect(await own.provider.exists()).toEqual({ ok: true, value: false })
    expect(await docker.listContainers({ all: true, filters: { name: [name] } })).toEqual([])
  })
})
