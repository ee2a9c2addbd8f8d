import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import type { KubeObject } from '../../core/kube-object.js'
import type { Observation, ObservedPod } from '../../core/rollout-observation.js'
import { openEmbeddedAccess, type TestEmbeddedAccess } from '../../testing/open-embedded-access.js'
import { markedProcesses } from '../process/marked-processes.js'
import type { EmbeddedAccess } from './embedded-access.js'

const NAMESPACE = 'default'
/** What a machine under load needs; nothing here waits that long where all is well. */
const eventually = { timeout: 15_000, interval: 20 }

const opened: TestEmbeddedAccess[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map(access => access.close()))
})

/** `missing`: what each image lacks to be started. */
async function open(
  scripts: Readonly<Record<string, string>> = {},
  missing: Readonly<Record<string, string>> = {},
): Promise<TestEmbeddedAccess> {
  const access = await openEmbeddedAccess({ scripts, missing })
  opened.push(access)
  return access
}

/** Serves its name; `PORT` is what the deployments below say. */
const serve = (name: string, port = 'process.env.PORT'): string =>
  `require('node:http').createServer((q, r) => r.end('${name}')).listen(${port}, () => console.log('${name} listens'))`

function deployment(name: string, image: string, more: Readonly<Record<string, unknown>> = {}): KubeObject {
  const { container = {}, pod = {}, ...spec } = more as Record<string, Record<string, unknown>>
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      selector: { matchLabels: { app: name } },
      ...spec,
      template: {
        metadata: { labels: { app: name } },
        spec: {
          ...pod,
          containers: [
            {
              name: 'main',
              image,
              ports: [{ name: 'web', containerPort: 3456 }],
              env: [{ name: 'PORT', value: '3456' }],
              ...container,
            },
          ],
        },
      },
    },
  }
}

const service = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: NAMESPACE },
  spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 'web' }] },
})

async function apply(access: EmbeddedAccess, ...objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) {
    const applied = await access.cluster.apply(object, { fieldManager: 'devloop', force: false })
    if (!applied.ok) throw new Error(JSON.stringify(applied.error))
  }
}

/** The pods as they are seen, the newest state of each. */
function watchPods(access: EmbeddedAccess): () => readonly ObservedPod[] {
  const pods = new Map<string, ObservedPod>()
  const see = (observation: Observation): void => {
    if (observation.type === 'pod') pods.set(observation.pod.uid, observation.pod)
    if (observation.type === 'pod-gone') pods.delete(observation.uid)
  }
  access.observer.observe(NAMESPACE, see, new AbortController().signal)
  return () => [...pods.values()]
}

async function ask(access: EmbeddedAccess, pod: string, port = 3456): Promise<string> {
  const stream = await access.forward.open({ namespace: NAMESPACE, pod, port })
  if (!stream.ok) throw new Error(stream.error.kind)
  stream.value.end('GET / HTTP/1.0\r\n\r\n')
  let text = ''
  for await (const chunk of stream.value) text += String(chunk)
  return text.split('\r\n\r\n')[1] ?? ''
}

const readyPod = async (pods: () => readonly ObservedPod[], count = 1): Promise<ObservedPod> =>
  vi.waitFor(() => {
    const [only, ...others] = pods()
    expect([only?.ready, others.length]).toEqual([true, count - 1])
    return only as ObservedPod
  }, eventually)

test('a Deployment is one process, whatever its replicas; its Service leads there, and its log is read from the first line', async () => {
  const access = await open({ one: serve('one') })
  const pods = watchPods(access)
  await apply(access, service('web'), deployment('web', 'one', { replicas: 3 } as never))
  const pod = await readyPod(pods)
  expect(await ask(access, pod.name)).toBe('one')
  const [container] = pod.containers
  const lines: string[] = []
  await access.logs.follow(
    {
      namespace: NAMESPACE,
      pod: pod.name,
      podUid: pod.uid,
      container: 'main',
      restarts: 0,
      containerId: container?.containerId ?? '',
    },
    event => event.type === 'line' && lines.push(event.text),
    { signal: new AbortController().signal, snapshot: true },
  )
  expect(lines.at(-1)).toBe('one listens')
  const check = {
    kind: 'http',
    target: 'http://web',
    host: 'web',
    port: 80,
    path: '/',
    secure: false,
  } as const
  const probed = await access.probe.probe(
    { ...check, timeout: 1 },
    { namespace: NAMESPACE, signal: new AbortController().signal },
  )
  expect(probed).toEqual({ ok: true, value: undefined })
})

test('a new template starts beside the old process, which ends when the new one is ready', async () => {
  const access = await open({ one: serve('one'), two: serve('two') })
  const pods = watchPods(access)
  await apply(access, deployment('web', 'one'))
  const old = await readyPod(pods)
  const seen: number[] = []
  access.observer.observe(
    NAMESPACE,
    () => seen.push(pods().filter(pod => pod.ready && !pod.deleting).length),
    new AbortController().signal,
  )
  await apply(access, deployment('web', 'two'))
  const pod = await vi.waitFor(async () => {
    const now = await readyPod(pods)
    expect(now.uid).not.toBe(old.uid)
    return now
  }, eventually)
  expect(await ask(access, pod.name)).toBe('two')
  expect(Math.min(...seen)).toBe(1)
  expect(await markedProcesses([`${old.uid}/main/0`])).toEqual([])
})

test('a program that listens at the number of its container port is found there, and goes before the next one starts', async () => {
  const port = await unusedPort()
  const container = { ports: [{ name: 'web', containerPort: port }], env: [] }
  const access = await open({ one: serve('one', `${port}`), two: serve('two', `${port}`) })
  const pods = watchPods(access)
  await apply(access, deployment('web', 'one', { container }))
  const old = await readyPod(pods)
  expect(await ask(access, old.name, port)).toBe('one')
  await apply(access, deployment('web', 'two', { container }))
  await vi.waitFor(async () => {
    const pod = await readyPod(pods)
    expect(pod.containers[0]?.restarts).toBe(0)
    expect(await ask(access, pod.name, port)).toBe('two')
  }, eventually)
})

test('a program that ends is started again, with the code of its end in the status', async () => {
  const access = await open({ one: "console.log('again'); setTimeout(() => process.exit(3), 20)" })
  const pods = watchPods(access)
  await apply(access, deployment('web', 'one', { container: { ports: [] } }))
  const pod = await vi.waitFor(() => {
    const [only] = pods()
    expect(only?.containers[0]?.state).toMatchObject({ kind: 'waiting', reason: 'CrashLoopBackOff' })
    return only as ObservedPod
  }, eventually)
  expect(pod.containers[0]?.lastTermination).toMatchObject({ exitCode: 3, reason: 'Error' })
  expect(
    await access.logs.tail(
      { namespace: NAMESPACE, pod: pod.name, podUid: pod.uid, container: 'main' },
      { lines: 1, previous: false },
    ),
  ).toEqual(['again'])
})

test('what ignores SIGTERM and what left its process group is gone with its pod', async () => {
  const stubborn = `
    process.on('SIGTERM', () => {})
    require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' }).unref()
    ${serve('one')}`
  const access = await open({ one: stubborn })
  const pods = watchPods(access)
  const object = deployment('web', 'one', { pod: { terminationGracePeriodSeconds: 0 } })
  await apply(access, object)
  const pod = await readyPod(pods)
  const mark = `${pod.uid}/main/0`
  await vi.waitFor(async () => expect(await markedProcesses([mark])).toHaveLength(2), eventually)
  await apply(access, { ...object, spec: { ...(object.spec as object), replicas: 0 } })
  await vi.waitFor(() => expect(pods()).toEqual([]), eventually)
  expect(await markedProcesses([mark])).toEqual([])
})

test('what is run beside a program has its mark, and ends with it', async () => {
  const access = await open({ one: serve('one') })
  const pods = watchPods(access)
  const object = deployment('web', 'one', { pod: { terminationGracePeriodSeconds: 0 } })
  await apply(access, object)
  const pod = await readyPod(pods)
  const mark = `${pod.uid}/main/0`
  const wait = 'console.log("runs"); setInterval(() => {}, 1000)'
  let output = ''
  const run = access.exec.exec(
    { namespace: NAMESPACE, pod: pod.name, container: 'main' },
    [process.execPath, '-e', wait],
    {
      onStdout: chunk => {
        output += String(Buffer.from(chunk))
      },
    },
  )
  await vi.waitFor(() => expect(output).toBe('runs\n'), eventually)
  expect(await markedProcesses([mark])).toHaveLength(2)
  await apply(access, { ...object, spec: { ...(object.spec as object), replicas: 0 } })
  expect(await run).toEqual({ ok: true, value: { exitCode: 137 } })
  expect(await markedProcesses([mark])).toEqual([])
})

test('an image that nobody builds needs a cluster, and says so', async () => {
  const access = await open()
  const pods = watchPods(access)
  await apply(access, deployment('web', 'redis:7'))
  await vi.waitFor(
    () =>
      expect(pods()[0]?.containers[0]?.state).toMatchObject({
        kind: 'waiting',
        reason: 'NeedsCluster',
        message: expect.stringContaining('redis:7'),
      }),
    eventually,
  )
})

test('a program whose file is not there is not started, and its status says what is missing', async () => {
  const missing = { 'shop/api': '/srv/dist/main.js is not there' }
  const access = await open({ 'shop/api': serve('api') }, missing)
  const pods = watchPods(access)
  await apply(access, deployment('api', 'shop/api'))
  await vi.waitFor(
    () =>
      expect(pods()[0]?.containers[0]?.lastTermination).toMatchObject({
        exitCode: 128,
        reason: 'StartError',
        message: missing['shop/api'],
      }),
    eventually,
  )
})

test('a Job runs its pod to the end, after its init container, with a ConfigMap as files', async () => {
  const access = await open({
    init: "require('node:fs').writeFileSync('init.txt', 'first')",
    main: "console.log(require('node:fs').readFileSync('init.txt', 'utf8'), process.env.COLOR)",
  })
  const conditions: unknown[] = []
  access.observer.observe(
    NAMESPACE,
    seen => seen.type === 'workload' && conditions.push(...seen.workload.conditions.map(({ type }) => type)),
    new AbortController().signal,
  )
  await apply(
    access,
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', namespace: NAMESPACE },
      data: { COLOR: 'red' },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'job', namespace: NAMESPACE },
      spec: {
        template: {
          spec: {
            restartPolicy: 'Never',
            initContainers: [{ name: 'init', image: 'init' }],
            containers: [{ name: 'main', image: 'main', envFrom: [{ configMapRef: { name: 'c' } }] }],
          },
        },
      },
    },
  )
  await vi.waitFor(() => expect(conditions).toContain('Complete'), eventually)
  expect(await readFile(join(access.folder, 'init.txt'), 'utf8')).toBe('first')
})

test('closing ends every process, and the ports are free', async () => {
  const access = await open({ one: serve('one') })
  const pods = watchPods(access)
  await apply(access, service('web'), deployment('web', 'one'))
  const pod = await readyPod(pods)
  await access.close()
  expect(await markedProcesses([`${pod.uid}/main/0`])).toEqual([])
})

function unusedPort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer()
    server.listen(0, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
