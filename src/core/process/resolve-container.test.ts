// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are commands
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube-object.js'
import type { LocalService } from './local-service.js'
import type { ProcessImage } from './process-image.js'
import { type ContainerInput, resolveContainer } from './resolve-container.js'
import { standInImage } from './stand-in-image.js'

const image: ProcessImage = {
  entrypoint: [],
  command: ['node', 'src/main.js'],
  env: {},
  workingDir: '/app',
  paths: [
    { image: '/usr/local/bin/start', host: '/ctx/bin/start' },
    { image: '/app/src', host: '/ctx/src' },
    { image: '/app', host: '/ctx' },
  ],
  stopSignal: 'SIGTERM',
  ports: [],
  standIn: false,
}
const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'shop', uid: 'u', labels: { app: 'web' } },
  spec: {},
}
const service = (
  name: string,
  port: number,
  local: number,
  more: Partial<LocalService> = {},
): LocalService => ({
  namespace: 'shop',
  name,
  headless: false,
  ports: [{ name: 'http', port, local }],
  ...more,
})
const services = [
  service('tour-srv', 3000, 40_001),
  service('nats', 4222, 40_002),
  service('mysql', 3306, 40_003, { headless: true }),
  service('auth', 80, 40_004, { namespace: 'people' }),
]
const objects: Readonly<Record<string, KubeObject>> = {
  'ConfigMap shop': {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'shop' },
    data: { TOURS_URL: 'http://tour-srv:3000', 'with-dash': 'x' },
  },
  'Secret login': {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'login' },
    data: { user: 'bWU=' },
    stringData: { password: 'p$$w' },
  },
}

const input = (container: Record<string, unknown>, more: Partial<ContainerInput> = {}): ContainerInput => ({
  pod,
  container,
  image,
  objects: (kind, name) => objects[`${kind} ${name}`],
  ports: new Map([[3000, 41_000]]),
  services,
  mounts: [],
  machine: { PATH: '/usr/bin', HOME: '/home/me' },
  ...more,
})
const resolved = (container: Record<string, unknown>, more?: Partial<ContainerInput>) => {
  const result = resolveContainer(input(container, more))
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}
const env = (...entries: readonly (readonly [string, string])[]) => ({
  env: entries.map(([name, value]) => ({ name, value })),
})

describe('the program of a container', () => {
  it.each<[container: Record<string, unknown>, image: Partial<ProcessImage>, argv: readonly string[]]>([
    [{}, {}, ['node', 'src/main.js']],
    [{ args: ['x'] }, { entrypoint: ['node', 'src/main.js'] }, ['node', 'src/main.js', 'x']],
    [{ command: ['npm', 'start'] }, { entrypoint: ['x'] }, ['npm', 'start']],
    [{ command: ['/usr/local/bin/node', '/app/src/main.js'] }, {}, ['node', '/ctx/src/main.js']],
    [{ command: ['start'] }, {}, ['/ctx/bin/start']],
    [
      { command: ['/app/run.sh', '--config=/app/src/c.yaml'] },
      {},
      ['/ctx/run.sh', '--config=/ctx/src/c.yaml'],
    ],
    [{ command: ['/usr/bin/tini', '-g', '--', 'node', 'x.js'] }, {}, ['node', 'x.js']],
    [
      { args: ['--port', '3000', '--bind=0.0.0.0:3000', '30001'] },
      { entrypoint: ['x'] },
      ['x', '--port', '41000', '--bind=0.0.0.0:41000', '30001'],
    ],
    [{ command: ['x', '$(A)', '$$(A)', '$(B)'], ...env(['A', 'a']) }, {}, ['x', 'a', '$(A)', '$(B)']],
    [{ command: ['x', '--url', 'nats://nats:4222'] }, {}, ['x', '--url', 'nats://127.0.0.1:40002']],
    [
      { command: ['sh', '-c', 'cd /app && exec node "/app/src/main.js" /application'] },
      {},
      ['sh', '-c', 'cd /ctx && exec node "/ctx/src/main.js" /application'],
    ],
    [
      {},
      { entrypoint: ['/bin/sh', '-c', 'node /app/src/main.js'], command: [] },
      ['/bin/sh', '-c', 'node /ctx/src/main.js'],
    ],
    // A file that lies elsewhere here than in the image.
    [
      { command: ['node', 'main.js'] },
      {
        paths: [
          { image: '/app/main.js', host: '/ctx/dist/main.js' },
          { image: '/app', host: '/ctx' },
        ],
      },
      ['node', '/ctx/dist/main.js'],
    ],
  ])('%j %j', (container, change, argv) => {
    expect(resolved(container, { image: { ...image, ...change } }).argv).toEqual(argv)
  })

  it.each<[workingDir: string | undefined, cwd: string]>([
    [undefined, '/ctx'],
    ['/app/src', '/ctx/src'],
  ])('runs in %s', (workingDir, cwd) => expect(resolved({ workingDir }).cwd).toBe(cwd))

  it('keeps a path with a blank one word of a line for the shell', () => {
    const paths = [{ image: '/app', host: '/my ctx' }]
    expect(
      resolved({ command: ['sh', '-c', 'cat /app/x "/app/y"'] }, { image: { ...image, paths } }).argv[2],
    ).toBe(`cat '/my ctx'/x "/my ctx/y"`)
  })
})

describe('the variables of a container', () => {
  const from = (valueFrom: unknown) => ({ env: [{ name: 'A', valueFrom }] })
  it.each<[container: Record<string, unknown>, expected: Readonly<Record<string, string | undefined>>]>([
    [
      {},
      {
        TOUR_SRV_SERVICE_HOST: '127.0.0.1',
        TOUR_SRV_SERVICE_PORT: '40001',
        TOUR_SRV_SERVICE_PORT_HTTP: '40001',
      },
    ],
    [
      {},
      { TOUR_SRV_PORT_3000_TCP_PORT: '40001', MYSQL_SERVICE_HOST: undefined, AUTH_SERVICE_HOST: undefined },
    ],
    [{}, { PATH: '/usr/bin', HOME: '/home/me', PORT: '41000' }],
    [
      env(['PORT', '3000'], ['SERVER_PORT', '3000'], ['TIMEOUT', '3000']),
      { PORT: '41000', SERVER_PORT: '41000', TIMEOUT: '3000' },
    ],
    [
      env(['ASPNETCORE_URLS', 'http://+:3000'], ['LISTEN', ':3000']),
      { ASPNETCORE_URLS: 'http://+:41000', LISTEN: ':41000' },
    ],
    [env(['A', '1'], ['B', '$(A)$$(A)$(C)'], ['A', '2']), { A: '2', B: '1$(A)$(C)' }],
    [env(['U', 'http://tour-srv:3000/x?y']), { U: 'http://127.0.0.1:40001/x?y' }],
    [
      env(['U', 'nats://me:pw@nats.shop:4222,nats://nats.shop.svc:4222']),
      { U: 'nats://me:pw@127.0.0.1:40002,nats://127.0.0.1:40002' },
    ],
    [env(['U', 'jdbc:mysql://mysql-0.mysql:3306/db']), { U: 'jdbc:mysql://127.0.0.1:40003/db' }],
    [env(['U', 'http://auth.people.svc.cluster.local/login']), { U: 'http://127.0.0.1:40004/login' }],
    [
      env(['U', 'tour-srv:3000'], ['V', 'http://auth'], ['W', 'tour-srv:81']),
      { U: '127.0.0.1:40001', V: 'http://auth', W: 'tour-srv:81' },
    ],
    [env(['U', 'nats://nats'], ['V', 'redis:7']), { U: 'nats://127.0.0.1:40002', V: 'redis:7' }],
    [env(['DB_HOST', 'mysql'], ['DB_PORT', '3306']), { DB_HOST: '127.0.0.1', DB_PORT: '40003' }],
    [
      env(['C', '/app/src/c.yaml'], ['BASE_PATH', '/app/v1'], ['P', '/app']),
      { C: '/ctx/src/c.yaml', BASE_PATH: '/app/v1', P: '/app' },
    ],
    [from({ fieldRef: { fieldPath: 'metadata.name' } }), { A: 'web-1' }],
    [from({ fieldRef: { fieldPath: "metadata.labels['app']" } }), { A: 'web' }],
    [from({ fieldRef: { fieldPath: 'status.podIP' } }), { A: '127.0.0.1' }],
    [from({ configMapKeyRef: { name: 'shop', key: 'TOURS_URL' } }), { A: 'http://127.0.0.1:40001' }],
    [from({ secretKeyRef: { name: 'login', key: 'user' } }), { A: 'me' }],
    // A secret's dollars are its own.
    [from({ secretKeyRef: { name: 'login', key: 'password' } }), { A: 'p$$w' }],
    [from({ configMapKeyRef: { name: 'none', key: 'x', optional: true } }), { A: undefined }],
    [
      {
        ...from({ resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } }),
        resources: { limits: { memory: '1Gi' } },
      },
      { A: '1024' },
    ],
    [
      { envFrom: [{ configMapRef: { name: 'shop' }, prefix: 'X_' }] },
      { X_TOURS_URL: 'http://127.0.0.1:40001', 'X_with-dash': 'x' },
    ],
    [{ envFrom: [{ configMapRef: { name: 'shop' } }], ...env(['TOURS_URL', 'own']) }, { TOURS_URL: 'own' }],
    [{ envFrom: [{ secretRef: { name: 'none', optional: true } }] }, {}],
  ])('%j', (container, expected) => {
    const actual = resolved(container).env
    expect(Object.fromEntries(Object.keys(expected).map(name => [name, actual[name]]))).toEqual(expected)
  })

  it.each<[container: Record<string, unknown>, message: string]>([
    [from({ configMapKeyRef: { name: 'none', key: 'x' } }), 'configmap "none" not found'],
    [from({ secretKeyRef: { name: 'login', key: 'x' } }), "couldn't find key x in Secret shop/login"],
    [{ envFrom: [{ secretRef: { name: 'none' } }] }, 'secret "none" not found'],
  ])('%j: %s', (container, message) => {
    expect(resolveContainer(input(container))).toEqual({
      ok: false,
      error: { reason: 'CreateContainerConfigError', message },
    })
  })

  it('has no variables of Services where the pod wants none', () => {
    const quiet = { ...pod, spec: { enableServiceLinks: false } }
    expect(resolved({}, { pod: quiet }).env).not.toHaveProperty('NATS_SERVICE_HOST')
  })

  it('has the folders of the image before those of the machine', () => {
    const own = { ...image, env: { PATH: '/app/bin:/usr/local/bin:$PATH', A: '1' } }
    expect(resolved({}, { image: own }).env).toMatchObject({ PATH: '/ctx/bin:/usr/bin', A: '1' })
  })

  it('says what is not as the manifests have it', () => {
    const { rewritten } = resolved({ ...env(['PORT', '3000'], ['A', 'a']), args: ['x', '/app/y'] })
    expect(rewritten).toEqual([
      { name: 'PORT', from: '3000', to: '41000' },
      { name: 'argument 1', from: '/app/y', to: '/ctx/y' },
    ])
  })

  it('leads to what is mounted', () => {
    const { env: actual, notes } = resolved(env(['DIR', '/etc/web'], ['FILE', '/etc/web/a.yaml']), {
      mounts: [{ image: '/etc/web', host: '/state/web' }],
    })
    expect(actual).toMatchObject({ DIR: '/state/web', FILE: '/state/web/a.yaml' })
    expect(notes).toEqual([expect.stringContaining('/etc/web is mounted at /state/web')])
  })
})

describe('a stand-in', () => {
  const ports = new Map([
    [4222, 42_000],
    [8222, 42_001],
  ])
  it('runs as the config says, whatever the container has', () => {
    const {
      argv,
      cwd,
      env: actual,
    } = resolved(
      { args: ['--http_port', '8222'], workingDir: '/data' },
      { image: standInImage('nats-server --port $PORT', '/project'), ports },
    )
    expect(argv).toEqual(['/bin/sh', '-c', 'nats-server --port $PORT'])
    expect({ cwd, PORT: actual.PORT, monitor: actual.PORT_8222 }).toEqual({
      cwd: '/project',
      PORT: '42000',
      monitor: '42001',
    })
  })

  it('has its ports in the arguments of a list', () => {
    const stand = standInImage(['nats', '-p', '$(PORT)', '-m', '$(PORT_8222)'], '/project')
    expect(resolved({}, { image: stand, ports }).argv).toEqual(['nats', '-p', '42000', '-m', '42001'])
  })
})

it('cannot run where no command is known', () => {
  expect(resolveContainer(input({}, { image: { ...image, command: [] } }))).toMatchObject({
    ok: false,
    error: { reason: 'CreateContainerError', message: expect.stringContaining('cluster.process.images') },
  })
})
