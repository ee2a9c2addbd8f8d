import { describe, expect, it } from 'vitest'
import { createFakeImageLoader } from '../../testing/fake-image-loader.js'
import { dockerEnv, imageList, profileList, statuses } from '../../testing/minikube-outputs.js'
import { createRecordedRunner } from '../../testing/recorded-runner.js'
import { createMinikubeProvider } from './minikube-provider.js'

const STATUS = 'minikube status -o json -p minikube'
const LIST = 'minikube profile list -o json --light'
const START = 'minikube start -p minikube --wait=apiserver'
const ENV = 'minikube docker-env -p minikube --shell none'
const signal = new AbortController().signal

function provider(outputs: Parameters<typeof createRecordedRunner>[0], platform: NodeJS.Platform = 'linux') {
  const runner = createRecordedRunner(outputs)
  const engineLoader = createFakeImageLoader()
  const created = createMinikubeProvider({
    profile: 'minikube',
    runner,
    platform,
    images: { inspect: async () => ({ ok: true, value: undefined }) },
    createEngineLoader: () => engineLoader,
  })
  return { provider: created, runner, engineLoader }
}

describe('whether the cluster is there', () => {
  it.each([
    ['running', true],
    ['severalNodes', true],
    ['paused', true],
    ['stopped', true],
    ['machineGone', false],
    ['notFound', false],
  ] as const)('%s: %s', async (status, there) => {
    const { provider: found } = provider({ [STATUS]: statuses[status] })
    expect(await found.exists()).toEqual({ ok: true, value: there })
  })

  it('is not known where minikube fails otherwise', async () => {
    expect(await provider({ [STATUS]: statuses.broken }).provider.exists()).toMatchObject({
      ok: false,
      error: { kind: 'command-failed', exitCode: 30 },
    })
    expect(await provider({ [STATUS]: { stdout: 'hello\n' } }).provider.exists()).toMatchObject({
      ok: false,
      error: { kind: 'command-failed', output: ['its output cannot be read', 'hello'] },
    })
    expect(await provider({}).provider.exists()).toMatchObject({
      ok: false,
      error: { kind: 'cluster-missing', message: 'the minikube program is not installed' },
    })
  })
})

describe('the API server', () => {
  const published = { 'docker port minikube 8443/tcp': { stdout: '127.0.0.1:32769\n[::1]:32769\n' } }
  const twoServers = [
    { Name: '', IP: '192.168.49.2', Port: 8443, ControlPlane: true, Worker: true },
    { Name: 'm02', IP: '192.168.49.3', Port: 8443, ControlPlane: true, Worker: true },
    { Name: 'm03', IP: '192.168.49.4', Port: 0, ControlPlane: false, Worker: true },
  ]
  it.each([
    ['by the address of the node', 'https://192.168.49.2:8443', {}, true],
    ['of a second control plane', 'https://192.168.49.3:8443', { nodes: twoServers }, true],
    [
      'by the address that several share',
      'https://192.168.49.254:8443',
      { sharedAddress: '192.168.49.254' },
      true,
    ],
    ['by the published port', 'https://127.0.0.1:32769', {}, true],
    [
      'by the port that qemu forwards',
      'https://localhost:41000',
      { driver: 'qemu2', forwardedPort: 41000 },
      true,
    ],
    ['of a worker', 'https://192.168.49.4:8443', { nodes: twoServers }, false],
    ['on another port of the node', 'https://192.168.49.2:8444', {}, false],
    ['on another port of loopback', 'https://127.0.0.1:6443', {}, false],
    ['on another host', 'https://prod.example.com:8443', {}, false],
    ['without TLS', 'http://192.168.49.2:8443', {}, false],
    ['on loopback, where the driver publishes none', 'https://127.0.0.1:32769', { driver: 'kvm2' }, false],
    ['of a machine elsewhere', 'https://192.168.49.2:8443', { driver: 'ssh' }, false],
    ['that is no URL', 'nonsense', {}, false],
  ] as const)('%s', async (_name, server, change, accepted) => {
    const { provider: found } = provider({
      [STATUS]: statuses.running,
      [LIST]: { stdout: profileList(change) },
      ...published,
    })
    expect(await found.verify(server)).toMatchObject(
      accepted ? { ok: true } : { ok: false, error: { kind: 'cluster-refused', reason: 'not-what-it-says' } },
    )
  })

  it('of a stopped cluster, once it is started', async () => {
    const { provider: found, runner } = provider({
      [STATUS]: statuses.stopped,
      [START]: {},
      [LIST]: { stdout: profileList() },
    })
    expect(await found.verify('https://192.168.49.2:8443')).toEqual({ ok: true, value: undefined })
    expect(runner.ran).toEqual([STATUS, START, LIST])
  })

  it('of no cluster', async () => {
    const { provider: found } = provider({ [STATUS]: statuses.notFound })
    expect(await found.verify('https://192.168.49.2:8443')).toMatchObject({
      ok: false,
      error: { kind: 'cluster-missing', hint: 'minikube start -p minikube' },
    })
  })
})

describe('by its runtime', () => {
  it('Docker: builds go to its engine, and nothing is moved', async () => {
    const { provider: found, engineLoader } = provider({
      [LIST]: { stdout: profileList() },
      [ENV]: { stdout: dockerEnv },
    })
    expect(await found.engineEnv()).toEqual({
      ok: true,
      value: {
        DOCKER_TLS_VERIFY: '1',
        DOCKER_HOST: 'tcp://127.0.0.1:32842',
        DOCKER_CERT_PATH: '/home/me/.minikube/certs',
        MINIKUBE_ACTIVE_DOCKERD: 'minikube',
      },
    })
    engineLoader.present.add('shop/api:1')
    expect(await found.loader().missing(['shop/api:1', 'shop/web:1'])).toEqual({
      ok: true,
      value: ['shop/web:1'],
    })
    await found.loader().close()
    expect(engineLoader.closed).toBe(true)
  })

  it.each(['containerd', 'cri-o', 'crio'])(
    '%s: builds stay where they are, and minikube loads',
    async runtime => {
      const { provider: found, engineLoader } = provider({
        [LIST]: { stdout: profileList({ runtime }) },
        'minikube image ls --format json -p minikube': {
          stdout: imageList({ id: `sha256:${'a'.repeat(64)}`, tags: ['docker.io/shop/api:1'] }),
        },
      })
      engineLoader.present.add('shop/web:1')
      expect(await found.engineEnv()).toEqual({ ok: true, value: {} })
      expect(await found.loader().missing(['shop/api:1', 'shop/web:1'])).toEqual({
        ok: true,
        value: ['shop/web:1'],
      })
    },
  )

  it('is asked again where that failed', async () => {
    let stdout = '{}'
    const { provider: found, engineLoader } = provider({ [LIST]: () => ({ stdout }) })
    engineLoader.present.add('shop/api:1')
    expect(await found.loader().missing(['shop/api:1'])).toMatchObject({
      ok: false,
      error: { kind: 'command-failed' },
    })
    stdout = profileList({ name: 'other' })
    expect(await found.loader().missing(['shop/api:1'])).toMatchObject({
      ok: false,
      error: { kind: 'cluster-missing' },
    })
    stdout = profileList()
    expect(await found.loader().missing(['shop/api:1'])).toEqual({ ok: true, value: [] })
  })

  it('needs an address of the engine', async () => {
    const { provider: found } = provider({
      [LIST]: { stdout: profileList() },
      [ENV]: { stdout: 'The docker-env command is incompatible with this cluster\n' },
    })
    expect(await found.engineEnv()).toMatchObject({ ok: false, error: { kind: 'command-failed' } })
  })
})

it('makes and deletes', async () => {
  const { provider: made, runner } = provider({
    [START]: { stdout: '😄  minikube v1.35.0\n🏄  Done!\n' },
    'minikube delete -p minikube': { stdout: '💀  Removed all traces of the "minikube" cluster.\n' },
  })
  const lines: string[] = []
  const onOutput = (line: string) => lines.push(line)
  expect(await made.create({ signal, onOutput })).toEqual({ ok: true, value: undefined })
  expect(await made.delete({ onOutput })).toEqual({ ok: true, value: undefined })
  expect(lines).toEqual([
    '😄  minikube v1.35.0',
    '🏄  Done!',
    '💀  Removed all traces of the "minikube" cluster.',
  ])
  expect(runner.ran).toEqual([START, 'minikube delete -p minikube'])
})

describe('the address that names must have', () => {
  const IP = 'minikube ip -p minikube'
  const answer = { [IP]: { stdout: '192.168.49.2\n' } }
  it.each([
    ['linux', 'docker', answer, { kind: 'known', address: '192.168.49.2' }],
    ['linux', 'kvm2', answer, { kind: 'known', address: '192.168.49.2' }],
    ['darwin', 'hyperkit', answer, { kind: 'known', address: '192.168.49.2' }],
    [
      'darwin',
      'docker',
      {},
      {
        kind: 'known',
        address: '127.0.0.1',
        note: '"minikube tunnel -p minikube" must run in a terminal of its own for the names to answer',
      },
    ],
    [
      'linux',
      'docker',
      { [IP]: { stdout: '* Host is not running\n' } },
      { kind: 'unknown', reason: '"minikube ip -p minikube" tells no address: does the profile run?' },
    ],
  ] as const)('%s with the driver %s', async (platform, driver, outputs, expected) => {
    const { provider: made } = provider({ ...outputs, [LIST]: { stdout: profileList({ driver }) } }, platform)
    expect(await made.hostAddress()).toEqual(expected)
  })

  it("cannot be known for qemu's own network, nor for a profile that is not there", async () => {
    const qemu = provider({ [LIST]: { stdout: profileList({ driver: 'qemu2', forwardedPort: 50443 }) } })
    expect(await qemu.provider.hostAddress()).toMatchObject({ kind: 'unknown' })
    const gone = provider({ [LIST]: { stdout: profileList({ name: 'other' }) } })
    expect(await gone.provider.hostAddress()).toEqual({
      kind: 'unknown',
      reason: 'there is no minikube profile "minikube"',
    })
  })
})
