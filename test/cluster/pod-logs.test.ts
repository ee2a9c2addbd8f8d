import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createKubeHttp } from '../../src/adapters/kubernetes/http-client.js'
import { createPodLogs } from '../../src/adapters/kubernetes/pod-logs.js'
import { createProcessRunner } from '../../src/adapters/process/process-runner.js'
import type {
  ContainerTermination,
  ObservedContainer,
  ObservedPod,
} from '../../src/core/rollout-observation.js'
import { createLogStreams } from '../../src/engine/log-streams.js'
import type { LogEvent, LogSource } from '../../src/ports/pod-logs.js'
import { type CutProxy, startCutProxy } from '../../src/testing/cut-proxy.js'
import { eventually } from './rig/eventually.js'
import { importOnNode } from './rig/node-images.js'

const CONTEXT = 'kind-dev'
const namespace = `devloop-logs-${randomBytes(3).toString('hex')}`
const kubectl = (args: readonly string[], input?: string) =>
  execa('kubectl', ['--context', CONTEXT, '-n', namespace, ...args], input === undefined ? {} : { input })

let folder = ''
let proxy: CutProxy
let files: readonly string[] = []

beforeAll(async () => {
  await importOnNode('busybox:1.35')
  await kubectl(['create', 'namespace', namespace])
  const { stdout } = await kubectl(['config', 'view', '--minify', '--raw', '-o', 'json'])
  const config = JSON.parse(stdout)
  const server = new URL(config.clusters[0].cluster.server)
  proxy = await startCutProxy({ host: server.hostname, port: Number(server.port) })
  config.clusters[0].cluster.server = `https://127.0.0.1:${proxy.port}`
  folder = await mkdtemp(join(tmpdir(), 'devloop-logs-'))
  files = [join(folder, 'config')]
  await writeFile(join(folder, 'config'), JSON.stringify(config))
})

afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]()
  await kubectl(['delete', 'namespace', namespace, '--wait=false'])
  await rm(folder, { recursive: true, force: true })
})

const script = (name: string, command: string) => ({
  name,
  image: 'busybox:1.35',
  imagePullPolicy: 'IfNotPresent',
  command: ['sh', '-c', command],
})

async function create(name: string, spec: object): Promise<void> {
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 2, ...spec },
  }
  await kubectl(['create', '-f', '-'], JSON.stringify(object))
}

/** Follows the pod's logs through the proxy until `until` holds and every log was read. */
async function collect(
  name: string,
  options: {
    readonly until: (pod: ObservedPod | undefined) => boolean
    readonly onLine?: (count: number) => void
  },
) {
  const http = createKubeHttp({ context: CONTEXT, files, runner: createProcessRunner() })
  const lines: string[] = []
  const gaps: string[] = []
  const sink = ({ source, event }: { source: LogSource; event: LogEvent }) => {
    if (event.type === 'gap') gaps.push(event.message)
    else {
      lines.push(`${source.container}/${source.restarts} ${event.text}`)
      options.onLine?.(lines.length)
    }
  }
  const streams = createLogStreams({ logs: createPodLogs({ http }), sink })
  try {
    await eventually(async () => {
      const pod = await observe(name)
      streams.update(pod === undefined ? [] : [pod], pod === undefined ? {} : { [pod.uid]: pod })
      expect(options.until(pod)).toBe(true)
    }, 120_000)
    await streams.idle()
  } finally {
    await streams.close()
    http.close()
  }
  return { lines, gaps }
}

async function observe(name: string): Promise<ObservedPod | undefined> {
  const { stdout } = await kubectl(['get', 'pod', name, '-o', 'json', '--ignore-not-found'])
  if (stdout === '') return undefined
  const { metadata, status } = JSON.parse(stdout)
  const bare = (id: string | undefined) => id?.replace(/^[a-z]+:\/\//, '')
  const end = (raw: { containerID?: string; exitCode: number; reason?: string }): ContainerTermination => {
    const containerId = bare(raw.containerID)
    return {
      exitCode: raw.exitCode,
      reason: raw.reason ?? '',
      message: '',
      ...(containerId === undefined ? {} : { containerId }),
    }
  }
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map(
    (raw): ObservedContainer => {
      const containerId = bare(raw.containerID)
      return {
        name: raw.name,
        image: raw.image,
        init: false,
        sidecar: false,
        ready: raw.ready,
        started: raw.started ?? false,
        restarts: raw.restartCount,
        state: raw.state.running
          ? { kind: 'running', startedAt: raw.state.running.startedAt }
          : raw.state.terminated
            ? { kind: 'terminated', ...end(raw.state.terminated) }
            : { kind: 'waiting', reason: raw.state.waiting?.reason ?? '', message: '' },
        ...(containerId === undefined || containerId === '' ? {} : { containerId }),
        ...(raw.lastState.terminated ? { lastTermination: end(raw.lastState.terminated) } : {}),
      }
    },
  )
  return {
    uid: metadata.uid,
    namespace,
    name,
    phase: status.phase,
    createdAt: metadata.creationTimestamp,
    ready: false,
    deleting: metadata.deletionTimestamp !== undefined,
    labels: {},
    containers,
  }
}

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${prefix}${n + 1}`)
const over = (pod: ObservedPod | undefined) => pod?.phase === 'Succeeded' || pod?.phase === 'Failed'

test('20,000 lines over a connection that is cut every 2,500 lines: each once, in order', async () => {
  await create('fast', {
    restartPolicy: 'Never',
    containers: [
      script(
        'app',
        'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo line $i; [ $((i % 2000)) = 0 ] && sleep 0.3; done; exit 0',
      ),
    ],
  })
  let cuts = 0
  const { lines, gaps } = await collect('fast', {
    until: over,
    onLine: count => {
      if (count % 2500 !== 0) return
      cuts++
      proxy.cut()
    },
  })
  expect(cuts).toBe(8)
  expect(gaps).toEqual([])
  expect(lines).toEqual(numbered('app/0 line ', 20_000))
})

test.concurrent('a container that crashes twice: every line of every run, under its own number', async () => {
  await create('crash', {
    restartPolicy: 'OnFailure',
    volumes: [{ name: 'state', emptyDir: {} }],
    containers: [
      {
        ...script(
          'app',
          // The kubelet forgets the first run when the second has ended: that one lasts until the first was read.
          'n=$(cat /state/n 2>/dev/null || echo 0); echo $((n+1)) > /state/n; for i in 1 2 3 4 5; do echo run $n line $i; done; [ $n != 1 ] || until [ -e /state/read ]; do sleep 0.1; done; [ $n -ge 2 ]',
        ),
        volumeMounts: [{ name: 'state', mountPath: '/state' }],
      },
    ],
  })
  let told: Promise<unknown> | undefined
  const { lines, gaps } = await collect('crash', {
    until: over,
    onLine: count => {
      if (count === 5) told = eventually(() => kubectl(['exec', 'crash', '--', 'touch', '/state/read']))
    },
  })
  await told
  expect(gaps).toEqual([])
  expect(lines).toEqual([0, 1, 2].flatMap(run => numbered(`app/${run} run ${run} line `, 5)))
})

test.concurrent('init containers, long lines and characters of several bytes', async () => {
  await create('init', {
    restartPolicy: 'Never',
    initContainers: [script('migrate', 'echo 마이그레이션 1; echo done')],
    containers: [script('app', "head -c 40000 /dev/zero | tr '\\0' x; echo; echo 끝; printf 'no line end'")],
  })
  const { lines, gaps } = await collect('init', { until: over })
  expect(gaps).toEqual([])
  expect(lines.filter(line => line.startsWith('migrate'))).toEqual([
    'migrate/0 마이그레이션 1',
    'migrate/0 done',
  ])
  expect(lines.filter(line => line.startsWith('app'))).toEqual([
    `app/0 ${'x'.repeat(40_000)}`,
    'app/0 끝',
    'app/0 no line end',
  ])
})

test.concurrent('a pod that is deleted shows its last words', async () => {
  await create('gone', {
    containers: [script('app', "trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 0.1; done")],
  })
  let deleting: Promise<unknown> | undefined
  const { lines, gaps } = await collect('gone', {
    until: pod => pod === undefined,
    onLine: () => {
      deleting ??= kubectl(['delete', 'pod', 'gone', '--wait=false'])
    },
  })
  await deleting
  expect(gaps).toEqual([])
  expect(lines).toEqual(['app/0 hello', 'app/0 bye'])
})
