import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKubeHttp } from '../../src/adapters/kubernetes/http-client.js'
import { kubeconfigFiles } from '../../src/adapters/kubernetes/kubeconfig.js'
import { createPodExec } from '../../src/adapters/kubernetes/pod-exec.js'
import { createProcessRunner } from '../../src/adapters/process/process-runner.js'
import { createContainerFiles } from '../../src/adapters/sync/container-files.js'
import { supervised } from '../../src/core/sync/supervise.js'
import type { ContainerFiles, FileChange, SyncTarget } from '../../src/ports/file-sync.js'
import { eventually } from './rig/eventually.js'
import { kubectl, run } from './rig/kubectl.js'
import { importOnNode } from './rig/node-images.js'

const NODE = 'dev-control-plane'
const namespace = `devloop-sync-${randomBytes(3).toString('hex')}`
const http = createKubeHttp({
  context: 'kind-dev',
  files: kubeconfigFiles(process.env, homedir()),
  runner: createProcessRunner(),
})
const notices: string[] = []
const onNotice = (message: string) => void notices.push(message)
const exec = createPodExec({ http })
const ways: Readonly<Record<'node' | 'exec', ContainerFiles>> = {
  node: createContainerFiles({ exec, nodes: async () => new Docker(), onNotice }),
  exec: createContainerFiles({ exec, onNotice }),
}
/** The ways that the contract is run with: in the last, the container's shell has no tar. */
const contract = ['node', 'exec', 'no-tar'] as const
const never = new AbortController().signal
let folder = ''

/** What the container of the tests is made of before anything is written. */
const PREPARE = `
mkdir -p /app/src/kept /app/ro && echo old >/app/src/a.js && echo own >/app/src/own.js
chown 1000:1001 /app/src /app/src/a.js && chown 33:33 /app/src/own.js
ln -s / /app/absolute && ln -s ../../../../.. /app/relative && ln -s /data /app/volume && ln -s /proc /app/kernel
ln -s /app/src/a.js /app/link && ln -s loop /app/loop
mkdir /data/sub && chown 7:8 /data/sub
touch /ready`

const volumes = [
  { name: 'data', emptyDir: {} },
  { name: 'settings', configMap: { name: 'kube-root-ca.crt' } },
]

async function createPod(name: string, container: object, over: object = {}): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'app', image: 'busybox:1.35', imagePullPolicy: 'IfNotPresent', ...container }],
      volumes,
      ...over,
    },
  }
  await kubectl(['create', '-f', '-'], JSON.stringify(pod))
}

async function targetOf(pod: string): Promise<SyncTarget> {
  const id = await kubectl([
    'get',
    'pod',
    pod,
    '-n',
    namespace,
    '-o',
    'jsonpath={.status.containerStatuses[0].containerID}',
  ])
  return { namespace, pod, container: 'app', containerId: id.replace('containerd://', ''), node: NODE }
}

const onNode = async (script: string): Promise<string> =>
  (await run('docker', ['exec', NODE, 'sh', '-c', script])).stdout
const inPod = (pod: string, script: string): Promise<string> =>
  kubectl(['exec', pod, '-n', namespace, '--', 'sh', '-c', script])

async function file(name: string, content: string | Uint8Array, mode = 0o644): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  await chmod(path, mode)
  return path
}

const change = async (to: string, content: string, mode = 0o644): Promise<FileChange> => ({
  kind: 'file',
  to,
  from: await file(`f-${randomBytes(4).toString('hex')}`, content, mode),
  mode,
})

const mounts = [
  { name: 'data', mountPath: '/data' },
  { name: 'settings', mountPath: '/settings' },
  { name: 'settings', mountPath: '/app/one.crt', subPath: 'ca.crt' },
]
const supervisedBy = (program: readonly string[], kind: 'sh' | 'node', path: string) =>
  supervised(
    { command: program, args: undefined },
    { entrypoint: [], command: [], supervisor: { kind, path } },
  )

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-sync-'))
  await importOnNode('busybox:1.35', 'nats:2-scratch', 'node:20-bookworm-slim')
  await kubectl(['create', 'namespace', namespace])
  await eventually(() => kubectl(['get', 'configmap', 'kube-root-ca.crt', '-n', namespace]))
  const prepared = {
    command: ['sh', '-c', `${PREPARE}; exec sleep 100000`],
    readinessProbe: { exec: { command: ['cat', '/ready'] }, periodSeconds: 1 },
    volumeMounts: mounts,
  }
  for (const way of contract)
    await createPod(
      `box-${way}`,
      way === 'no-tar'
        ? { ...prepared, command: ['sh', '-c', `rm /bin/tar; ${PREPARE}; exec sleep 100000`] }
        : prepared,
    )
  await createPod('scratch', {
    image: 'nats:2-scratch',
    securityContext: { readOnlyRootFilesystem: true },
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  })
  await createPod('fixed', {
    command: ['sleep', '100000'],
    securityContext: { readOnlyRootFilesystem: true, runAsUser: 1000 },
  })
  const server = 'echo "start $(cat /page 2>/dev/null)"; exec httpd -f -p 3000 -h /etc'
  for (const way of Object.keys(ways))
    await createPod(`shell-${way}`, {
      ...supervisedBy(['sh', '-c', `echo $FROM_ENV; ${server}`], 'sh', '/bin/sh'),
      env: [{ name: 'FROM_ENV', value: 'env kept' }],
    })
  await createPod('stubborn', {
    ...supervisedBy(['sh', '-c', 'trap "" TERM; echo up; while :; do sleep 1000; done'], 'sh', '/bin/sh'),
  })
  await createPod(
    'asked',
    supervisedBy(
      ['sh', '-c', 'trap "echo asked to end; exit 3" TERM; echo up; while :; do sleep 1000 & wait $!; done'],
      'sh',
      '/bin/sh',
    ) ?? {},
    { restartPolicy: 'Never' },
  )
  for (const kind of ['sh', 'node'] as const)
    await createPod(`late-${kind}`, {
      image: 'node:20-bookworm-slim',
      ...supervisedBy(
        // Where its sleep ends before it has its own signal, a shell says so on its standard error.
        [
          'sh',
          '-c',
          'trap "tail -f /dev/null & exit" TERM; echo up; while :; do sleep 1000 & wait $! 2>/dev/null; done',
        ],
        kind,
        kind === 'sh' ? '/bin/sh' : '/usr/local/bin/node',
      ),
    })
  await createPod('plain', { command: ['sleep', '100000'] })
  await createPod('node', {
    image: 'node:20-bookworm-slim',
    ...supervisedBy(
      ['node', '-e', 'require("http").createServer((q,s)=>s.end(String(process.pid))).listen(3000)'],
      'node',
      '/usr/local/bin/node',
    ),
  })
  await createPod(
    'ends',
    supervisedBy(['sh', '-c', 'read -r line; echo "in: $line"; exit 7'], 'sh', '/bin/sh') ?? {},
    { restartPolicy: 'Never' },
  )
  await kubectl([
    'wait',
    '-n',
    namespace,
    '--for=condition=Ready',
    ...[
      'box-node',
      'box-exec',
      'box-no-tar',
      'scratch',
      'fixed',
      'shell-node',
      'shell-exec',
      'node',
      'stubborn',
      'asked',
      'plain',
    ].map(name => `pod/${name}`),
    '--timeout=180s',
  ])
}, 300_000)

afterAll(async () => {
  for (const files of Object.values(ways)) await files.close()
  http.close()
  await rm(folder, { recursive: true, force: true })
  await kubectl(['delete', 'namespace', namespace, '--wait=false'])
})

describe.concurrent.each(contract)('files written by way of %s', name => {
  const way = name === 'node' ? 'node' : 'exec'
  const files = ways[way]
  const pod = `box-${name}`
  let target: SyncTarget
  beforeAll(async () => {
    target = await targetOf(pod)
  })
  const write = (...changes: readonly FileChange[]) => files.write(target, changes, never)

  test.sequential('a file that is replaced keeps its owner; a new one and its folders take that of the folder', async () => {
    const written = await write(
      await change('/app/src/a.js', 'new a'),
      await change('/app/src/own.js', 'new own', 0o755),
      await change('/app/src/deep/er/b.js', 'b', 0o640),
      await change("/app/src/it's a $HOME *é.js", 'odd'),
    )
    expect(written).toEqual({ ok: true, value: { bytes: 16, way } })
    const seen = await inPod(
      pod,
      'cd /app/src; stat -c "%n %u:%g %a" a.js own.js deep deep/er deep/er/b.js; ls /; cat "it\'s a \\$HOME *é.js"',
    )
    expect(seen.split('\n').slice(0, 5)).toEqual([
      'a.js 1000:1001 644',
      'own.js 33:33 755',
      'deep 1000:1001 755',
      'deep/er 1000:1001 755',
      'deep/er/b.js 1000:1001 640',
    ])
    expect(seen).toContain('odd')
    expect(await inPod(pod, 'ls -a / /data')).not.toContain('.devloop')
  })

  test.sequential('deletions: files, empty folders, and what is not there', async () => {
    await inPod(pod, 'mkdir -p /app/src/gone /app/src/full && touch /app/src/gone/x /app/src/full/made-here')
    const written = await write(
      ...['/app/src/gone/x', '/app/src/gone', '/app/src/full', '/app/none/at/all'].map(to => ({
        kind: 'delete' as const,
        to,
      })),
    )
    expect(written).toMatchObject({ ok: true })
    expect(await inPod(pod, 'cd /app/src; ls -d gone full 2>/dev/null || true')).toBe('full\n')
    expect(await inPod(pod, 'ls /app')).not.toContain('none')
  })

  test.sequential('symbolic links lead where the container says, never to the node', async () => {
    const unique = `devloop-escape-${randomBytes(4).toString('hex')}`
    const written = await write(
      await change(`/app/absolute/tmp/${unique}-a`, 'one'),
      await change(`/app/relative/tmp/${unique}-b`, 'two'),
      await change('/app/link', 'no link any more'),
    )
    expect(written).toMatchObject({ ok: true })
    expect(await inPod(pod, `cat /tmp/${unique}-a /tmp/${unique}-b`)).toBe('onetwo')
    expect(await onNode(`ls /tmp /tmp/${unique}* 2>/dev/null || true`)).not.toContain(unique)
    expect(await inPod(pod, 'cat /app/link /app/src/a.js')).not.toBe('no link any moreno link any more')
  })

  test.sequential.each([
    ['/app/loop/x', /too many symbolic links/],
    ['/app/kernel/sysrq-trigger', /belongs to the kernel/],
    ['/settings/ca.crt', /cannot be written|Read-only/],
    ['/app/one.crt', /mounted by itself/],
    ['/app/src/a.js/below', /is no folder/],
    ['/app/src/kept', /is a folder/],
  ])('%s is refused', async (to, message) => {
    const before = await onNode('ls /proc/sys/kernel/panic && ls / | sort')
    const written = await write(await change(to, 'x'))
    expect(written).toMatchObject({ ok: false, error: { kind: 'sync-refused' } })
    expect(JSON.stringify(written)).toMatch(message)
    expect(await onNode('ls /proc/sys/kernel/panic && ls / | sort')).toBe(before)
    expect(await inPod(pod, 'ls -a / /app /data')).not.toContain('.devloop')
  })

  test.sequential('volumes, also behind a link and together with the root', async () => {
    const written = await write(
      await change('/app/src/beside.js', 'root'),
      await change('/data/sub/x', 'x'),
      await change('/app/volume/y', 'y'),
    )
    expect(written).toMatchObject({ ok: true })
    expect(await inPod(pod, 'cat /app/src/beside.js /data/sub/x /data/y; stat -c " %u:%g" /data/sub/x')).toBe(
      'rootxy 7:8\n',
    )
    expect(await inPod(pod, 'ls -a / /data')).not.toContain('.devloop')
  })

  test.sequential('links and folders', async () => {
    const written = await write(
      { kind: 'folder', to: '/app/src/empty/one' },
      { kind: 'link', to: '/app/src/to', target: '../ro with space' },
    )
    expect(written).toMatchObject({ ok: true })
    expect(await inPod(pod, 'readlink /app/src/to; ls -d /app/src/empty/one')).toBe(
      '../ro with space\n/app/src/empty/one\n',
    )
  })

  test.sequential('30 MB arrive whole, and nobody reads half of a file', async () => {
    const content = randomBytes(30_000_000)
    const sum = createHash('sha256').update(content).digest('hex')
    await inPod(pod, 'echo -n small >/app/big')
    const reader = inPod(
      pod,
      'i=0; while [ $i -lt 4000 ]; do s=$(stat -c %s /app/big); case $s in 5|30000000) ;; *) echo half $s ;; esac; [ "$s" = 30000000 ] && break; i=$((i+1)); done',
    )
    const from = await file(`big-${name}`, content)
    const written = await write({ kind: 'file', to: '/app/big', from, mode: 0o600 })
    expect(written).toEqual({ ok: true, value: { bytes: 30_000_000, way } })
    expect(await reader).toBe('')
    expect(await inPod(pod, 'sha256sum /app/big; stat -c %a /app/big')).toMatch(
      new RegExp(`^${sum} .*\n600\n$`),
    )
  })

  test.sequential('what is cancelled leaves the way open for the next', async () => {
    const abort = new AbortController()
    const from = await file(`cancelled-${name}`, randomBytes(20_000_000))
    const writing = files.write(target, [{ kind: 'file', to: '/app/never', from, mode: 0o644 }], abort.signal)
    abort.abort()
    expect(await writing).toEqual({ ok: false, error: { kind: 'cancelled' } })
    expect(await write(await change('/app/after', 'after'))).toMatchObject({ ok: true, value: { bytes: 5 } })
    expect(await inPod(pod, 'cat /app/after')).toBe('after')
    // What was given up cleans up after itself, and what a killed one left the next one takes away.
    await eventually(async () => expect(await inPod(pod, 'ls -a /')).not.toContain('.devloop'))
    await inPod(pod, 'mkdir /.devloop-sync-999999999')
    expect(await write(await change('/app/after', 'again'))).toMatchObject({ ok: true })
    expect(await inPod(pod, 'ls -a /')).not.toContain('.devloop')
  })
})

test.concurrent('a container with neither shell nor tar and a read-only root takes files through its node, and by no other way', async () => {
  const target = await targetOf('scratch')
  const written = await ways.node.write(
    target,
    [await change('/etc/app/x', 'x'), await change('/data/y', 'y')],
    never,
  )
  expect(written).toEqual({ ok: true, value: { bytes: 2, way: 'node' } })
  const tasks = '/run/containerd/io.containerd.runtime.v2.task/k8s.io'
  const root = `/proc/$(cat ${tasks}/${target.containerId}/init.pid)/root`
  expect(await onNode(`cat ${root}/etc/app/x ${root}/data/y; ls -a ${root}`)).toMatch(/^xy/)
  expect(await ways.exec.write(target, [await change('/etc/app/x', 'z')], never)).toMatchObject({
    ok: false,
    error: { kind: 'sync-refused', message: 'the container has no shell to write files with' },
  })
})

test.concurrent('a read-only root and a user without rights refuse files of a program in the container', async () => {
  const target = await targetOf('fixed')
  expect(await ways.exec.write(target, [await change('/x', 'x')], never)).toMatchObject({
    ok: false,
    error: { kind: 'sync-refused', message: expect.stringMatching(/Read-only|Permission/) },
  })
  expect(await ways.node.write(target, [await change('/x', 'x')], never)).toMatchObject({ ok: true })
  expect(await inPod('fixed', 'cat /x')).toBe('x')
})

test.concurrent('an end of the container is told as such', async () => {
  const target = { ...(await targetOf('plain')), containerId: 'f'.repeat(64) }
  expect(await ways.node.write(target, [await change('/x', 'x')], never)).toEqual({
    ok: false,
    error: { kind: 'container-gone' },
  })
})

describe.concurrent('restarts', () => {
  const says = (pod: string, text: string) =>
    eventually(async () => expect(await kubectl(['logs', pod, '-n', namespace])).toBe(text))
  const options = { ports: [3000], grace: 3000, patience: 10_000, signal: never }

  test.each(['node', 'exec'] as const)('under a shell, asked by way of %s', async way => {
    const pod = `shell-${way}`
    const target = await targetOf(pod)
    const pids = () => inPod(pod, 'pidof httpd')
    const before = await pids()
    await ways[way].write(target, [await change('/page', 'second')], never)
    expect(await ways[way].restart(target, options)).toEqual({ ok: true, value: { listens: true } })
    const after = await pids()
    expect(after).not.toBe(before)
    expect(after).toMatch(/^\d+\n$/)
    const logs = await kubectl(['logs', pod, '-n', namespace])
    expect(logs).toMatch(/^env kept\n[\s\S]*env kept\nstart second\n/)
    expect(logs).not.toMatch(/erminated|job control/)
  })

  test('under Node', async () => {
    const target = await targetOf('node')
    const ask = () =>
      kubectl([
        'exec',
        'node',
        '-n',
        namespace,
        '--',
        'node',
        '-e',
        'fetch("http://127.0.0.1:3000").then(r=>r.text()).then(console.log)',
      ])
    const before = await ask()
    expect(await ways.node.restart(target, options)).toEqual({ ok: true, value: { listens: true } })
    expect(await ask()).not.toBe(before)
  })

  test('a process that does not end is killed after its grace', async () => {
    const target = await targetOf('stubborn')
    // From here on it ignores SIGTERM.
    await says('stubborn', 'up\n')
    const restarted = await ways.node.restart(target, { ...options, ports: [], grace: 300 })
    expect(restarted).toEqual({ ok: true, value: { listens: true } })
    await says('stubborn', 'up\nup\n')
  })

  test.each(['sh', 'node'])('what it starts while it ends goes with it (%s)', async kind => {
    const pod = `late-${kind}`
    await says(pod, 'up\n')
    expect(await ways.node.restart(await targetOf(pod), { ...options, ports: [] })).toMatchObject({
      ok: true,
    })
    await says(pod, 'up\nup\n')
    // Node reaps only what it started itself.
    const running = 'for p in /proc/[0-9]*; do grep -q "State:.Z" $p/status || cat $p/comm; done'
    const programs = (await inPod(pod, running)).split('\n')
    expect(programs).toContain('sleep')
    expect(programs).not.toContain('tail')
  })

  test.sequential('a port that stays closed is told after the patience', async () => {
    const target = await targetOf('stubborn')
    const restarted = await ways.node.restart(target, {
      ...options,
      ports: [9999],
      grace: 300,
      patience: 300,
    })
    expect(restarted).toEqual({ ok: true, value: { listens: false } })
  })

  test('a process without the supervisor is left alone', async () => {
    const target = await targetOf('plain')
    for (const files of Object.values(ways))
      expect(await files.restart(target, options)).toMatchObject({
        ok: false,
        error: { kind: 'sync-refused' },
      })
    expect(await inPod('plain', 'cat /proc/1/comm')).toBe('sleep\n')
  })

  test('the container ends with the exit code of its program', async () => {
    const code = 'jsonpath={.status.containerStatuses[0].state.terminated.exitCode}'
    await eventually(async () =>
      expect(await kubectl(['get', 'pod', 'ends', '-n', namespace, '-o', code])).toBe('7'),
    )
    await says('ends', 'in: \n')
  })

  test('SIGTERM reaches the program', async () => {
    await says('asked', 'up\n')
    // The container may end before this command in it has.
    await inPod('asked', 'kill -TERM 1').catch(() => undefined)
    const code = 'jsonpath={.status.containerStatuses[0].state.terminated.exitCode}'
    await eventually(async () =>
      expect(await kubectl(['get', 'pod', 'asked', '-n', namespace, '-o', code])).toBe('3'),
    )
    await says('asked', 'up\nasked to end\n')
  })
})

test.concurrent('a command in the container', async () => {
  const target = await targetOf('plain')
  const lines: string[] = []
  const go = (script: string) =>
    ways.node.run(target, ['sh', '-c', script], { onLine: line => lines.push(line), signal: never })
  expect(await go('echo one; echo -n two')).toEqual({ ok: true, value: undefined })
  expect(lines).toEqual(['one', 'two'])
  expect(await go('echo why >&2; exit 3')).toMatchObject({
    ok: false,
    error: { kind: 'command-failed', exitCode: 3, output: ['why'] },
  })
})
