import { describe, expect, test } from 'vitest'
import { exitCodeFor, exitCodes } from './exit-code.js'
import { explain } from './explain.js'
import type { ApplyRejected, Problem, RolloutFailed, RolloutFailureReason } from './problem.js'
import { HOLDS_UP } from './rollout/holds-up.js'

const range = { file: 'k8s/a.yaml', line: 3, column: 5, endLine: 3, endColumn: 9 }
const diagnostic = {
  severity: 'error',
  message: 'unknown key "x"',
  range,
  frame: '   3 |     x\n     |     ^',
} as const

/** One of each kind, with the exit code and a word that the explanation must have. The type makes a kind that is left out an error. */
const samples: {
  readonly [Kind in Problem['kind']]: readonly [Extract<Problem, { kind: Kind }>, number, string]
} = {
  'config-invalid': [
    { kind: 'config-invalid', file: 'dev.config.yaml', diagnostics: [diagnostic] },
    2,
    'k8s/a.yaml:3:5',
  ],
  'usage-invalid': [{ kind: 'usage-invalid', message: 'unknown flag --x' }, 2, 'devloop --help'],
  'hook-failed': [
    {
      kind: 'hook-failed',
      hook: 'tour.beforeBuild',
      command: './mvnw -q package',
      place: '/shop/tour',
      reason: 'exited',
      exitCode: 1,
      output: ['[ERROR] no such class'],
    },
    1,
    'the hook tour.beforeBuild failed with exit code 1',
  ],
  'command-failed': [
    {
      kind: 'command-failed',
      argv: ['kind', 'create', 'a b'],
      exitCode: 1,
      reason: 'exited',
      output: ['boom'],
    },
    1,
    "$ kind create 'a b'",
  ],
  'endpoint-unready': [
    { kind: 'endpoint-unready', target: 'tcp mysql:3306', seconds: 180, message: 'connection refused' },
    9,
    'connection refused',
  ],
  'engine-unreachable': [
    { kind: 'engine-unreachable', endpoint: 'unix:///var/run/docker.sock', message: 'ENOENT' },
    3,
    'systemctl start docker',
  ],
  'image-build-failed': [
    {
      kind: 'image-build-failed',
      service: 'auth',
      message: 'exit 1',
      step: 'RUN npm ci',
      range,
      output: ['npm ERR!'],
    },
    6,
    'npm ERR!',
  ],
  'image-load-failed': [
    { kind: 'image-load-failed', image: 'auth:1', node: 'n1', method: 'registry-push', message: 'denied' },
    7,
    'docker login',
  ],
  'context-invalid': [{ kind: 'context-invalid', service: 'auth', message: 'no FROM', range }, 6, 'no FROM'],
  'cluster-unreachable': [
    { kind: 'cluster-unreachable', context: 'kind-dev', message: 'ECONNREFUSED' },
    4,
    'kubectl --context kind-dev',
  ],
  'cluster-refused': [
    { kind: 'cluster-refused', context: 'prod', reason: 'not-local', message: 'not local' },
    5,
    'allow: true',
  ],
  'cluster-missing': [
    { kind: 'cluster-missing', message: 'no kind cluster', hint: 'add "create: true"' },
    4,
    'create: true',
  ],
  'render-failed': [{ kind: 'render-failed', diagnostics: [diagnostic, diagnostic] }, 8, '2 errors'],
  'apply-rejected': [
    {
      kind: 'apply-rejected',
      object: 'deployment/a',
      source: range,
      reason: 'immutable',
      message: 'spec.selector: field is immutable',
      fields: ['spec.selector'],
    },
    8,
    'kubectl delete deployment/a',
  ],
  'apply-conflict': [
    {
      kind: 'apply-conflict',
      object: 'deployment/a',
      conflicts: [{ manager: 'argocd', field: '.spec.replicas' }],
    },
    8,
    '.spec.replicas is held by argocd',
  ],
  'delete-failed': [{ kind: 'delete-failed', object: 'pvc/a', message: 'forbidden' }, 8, 'finalizer'],
  'rollout-failed': [
    {
      kind: 'rollout-failed',
      workload: 'deployment/a',
      namespace: 'x',
      reason: 'image-pull',
      message: 'not found',
      lastLines: [],
    },
    9,
    'preload',
  ],
  'watch-failed': [
    { kind: 'watch-failed', path: '/p', reason: 'limit', message: 'ENOSPC' },
    11,
    'fs.inotify.max_user_watches',
  ],
  'already-running': [
    { kind: 'already-running', pid: 4711, startedAt: '2026-01-01T00:00:00Z', config: '/p/dev.config.yaml' },
    10,
    'kill 4711',
  ],
  'not-running': [{ kind: 'not-running', message: 'no lock' }, 10, 'devloop up'],
  'state-unusable': [{ kind: 'state-unusable', path: '/s/journal', message: 'EACCES' }, 11, 'permissions'],
  'gateway-failed': [
    { kind: 'gateway-failed', port: 80, reason: 'rights', message: 'EACCES' },
    11,
    'ip_unprivileged_port_start=80',
  ],
  'forward-failed': [
    {
      kind: 'forward-failed',
      target: 'service/tour:3000',
      port: 3000,
      reason: 'taken',
      message: 'EADDRINUSE',
      owner: { pid: 7, program: 'tomcat' },
    },
    11,
    'port 3000 is taken by tomcat (pid 7)',
  ],
  'debug-refused': [
    { kind: 'debug-refused', service: 'tour', message: 'it runs neither Node nor a JVM' },
    1,
    'tour cannot be debugged',
  ],
  'hosts-file-failed': [
    {
      kind: 'hosts-file-failed',
      file: '/etc/hosts',
      reason: 'rights',
      message: 'EACCES',
      hint: 'Run: sudo cp',
    },
    11,
    'sudo',
  ],
  cancelled: [{ kind: 'cancelled' }, 130, 'stopped'],
  bug: [{ kind: 'bug', where: 'reduce', message: 'oops', stack: 'at reduce' }, 1, 'report'],
}

test.each(Object.values(samples))('$kind', (problem, exitCode, word) => {
  const explanation = explain(problem)
  expect([explanation.title, ...explanation.detail, ...explanation.hints].join('\n')).toContain(word)
  expect(explanation.title).not.toMatch(/\n|undefined/)
  expect(explanation.anchor ?? 'cancelled').toMatch(/^[a-z-]+$/)
  expect(exitCodeFor(problem)).toBe(exitCode)
})

test('no two causes share an exit code', () => {
  expect(new Set(Object.values(exitCodes)).size).toBe(Object.keys(exitCodes).length)
})

const rollout = (reason: RolloutFailureReason, more: Partial<RolloutFailed> = {}): RolloutFailed => ({
  kind: 'rollout-failed',
  workload: 'deployment/auth',
  namespace: 'tours',
  reason,
  message: '',
  lastLines: [],
  ...more,
})

const reasons: { readonly [Reason in RolloutFailureReason]: string } = {
  'image-pull': 'cannot be pulled',
  'crash-loop': 'again and again',
  'container-exited': 'exited',
  'out-of-memory': 'resources.limits.memory',
  'start-error': 'ENTRYPOINT',
  'config-error': 'ConfigMap',
  'needs-cluster': 'needs a cluster',
  'probe-failing': '0.0.0.0',
  unschedulable: 'resources.requests',
  quota: 'ResourceQuota',
  denied: 'policy',
  evicted: 'docker system df',
  'job-failed': 'runs it again',
  deadline: 'waitTimeout',
  volume: 'claim',
  other: 'kubectl describe deployment/auth -n tours',
}

describe('rollouts', () => {
  test.each(Object.entries(reasons) as [RolloutFailureReason, string][])('%s', (reason, word) => {
    const explanation = explain(rollout(reason))
    expect([explanation.title, ...explanation.hints].join('\n')).toContain(word)
    expect(explanation.hints.length).toBeGreaterThan(0)
  })

  test.each([
    [0, 'foreground'],
    [1, '--previous'],
    [126, 'chmod'],
    [127, 'interpreter'],
    [137, 'SIGKILL'],
    [139, 'SIGSEGV'],
    [143, 'SIGTERM'],
    [159, 'signal 31'],
  ])('exit code %i', (exitCode, word) => {
    const explanation = explain(rollout('crash-loop', { exitCode }))
    expect([explanation.title, ...explanation.hints].join('\n')).toContain(word)
  })

  test.each([
    [9, '', ['SIGKILL ended it', 'a person did']],
    [15, 'was ended by SIGTERM: It was ended for it failed liveness probe.', ['SIGTERM', 'thresholds']],
    [11, 'was ended by SIGSEGV', ['SIGSEGV ended it', 'devloop logs --previous']],
    [31, '', ['signal 31 ended it']],
  ])('signal %i of a process', (signal, message, words) => {
    const { title, hints } = explain(rollout('crash-loop', { exitCode: 128 + signal, signal, message }))
    for (const word of words) expect([title, ...hints].join('\n')).toContain(word)
    expect([title, ...hints].join('\n')).not.toContain('resources.limits')
  })

  test('names what frees a StatefulSet that waits for a broken pod', () => {
    const stuck = rollout('crash-loop', {
      pod: 'mysql-0',
      message: `mysql-0 ${HOLDS_UP}: exited with code 1`,
    })
    expect(explain(stuck).hints.join()).toContain('kubectl delete pod mysql-0 -n ')
  })

  test('the whole of a crash', () => {
    const crash = rollout('crash-loop', {
      message: 'back-off 10s restarting failed container',
      pod: 'auth-5d-x',
      container: 'auth',
      exitCode: 1,
      restarts: 3,
      lastLines: ['Error: no JWT_KEY', '    at main.js:3'],
    })
    expect(explain(crash)).toEqual({
      title:
        'deployment/auth in tours: container auth crashes again and again (exit code 1: the program reported an error)',
      detail: [
        'back-off 10s restarting failed container',
        'pod auth-5d-x, container auth, 3 restarts',
        'its last lines:',
        '  Error: no JWT_KEY',
        '      at main.js:3',
      ],
      hints: [
        'See everything that it wrote: "devloop logs --previous".',
        'If it waits for another service, it is tried again until that one answers; "dependsOn" makes it wait.',
      ],
      anchor: 'rollout-crash-loop',
    })
  })
})

const rejections: { readonly [Reason in ApplyRejected['reason']]: string } = {
  invalid: 'invalid',
  'unknown-field': 'spelling',
  immutable: 'cannot change',
  denied: 'policy',
  forbidden: 'auth can-i',
  'no-such-kind': 'CustomResourceDefinition',
  'removed-kind': 'without it',
  'storage-class': 'has the class',
  namespace: 'namespace',
  quota: 'ResourceQuota',
  other: 'refused',
}

test.each(Object.entries(rejections) as [ApplyRejected['reason'], string][])(
  'rejected: %s',
  (reason, word) => {
    const message = 'admission webhook "x" denied the request:\npolicy a: no\npolicy b: no'
    const explanation = explain({
      kind: 'apply-rejected',
      object: 'deployment/a',
      source: range,
      reason,
      message,
      fields: [],
    })
    expect(explanation.detail).toEqual(['k8s/a.yaml:3:5', ...message.split('\n')])
    expect([explanation.title, ...explanation.hints].join('\n')).toContain(word)
  },
)

test.each([
  ['npipe:////./pipe/docker_engine', '', 'Windows'],
  ['unix:///Users/ann/.docker/run/docker.sock', '', 'macOS'],
  ['unix:///var/run/docker.sock', 'connect EACCES', 'usermod'],
  ['tcp://10.0.0.1:2376', '', 'TLS'],
])('engine at %s %s', (endpoint, message, word) => {
  expect(explain({ kind: 'engine-unreachable', endpoint, message }).hints[0]).toContain(word)
})

test('does not tell people to start an engine that hangs', () => {
  const problem = {
    kind: 'engine-unreachable',
    endpoint: 'unix:///run/docker.sock',
    message: '',
    hangs: true,
  } as const
  expect(explain(problem).hints.join()).toMatch(/asked again by itself.*restart it/s)
})

test('an engine of which no address is known is not said to be at one', () => {
  const { title } = explain({ kind: 'engine-unreachable', endpoint: 'docker', message: '' })
  expect(title).toBe('Docker does not answer')
})

test.each([
  [undefined, 'sudo sysctl net.ipv4.ip_unprivileged_port_start=80', 'pfctl'],
  ['macos', 'sudo pfctl -ef -', 'sysctl'],
  ['windows', 'netsh interface ipv4 show excludedportrange', 'sudo'],
] as const)('what lets the gateway have port 80, on %s', (system, word, other) => {
  const failed = { kind: 'gateway-failed', port: 80, reason: 'rights', message: 'EACCES' } as const
  const { hints } = explain(system === undefined ? failed : { ...failed, system })
  expect(hints.join('\n')).toContain(word)
  expect(hints.join('\n')).not.toContain(other)
  expect(hints.at(-1)).toContain('gateway: { port: 8080 }')
})

test('says to log in again where the API server answers that the login is not accepted', () => {
  const hints = (message: string) =>
    explain({ kind: 'cluster-unreachable', context: 'kind-dev', message }).hints.join('\n')
  const refused = hints('The API server does not accept the login of this context (401): Unauthorized')
  expect(refused).toContain('Log in again')
  expect(refused).not.toContain('Check that the cluster runs')
  expect(hints('ECONNREFUSED')).toContain('Check that the cluster runs')
})
