import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kubectl } from './rig/kubectl.js'
import { importOnNode } from './rig/node-images.js'
import { startTmux } from './rig/tmux.js'

const namespace = `devloop-shell-${randomBytes(3).toString('hex')}`
const root = fileURLToPath(new URL('../..', import.meta.url))

beforeAll(async () => {
  await importOnNode('busybox:1.35', 'nats:2-scratch')
  await kubectl(['create', 'namespace', namespace])
  for (const [name, image, command] of [
    ['box', 'busybox:1.35', ['sleep', '100000']],
    ['bare', 'nats:2-scratch', undefined],
  ] as const) {
    const container = { name: 'app', image, imagePullPolicy: 'IfNotPresent', command }
    const spec = { terminationGracePeriodSeconds: 1, containers: [container] }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec }
    await kubectl(['create', '-f', '-'], JSON.stringify(pod))
  }
  await kubectl(['wait', '-n', namespace, '--for=condition=Ready', 'pod', '--all', '--timeout=120s'])
})

afterAll(async () => {
  await kubectl(['delete', 'namespace', namespace, '--wait=false'])
})

async function startShell(pod: string) {
  const terminal = await startTmux({ command: "PS1='ready> ' exec bash --norc", cwd: root, columns: 90 })
  await terminal.waitForScreen(/^ready>/m)
  const program = `node --import tsx test/cluster/fixtures/shell-app.ts ${namespace} ${pod} app`
  await terminal.type(`clear; before=$(stty -g); ${program}; [ "$before" = "$(stty -g)" ] && echo as before`)
  await terminal.press('Enter')
  return terminal
}

test('a shell in a container has the terminal: its size, its keys, Ctrl-C, and gives it back', async () => {
  await using terminal = await startShell('box')
  await terminal.waitForScreen(/^\/ #/m)
  await terminal.type('stty size')
  await terminal.press('Enter')
  await terminal.waitForScreen(/^24 90$/m)
  await terminal.resize(70, 20)
  await terminal.type('clear; sleep 1000; echo interrupted; stty size')
  await terminal.press('Enter')
  await terminal.waitForScreen(screen => !screen.includes('24 90'))
  await terminal.press('C-c')
  await terminal.type('echo 한국 $((6*7)); stty size')
  await terminal.press('Enter')
  await terminal.waitForScreen(/^한국 42$[\s\S]*^20 70$/m)
  await terminal.type('exit 3')
  await terminal.press('Enter')
  const screen = await terminal.waitForScreen(/^as before$/m)
  expect(screen).toMatch(/^left$/m)
})

test('an image without a shell is told as such', async () => {
  await using terminal = await startShell('bare')
  const screen = await terminal.waitForScreen(/^as before$/m)
  expect(screen).toMatch(/no shell in bare: the image of container app has neither sh nor bash/)
})
