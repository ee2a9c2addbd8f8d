import { describe, expect, test } from 'vitest'
import { err, ok } from '../result.js'
import type { SelectedCluster } from '../select-cluster.js'
import type { Finding } from './finding.js'
import { isWell } from './finding.js'
import { type ClusterFacts, judgeCluster, judgeContexts, type NodeReport } from './judge-cluster.js'
import { judgeDisk, type Room } from './judge-disk.js'
import { type EngineReport, judgeDocker } from './judge-docker.js'
import { judgeLeftovers, type ProjectTraces } from './judge-leftovers.js'
import { judgeLoad, type LoadFacts } from './judge-load.js'
import { judgeNames } from './judge-names.js'
import { GATEWAY, judgePorts, type PortFacts } from './judge-ports.js'
import { judgeTime } from './judge-time.js'
import { judgeTools, toolNeeds } from './judge-tools.js'
import { judgeWatches, type WatchFacts } from './judge-watches.js'

/** State and text of findings, and what to do, as one text each. */
const told = (found: Finding | readonly Finding[]) =>
  [found].flat().map(({ state, text, remedies }) => [state, [text, ...remedies].join(' | ')] as const)

const has = (state: Finding['state'], ...parts: readonly string[]) => [
  state,
  expect.stringMatching(
    new RegExp(parts.map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[\\s\\S]*')),
  ),
]

const engine: EngineReport = {
  endpoint: 'unix:///var/run/docker.sock',
  version: '20.10.24',
  apiVersion: '1.41',
  store: 'classic',
  os: 'linux',
  architecture: 'x86_64',
  root: '/var/lib/docker',
  clockAhead: 0,
  clockTolerance: 10,
}

const kind: SelectedCluster = {
  kind: 'kind',
  context: 'kind-dev',
  name: 'dev',
  create: false,
  image: undefined,
  config: undefined,
}

describe('Docker', () => {
  test.each([
    [{}, has('ok', 'Docker 20.10.24 (API 1.41, classic image store')],
    [{ apiVersion: '1.38' }, has('warning', 'no BuildKit', 'Install Docker 18.09')],
    [{ os: 'windows' }, has('failure', 'Switch to Linux containers')],
  ])('%o', (change, expected) => expect(told(judgeDocker(ok({ ...engine, ...change })))).toEqual([expected]))

  test('that does not answer stops up, and is to be started', () => {
    const error = {
      kind: 'engine-unreachable',
      endpoint: engine.endpoint,
      message: 'nothing listens there',
    } as const
    expect(told(judgeDocker(err(error)))).toEqual([
      has('failure', 'nothing listens there', 'systemctl start docker', 'devloop explain engine-unreachable'),
    ])
  })
})

describe('the disk', () => {
  const room = (free: number, path = '/d', total = 100e9): Room => ({ kind: 'seen', path, free, total })
  test.each([
    ['one file system', room(50e9), room(50e9), true, [has('ok', '50 GB free of 100 GB for Docker')]],
    ['little', room(2e9), room(2e9), true, [has('warning', '2.0 GB free', 'devloop gc')]],
    [
      'nothing',
      room(0.1e9),
      room(9e9, '/s', 10e9),
      true,
      [has('failure', '0.1 GB free'), has('ok', 'for devloop (/s)')],
    ],
    [
      'elsewhere',
      { kind: 'unseen', path: '/d', reason: 'it is not on this machine' } as const,
      room(9e9, '/s'),
      true,
      [has('unknown', 'not on this machine'), has('ok', '/s')],
    ],
    [
      'not ours',
      room(50e9),
      room(50e9, '/s'),
      false,
      [has('failure', 'may not write', '/s', 'DEVLOOP_STATE_DIR'), has('ok', 'Docker')],
    ],
  ])('%s', (_, docker, state, writable, expected) =>
    expect(told(judgeDisk({ docker, state, writable }))).toEqual(expected),
  )
})

describe('contexts', () => {
  const files = ['/home/me/.kube/config']
  const context = { name: 'kind-dev', server: 'https://127.0.0.1:1', current: true }
  const none = {
    kind: 'cluster-missing',
    message: 'the kubeconfig has no local cluster',
    hint: 'make one',
  } as const
  test.each([
    [
      'chosen',
      { missing: [], contexts: ok([context]), selected: ok(kind) },
      has('ok', 'kind-dev (current); kind-dev is taken (kind)'),
    ],
    [
      'to be made',
      { missing: files, contexts: ok([]), selected: ok({ ...kind, create: true }) },
      has('ok', 'up makes kind-dev'),
    ],
    [
      'absent',
      { missing: [], contexts: ok([]), selected: ok(kind) },
      has('failure', 'is not there', 'kind create cluster --name dev'),
    ],
    [
      'no file',
      { missing: files, contexts: ok([]), selected: err(none) },
      has('failure', 'no local cluster', 'config is not there: see that KUBECONFIG is right', 'make one'),
    ],
  ])('%s', (_, facts, expected) => expect(told(judgeContexts({ files, ...facts }))).toEqual([expected]))
})

describe('the cluster', () => {
  const node: NodeReport = {
    name: 'n',
    ready: true,
    runtime: 'containerd://2',
    architecture: 'amd64',
    pressures: [],
  }
  const report = {
    server: 'https://127.0.0.1:1',
    version: 'v1.34.0',
    nodes: [node],
    clockAhead: 0,
    clockTolerance: 0,
  }
  const up: ClusterFacts = {
    cluster: kind,
    containers: [{ name: 'n', running: true }],
    endpoint: engine.endpoint,
    report: ok(report),
    refusal: undefined,
  }
  const silent = { kind: 'cluster-unreachable', context: 'kind-dev', message: 'nobody answers' } as const
  const refusal = {
    kind: 'cluster-refused',
    context: 'kind-dev',
    reason: 'not-what-it-says',
    message: 'it leads elsewhere',
  } as const
  test.each<[string, Partial<ClusterFacts>, unknown]>([
    ['answers', {}, has('ok', 'Kubernetes 1.34.0, 1 node ready')],
    [
      'is stopped',
      { containers: [{ name: 'n', running: false }], report: undefined },
      has('warning', '1 node of kind-dev is stopped: n', 'docker start n'),
    ],
    [
      'is gone',
      { containers: [], report: err(silent) },
      has('failure', 'the cluster is gone', 'kind create cluster'),
    ],
    [
      'is to be made',
      { cluster: { ...kind, create: true }, containers: [], report: err(silent) },
      has('ok', 'up makes it'),
    ],
    [
      'is of another engine',
      { containers: [] },
      has('failure', 'none of its nodes', 'unix:///var/run/docker.sock', 'docker context ls'),
    ],
    [
      'is to be made, and is of another engine',
      { cluster: { ...kind, create: true }, containers: [] },
      has('failure', 'none of its nodes', 'docker context ls'),
    ],
    [
      'answers, and Docker does not',
      { containers: undefined, endpoint: undefined },
      has('ok', '1 node ready'),
    ],
    [
      'does not answer',
      { report: err(silent) },
      has('failure', 'nobody answers', 'kubectl --context kind-dev get nodes'),
    ],
    ['is another', { refusal }, has('failure', 'it leads elsewhere')],
    [
      'is not ready',
      { report: ok({ ...report, nodes: [{ ...node, ready: false }] }) },
      has('failure', 'n is not ready', 'describe node n'),
    ],
    [
      'is full',
      { report: ok({ ...report, nodes: [{ ...node, pressures: ['DiskPressure'] }] }) },
      has('warning', 'DiskPressure', 'devloop gc'),
    ],
    ['may not be listed', { report: ok({ ...report, nodes: undefined }) }, has('ok', 'may not be listed')],
  ])('%s', (_, change, expected) => expect(told(judgeCluster({ ...up, ...change }))).toEqual([expected]))
})

describe('the way of images', () => {
  const facts: LoadFacts = {
    cluster: kind,
    store: 'classic',
    architecture: 'x86_64',
    isLocal: true,
    reached: true,
    runtimes: ['containerd://2'],
    architectures: ['amd64'],
  }
  const remote = { kind: 'context', context: 'team' } as const
  test.each<[string, Partial<LoadFacts>, readonly unknown[]]>([
    [
      'push',
      {},
      [
        has(
          'ok',
          'sparse-push',
          'first load of 180 MB the image is saved',
          '(tried), classic store',
          'after that filtered-save, save, kind load docker-image',
        ),
      ],
    ],
    [
      'containerd',
      { store: 'containerd' },
      [has('ok', 'sparse-push', 'containerd store', 'after that save, kind load')],
    ],
    [
      'cut off',
      { reached: false },
      [has('warning', 'filtered-save', 'did not reach this process', 'HTTP Proxy')],
    ],
    [
      'far engine',
      { isLocal: false, reached: undefined },
      [has('ok', 'filtered-save', 'on another machine or in a virtual one')],
    ],
    [
      'shared',
      { cluster: { kind: 'docker-desktop', context: 'docker-desktop' } },
      [has('ok', 'nothing is moved')],
    ],
    [
      'minikube',
      { cluster: { kind: 'minikube', context: 'm', profile: 'm', create: false }, runtimes: ['docker://24'] },
      [has('ok', 'nothing is moved')],
    ],
    [
      'registry',
      { cluster: { ...remote, registry: 'reg.example/me' } },
      [has('ok', 'pushed to reg.example/me')],
    ],
    [
      'no registry',
      { cluster: { ...remote, registry: undefined } },
      [has('failure', 'the config names none', 'registry: HOST/PATH')],
    ],
    [
      'other nodes',
      { architectures: ['arm64'] },
      [has('ok', 'sparse-push'), has('warning', 'builds for amd64', 'platform: linux/arm64')],
    ],
  ])('%s', (_, change, expected) => expect(told(judgeLoad({ ...facts, ...change }))).toEqual(expected))
})

describe('programs', () => {
  const use = {
    kustomizations: ['k8s/base'],
    charts: ['charts/db'],
    cluster: { kind: 'kind', isMade: true, isPushed: false },
  } as const
  const all = [
    { name: 'kubectl', version: '1.32.4' },
    { name: 'helm', version: '3.19.0' },
    { name: 'kind', version: '0.30.0' },
    { name: 'kustomize', version: undefined },
  ] as const
  test.each([
    ['there', use, all, [has('ok', 'kubectl 1.32.4, helm 3.19.0')]],
    [
      'not there',
      use,
      [],
      [
        has('failure', 'kustomize or kubectl are not on PATH', 'k8s/base'),
        has('failure', 'helm is not', 'charts/db', 'helm.sh'),
        has('failure', 'kind is not', 'up makes it'),
      ],
    ],
    [
      'too old',
      use,
      [{ name: 'helm', version: '2.17.0' }, all[0], all[2]] as const,
      [has('failure', 'helm 2.17.0 is too old')],
    ],
    [
      'not needed',
      { kustomizations: [], charts: [], cluster: undefined },
      [],
      [has('ok', 'is on PATH; the config needs none')],
    ],
  ])('%s', (_, used, tools, expected) => expect(told(judgeTools(toolNeeds(used), tools))).toEqual(expected))
})

describe('watches', () => {
  const inotify = { maxWatches: 8192, maxInstances: 128, watches: 100, instances: 5 }
  const facts: WatchFacts = { folders: 17, polls: false, inotify, silent: [] }
  test.each<[string, Partial<WatchFacts>, readonly unknown[]]>([
    ['room', {}, [has('ok', '17 folders to watch; of 8192 watches 100 are taken')]],
    [
      'none left',
      { folders: 9000 },
      [has('failure', '9000 folders', 'fs.inotify.max_user_watches=524288', '/etc/sysctl.d')],
    ],
    ['nearly none', { folders: 7500 }, [has('warning', 'nearly all')]],
    [
      'instances',
      { inotify: { ...inotify, instances: 128 } },
      [has('failure', '128 of 128', 'max_user_instances=1024')],
    ],
    ['few instances', { inotify: { ...inotify, instances: 122 } }, [has('warning', '122 of 128')]],
    ['polling', { folders: 9000, polls: true }, [has('ok', 'polled')]],
    ['no inotify', { inotify: undefined }, [has('ok', 'no inotify limits')]],
    [
      'a share',
      { silent: [{ path: '/mnt/c/shop', system: '9p' }] },
      [has('warning', '/mnt/c/shop is on 9p', 'CHOKIDAR_USEPOLLING=1'), has('ok', '17 folders')],
    ],
  ])('%s', (_, change, expected) => expect(told(judgeWatches({ ...facts, ...change }))).toEqual(expected))
})

describe('ports', () => {
  const gateway: PortFacts = {
    port: 8080,
    use: GATEWAY,
    mayMove: false,
    state: 'taken',
    owner: { pid: 7, program: 'node' },
  }
  const forward: PortFacts = { ...gateway, port: 3000, use: 'service/tour', mayMove: true }
  const nobody = { own: undefined, others: [] }
  test.each([
    ['free', [{ ...gateway, state: 'free' as const }], nobody, has('ok', 'free: 8080 (the gateway)')],
    [
      'taken',
      [gateway],
      nobody,
      has('warning', 'taken by node (pid 7)', 'kill 7', 'gateway: { port: 8081 }'),
    ],
    [
      'taken by who knows',
      [{ port: 80, use: GATEWAY, mayMove: false, state: 'taken' as const }],
      nobody,
      has('warning', 'another user', 'lsof -nP -iTCP:80'),
    ],
    ['our own', [gateway, forward], { own: 7, others: [7] }, has('ok', 'held by devloop')],
    ['shared', [gateway], { own: undefined, others: [7] }, has('ok', '8080')],
    ['moved', [forward], { own: undefined, others: [7] }, has('warning', 'another one is chosen')],
    [
      'rights',
      [{ ...gateway, port: 80, state: 'rights' as const }],
      nobody,
      has('warning', 'may not listen', 'ip_unprivileged_port_start=80'),
    ],
    ['none', [], nobody, has('ok', 'no port')],
  ])('%s', (_, ports, owners, expected) => expect(told(judgePorts(ports, owners))).toEqual([expected]))
})

test.each([
  ['agree', [{ whose: 'Docker', ahead: 900, tolerance: 5 }], has('ok', 'agrees')],
  ['coarse', [{ whose: 'the API server', ahead: 2400, tolerance: 500 }], has('ok', 'agrees')],
  [
    'behind',
    [{ whose: 'Docker', ahead: -61_000, tolerance: 5 }],
    has('warning', '61 s behind', 'timedatectl'),
  ],
  ['none', [], has('unknown', 'no clock')],
])('clocks: %s', (_, clocks, expected) => expect(told(judgeTime(clocks, 'linux'))).toEqual([expected]))

test('names: what is missing, wrong and unknown', () => {
  const base = { wantedBy: [], address: '127.0.0.1', resolvesTo: [] }
  const names = [
    { ...base, name: 'a.test', state: 'missing' as const, line: '127.0.0.1 a.test' },
    { ...base, name: 'b.test', state: 'unknown' as const, hint: 'there is no cluster yet' },
  ]
  expect(told(judgeNames({ file: '/etc/hosts', names, lines: ['127.0.0.1 a.test'] }))).toEqual([
    has('warning', 'a.test is not known here', 'devloop hosts apply', '/etc/hosts: 127.0.0.1 a.test'),
    has('unknown', 'b.test should lead: there is no cluster yet'),
  ])
  expect(told(judgeNames({ file: '/etc/hosts', names: [], lines: [] }))).toEqual([has('ok', 'name a host')])
})

describe('leftovers', () => {
  const project: ProjectTraces = {
    name: 'shop',
    context: 'kind-dev',
    root: '/shop',
    isRootThere: true,
    directory: '/state/shop',
    owner: undefined,
    hasDeadOwner: false,
    orphans: [],
    hasJournal: true,
  }
  test.each<[string, Partial<ProjectTraces>, readonly string[], unknown]>([
    ['nothing', {}, [], has('ok', '1 project known')],
    [
      'running',
      { owner: { pid: 9, command: 'up' } },
      [],
      has('ok', 'devloop up runs for shop on kind-dev (pid 9)'),
    ],
    ['killed', { hasDeadOwner: true }, [], has('warning', 'was killed', 'devloop down takes them away')],
    ['orphans', { orphans: [11, 12] }, [], has('warning', '2 programs', 'pid 11, 12', 'ends them')],
    ['folder gone', { isRootThere: false }, [], has('warning', '/shop of shop is gone', '/state/shop')],
    ['stray block', {}, ['old@kind-dev'], has('warning', 'old@kind-dev', 'BEGIN devloop')],
  ])('%s', (_, change, strayBlocks, expected) => {
    const found = judgeLeftovers({
      projects: [{ ...project, ...change }],
      strayBlocks,
      hostsFile: '/etc/hosts',
      root: '/shop',
    })
    expect(told(found)).toEqual([expected])
    expect(isWell(found)).toBe(true)
  })
})
