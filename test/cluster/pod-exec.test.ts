import { createHash, randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createKubeHttp } from '../../src/adapters/kubernetes/http-client.js'
import { kubeconfigFiles } from '../../src/adapters/kubernetes/kubeconfig.js'
import { createPodExec } from '../../src/adapters/kubernetes/pod-exec.js'
import { createProcessRunner } from '../../src/adapters/process/process-runner.js'
import type { ExecOptions, PodExec, TerminalSize } from '../../src/ports/pod-exec.js'
import { eventually } from './rig/eventually.js'
import { kubectl } from './rig/kubectl.js'
import { importOnNode } from './rig/node-images.js'

const namespace = `devloop-exec-${randomBytes(3).toString('hex')}`
const http = createKubeHttp({
  context: 'kind-dev',
  files: kubeconfigFiles(process.env, homedir()),
  runner: createProcessRunner(),
})
const execs: PodExec = createPodExec({ http })

const container = (name: string, image = 'busybox:1.35') => ({
  name,
  image,
  imagePullPolicy: 'IfNotPresent',
  ...(image === 'busybox:1.35' ? { command: ['sleep', '100000'] } : {}),
})

async function createPod(name: string, containers: readonly object[]): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: { terminationGracePeriodSeconds: 1, containers },
  }
  await kubectl(['create', '-f', '-'], JSON.stringify(pod))
}

beforeAll(async () => {
  await importOnNode('busybox:1.35', 'nats:2-scratch')
  await kubectl(['create', 'namespace', namespace])
  await createPod('box', [container('app'), container('beside')])
  await createPod('bare', [container('app', 'nats:2-scratch')])
  await createPod('broken', [container('app', 'devloop.invalid/none:1')])
  await kubectl(['wait', '-n', namespace, '--for=condition=Ready', 'pod/box', 'pod/bare', '--timeout=120s'])
})

afterAll(async () => {
  http.close()
  await kubectl(['delete', 'namespace', namespace, '--wait=false'])
})

/** Runs a program in the pod `box` and gathers what it writes. */
async function exec(
  argv: readonly string[],
  options: ExecOptions = {},
  target = { pod: 'box', container: 'app' },
) {
  let stdout = ''
  let stderr = ''
  const result = await execs.exec({ namespace, ...target }, argv, {
    onStdout: chunk => {
      stdout += Buffer.from(chunk).toString('utf8')
    },
    onStderr: chunk => {
      stderr += Buffer.from(chunk).toString('utf8')
    },
    ...options,
  })
  return { result, stdout, stderr }
}

async function* pieces(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts
}

test.each([0, 1, 42, 255])('exit code %i', async code => {
  const { result } = await exec(['sh', '-c', `exit ${code}`])
  expect(result).toEqual({ ok: true, value: { exitCode: code } })
})

test('output and errors come apart and whole, words with spaces arrive as one', async () => {
  const script = 'echo "$1"; echo wrong >&2; kill -9 $$'
  expect(await exec(['sh', '-c', script, 'sh', ' ü & "한국" '])).toEqual({
    result: { ok: true, value: { exitCode: 137 } },
    stdout: ' ü & "한국" \n',
    stderr: 'wrong\n',
  })
})

test('the end of the input is told', async () => {
  const { result, stdout } = await exec(['sh', '-c', 'cat; echo end'], { stdin: pieces('a', '', 'b\n') })
  expect(result).toEqual({ ok: true, value: { exitCode: 0 } })
  expect(stdout).toBe('ab\nend\n')
})

test('20 MB go in and come back the same', async () => {
  const block = randomBytes(1 << 20)
  const sent = createHash('sha256')
  const received = createHash('sha256')
  let size = 0
  async function* blocks() {
    for (let count = 0; count < 20; count++) {
      sent.update(block)
      yield block
    }
  }
  const result = await execs.exec({ namespace, pod: 'box', container: 'app' }, ['cat'], {
    stdin: blocks(),
    onStdout: chunk => {
      received.update(chunk)
      size += chunk.length
    },
  })
  expect(result).toEqual({ ok: true, value: { exitCode: 0 } })
  expect(size).toBe(20 << 20)
  expect(received.digest('hex')).toBe(sent.digest('hex'))
})

test('a program that does not read holds the input back', async () => {
  const abort = new AbortController()
  let given = 0
  async function* endless() {
    const block = Buffer.alloc(1 << 20)
    for (;;) {
      given += 1
      yield block
    }
  }
  const running = exec(['sh', '-c', 'echo ready; sleep 1000'], { stdin: endless(), signal: abort.signal })
  // Held back: many looks in a row find that nothing more was taken.
  let before = 0
  let looks = 0
  await eventually(() => {
    looks = given === before && given > 0 ? looks + 1 : 0
    before = given
    expect(looks).toBeGreaterThan(20)
  })
  expect(given).toBeLessThan(100)
  abort.abort()
  expect((await running).result).toEqual({ ok: false, error: { kind: 'cancelled' } })
})

test('a reader that is slow holds the output back, and gets all of it', async () => {
  let open = () => {}
  const gate = new Promise<void>(resolve => {
    open = resolve
  })
  let size = 0
  const running = execs.exec(
    { namespace, pod: 'box', container: 'app' },
    // It goes on until all was read: of what is under way when a program ends, some was lost once on a busy machine, its exit code told.
    ['sh', '-c', 'head -c 104857600 /dev/zero; echo done > /written; until [ -e /read ]; do sleep 0.1; done'],
    {
      onStdout: async chunk => {
        await gate
        size += chunk.length
      },
    },
  )
  // The program hangs in a write when its count of bytes written stays as it is.
  const written = async () => (await exec(['sh', '-c', 'grep wchar /proc/$(pidof head)/io'])).stdout
  let looks: string[] = []
  await eventually(async () => {
    looks = [...looks, await written()].slice(-5)
    expect(looks).toHaveLength(5)
    expect(new Set(looks).size).toBe(1)
  })
  expect(looks[0]).toMatch(/^wchar: [1-9]\d*\n$/)
  expect((await exec(['cat', '/written'])).result).toEqual({ ok: true, value: { exitCode: 1 } })
  open()
  await eventually(async () => expect(size).toBe(104_857_600))
  await exec(['touch', '/read'])
  expect(await running).toEqual({ ok: true, value: { exitCode: 0 } })
  expect(size).toBe(104_857_600)
})

test('a program in a terminal sees its size, and each change of it', async () => {
  let resize = (_size: TerminalSize): void => {}
  let screen = ''
  let isOff = false
  const running = exec(
    ['sh', '-c', 'stty size; trap "stty size; exit 3" WINCH; echo ready; while :; do sleep 0.1; done'],
    {
      onStdout: chunk => {
        screen += Buffer.from(chunk).toString('utf8')
      },
      tty: {
        columns: 101,
        rows: 31,
        onResize: listener => {
          resize = listener
          return () => {
            isOff = true
          }
        },
      },
    },
  )
  await eventually(() => expect(screen).toContain('ready'))
  resize({ columns: 61, rows: 16 })
  expect((await running).result).toEqual({ ok: true, value: { exitCode: 3 } })
  expect(screen.split('\r\n')).toEqual(expect.arrayContaining(['ready', '16 61']))
  expect(isOff).toBe(true)
})

test('two containers of one pod are told apart', async () => {
  await exec(['sh', '-c', 'echo mine > /where'], {}, { pod: 'box', container: 'beside' })
  expect((await exec(['cat', '/where'], {}, { pod: 'box', container: 'beside' })).stdout).toBe('mine\n')
  expect((await exec(['cat', '/where'])).stdout).toBe('')
})

test.each([
  {
    what: 'a program that is not there',
    argv: ['nowhere'],
    pod: 'box',
    container: 'app',
    reason: 'not-found',
    says: /"nowhere": executable file not found/,
  },
  {
    what: 'an image without a shell',
    argv: ['sh', '-c', 'true'],
    pod: 'bare',
    container: 'app',
    reason: 'not-found',
    says: /"sh": executable file not found/,
  },
  {
    what: 'a path that is not there',
    argv: ['/no/such'],
    pod: 'bare',
    container: 'app',
    reason: 'not-found',
    says: /no such file/,
  },
  {
    what: 'a pod that is not there',
    argv: ['true'],
    pod: 'none',
    container: 'app',
    reason: 'failed',
    says: /There is no pod devloop-exec-\w+\/none/,
  },
  {
    what: 'a container that is not there',
    argv: ['true'],
    pod: 'box',
    container: 'none',
    reason: 'failed',
    says: /The container none of pod .* does not run/,
  },
  {
    what: 'a container that does not run',
    argv: ['true'],
    pod: 'broken',
    container: 'app',
    reason: 'failed',
    says: /The container app of pod \S+ does not run/,
  },
] as const)('$what: a problem in words', async ({ argv, pod, container: name, reason, says }) => {
  const { result } = await exec(argv, {}, { pod, container: name })
  expect(result).toMatchObject({ ok: false, error: { kind: 'command-failed', argv, reason } })
  if (!result.ok && result.error.kind === 'command-failed') expect(result.error.output.join()).toMatch(says)
})

test('without the right to it: a problem in words', async () => {
  await kubectl(['create', 'serviceaccount', 'nobody', '-n', namespace])
  const token = (await kubectl(['create', 'token', 'nobody', '-n', namespace])).trim()
  const config = JSON.parse(await kubectl(['config', 'view', '--minify', '--raw', '-o', 'json']))
  config.users[0].user = { token }
  const file = `${process.env.TMPDIR ?? '/tmp'}/${namespace}.json`
  const { writeFile, rm } = await import('node:fs/promises')
  await writeFile(file, JSON.stringify(config))
  const own = createKubeHttp({ context: 'kind-dev', files: [file], runner: createProcessRunner() })
  const result = await createPodExec({ http: own }).exec({ namespace, pod: 'box', container: 'app' }, [
    'true',
  ])
  own.close()
  await rm(file)
  expect(result).toMatchObject({ ok: false, error: { kind: 'command-failed', reason: 'failed' } })
  if (!result.ok && result.error.kind === 'command-failed')
    expect(result.error.output.join()).toMatch(/^You may not run programs in pod .*forbidden/)
})

test('an abort ends the stream at once, also of a program that goes on', async () => {
  const abort = new AbortController()
  let screen = ''
  async function* nothing(): AsyncGenerator<string> {
    await new Promise(() => {})
  }
  const running = exec(['sh', '-c', 'echo begun; exec sleep 12345'], {
    stdin: nothing(),
    signal: abort.signal,
    tty: { columns: 80, rows: 24, onResize: () => () => {} },
    onStdout: chunk => {
      screen += Buffer.from(chunk).toString('utf8')
    },
  })
  await eventually(() => expect(screen).toContain('begun'))
  abort.abort()
  expect((await running).result).toEqual({ ok: false, error: { kind: 'cancelled' } })
  const before = await exec(['true'], { signal: AbortSignal.abort() })
  expect(before.result).toEqual({ ok: false, error: { kind: 'cancelled' } })
})

test('a pod that is deleted meanwhile ends it', async () => {
  await createPod('brief', [container('app')])
  await kubectl(['wait', '-n', namespace, '--for=condition=Ready', 'pod/brief', '--timeout=60s'])
  let screen = ''
  const running = exec(
    ['sh', '-c', 'echo begun; sleep 1000'],
    {
      onStdout: chunk => {
        screen += Buffer.from(chunk).toString('utf8')
      },
    },
    { pod: 'brief', container: 'app' },
  )
  await eventually(() => expect(screen).toContain('begun'))
  await kubectl(['delete', 'pod', 'brief', '-n', namespace, '--wait=false'])
  const { result } = await running
  if (result.ok) expect(result.value.exitCode).toBe(137)
  else
    expect(result.error).toMatchObject({
      kind: 'command-failed',
      output: [expect.stringMatching(/ended before/)],
    })
})
