import type Docker from 'dockerode'
import { describe, expect, it } from 'vitest'
import { createFakeImageLoader } from '../../testing/fake-image-loader.js'
import { createRecordedRunner, type RecordedOutput } from '../../testing/recorded-runner.js'
import { createK3dProvider, type K3dLoaderNeeds } from './k3d-provider.js'

// The containers and their labels are as k3d makes them (k3d v5: pkg/types/types.go, pkg/types/defaults.go, and container specs in its
// issues 592 and 873). No k3d was run for these tests.

const container = (
  role: string,
  name: string,
  ports: readonly Partial<Docker.Port>[] = [],
  state = 'running',
) => ({
  Id: name,
  Names: [`/${name}`],
  State: state,
  Labels: { app: 'k3d', 'k3d.cluster': 'shop', 'k3d.role': role, 'k3d.version': 'v5.8.3' },
  Ports: ports,
})
const api = { IP: '0.0.0.0', PrivatePort: 6443, PublicPort: 36541, Type: 'tcp' }
const cluster = (state = 'running') => [
  container('server', 'k3d-shop-server-0', [], state),
  container('agent', 'k3d-shop-agent-0', [], state),
  container('loadbalancer', 'k3d-shop-serverlb', [api, { PrivatePort: 80, Type: 'tcp' }], state),
  container('noRole', 'k3d-shop-tools', [], 'exited'),
]

function provider(
  options: {
    readonly containers?: () => readonly object[]
    readonly outputs?: Readonly<Record<string, RecordedOutput | (() => RecordedOutput)>>
    readonly image?: string
    readonly config?: string
  } = {},
) {
  const runner = createRecordedRunner(options.outputs ?? {})
  const asked: unknown[] = []
  let needs: K3dLoaderNeeds | undefined
  const docker = {
    listContainers: async (query: unknown) => {
      asked.push(query)
      return (options.containers ?? cluster)()
    },
  }
  const created = createK3dProvider({
    name: 'shop',
    image: options.image,
    config: options.config,
    docker: async () => docker as unknown as Docker,
    runner,
    createLoader: given => {
      needs = given
      return createFakeImageLoader()
    },
  })
  return {
    provider: created,
    runner,
    asked,
    needs() {
      created.loader()
      if (needs === undefined) throw new Error('no loader was made')
      return needs
    },
  }
}

it('finds the cluster by its labels', async () => {
  const { provider: found, asked } = provider()
  expect(found.contextName).toBe('k3d-shop')
  expect(await found.exists()).toEqual({ ok: true, value: true })
  expect(asked).toEqual([{ all: true, filters: { label: ['app=k3d', 'k3d.cluster=shop'] } }])
  expect(await provider({ containers: () => [] }).provider.exists()).toEqual({ ok: true, value: false })
})

describe('the API server', () => {
  const withoutLoadBalancer = [container('server', 'k3d-shop-server-0', [api])]
  it.each([
    ['as k3d writes it', 'https://0.0.0.0:36541', cluster(), true],
    ['on loopback', 'https://127.0.0.1:36541', cluster(), true],
    ['by the name of Docker Desktop', 'https://host.docker.internal:36541', cluster(), true],
    ['of a server without load balancer', 'https://0.0.0.0:36541', withoutLoadBalancer, true],
    ['on another port', 'https://0.0.0.0:36542', cluster(), false],
    ['on another host', 'https://prod.example.com:36541', cluster(), false],
    ['without TLS', 'http://0.0.0.0:36541', cluster(), false],
    ['that is no URL', 'nonsense', cluster(), false],
    [
      'of an agent',
      'https://0.0.0.0:36541',
      [container('server', 's'), container('agent', 'a', [api])],
      false,
    ],
  ] as const)('%s', async (_name, server, containers, accepted) => {
    const result = await provider({ containers: () => containers }).provider.verify(server)
    expect(result).toMatchObject(
      accepted ? { ok: true } : { ok: false, error: { kind: 'cluster-refused', reason: 'not-what-it-says' } },
    )
  })

  it('of a stopped cluster, once k3d has started it', async () => {
    let state = 'exited'
    const start = 'k3d cluster start shop --wait --timeout 120s'
    const stopped = provider({
      containers: () => cluster(state),
      outputs: {
        [start]: () => {
          state = 'running'
          return {}
        },
      },
    })
    expect(await stopped.provider.verify('https://0.0.0.0:36541')).toEqual({ ok: true, value: undefined })
    expect(stopped.runner.ran).toEqual([start])
  })
})

describe('the loader', () => {
  it('gets the nodes, without the load balancer and the tools', async () => {
    expect(await provider().needs().nodes()).toEqual({
      ok: true,
      value: ['k3d-shop-server-0', 'k3d-shop-agent-0'],
    })
    expect(
      await provider({ containers: () => [] })
        .needs()
        .nodes(),
    ).toMatchObject({
      ok: false,
      error: { kind: 'cluster-missing' },
    })
  })

  it('can fall back to k3d', async () => {
    const command = 'k3d image import -c shop shop/api:1'
    const { needs, runner } = provider({ outputs: { [command]: {} } })
    expect(await needs().providerLoad.load('shop/api:1', new AbortController().signal)).toMatchObject({
      ok: true,
    })
    expect(runner.ran).toEqual([command])
  })
})

describe('making and deleting', () => {
  const signal = new AbortController().signal

  it('runs k3d with the image and config, and passes its output on', async () => {
    const create =
      'k3d cluster create shop --wait --timeout 120s --image rancher/k3s:v1.31.5-k3s1 --config k3d.yaml'
    const said = 'INFO[0000] Prep: Network'
    const { provider: made } = provider({
      image: 'rancher/k3s:v1.31.5-k3s1',
      config: 'k3d.yaml',
      outputs: { [create]: { stderr: said }, 'k3d cluster delete shop': {} },
    })
    const lines: string[] = []
    expect(await made.create({ signal, onOutput: line => lines.push(line) })).toEqual({
      ok: true,
      value: undefined,
    })
    expect(lines).toEqual([said])
    expect(await made.delete({ onOutput: () => undefined })).toEqual({ ok: true, value: undefined })
  })

  it('says that k3d is not installed', async () => {
    expect(await provider().provider.create({ signal, onOutput: () => undefined })).toMatchObject({
      ok: false,
      error: { kind: 'cluster-missing', message: 'the k3d program is not installed' },
    })
  })
})

describe('the address that names must have', () => {
  const lb = (...ports: readonly Partial<Docker.Port>[]) => [
    container('server', 'k3d-shop-server-0'),
    container('loadbalancer', 'k3d-shop-serverlb', [api, ...ports]),
  ]
  const web = { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8081, Type: 'tcp' }
  it.each([
    [
      'port 80 elsewhere',
      lb(web),
      {
        kind: 'known',
        address: '127.0.0.1',
        note: 'the k3d cluster "shop" answers on this machine at port 8081 (for 80)',
      },
    ],
    [
      'no port',
      lb(),
      {
        kind: 'published',
        otherwise:
          'the k3d cluster "shop" publishes no port on this machine but the API server\'s: publish one with "k3d cluster edit shop --port-add 80:80@loadbalancer"',
      },
    ],
    ['stopped', cluster('exited'), { kind: 'unknown', reason: 'the k3d cluster "shop" is stopped' }],
    ['absent', [], { kind: 'unknown', reason: 'there is no k3d cluster "shop" yet' }],
  ])('%s', async (_, containers, expected) => {
    expect(await provider({ containers: () => containers }).provider.hostAddress()).toEqual(expected)
  })
})
