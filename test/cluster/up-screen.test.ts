import { fileURLToPath } from 'node:url'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'
import { config } from './rig/fixtures.js'
import { kubectl } from './rig/kubectl.js'
import { createProject, type TestProject } from './rig/project.js'
import { startTmux, type Tmux } from './rig/tmux.js'
import { startMesh } from './rig/webhook.js'

const bin = fileURLToPath(new URL('../../bin/devloop.js', import.meta.url))
const PROMPT = 'ready>'

/** What a service runs: a few lines, and then nothing until it is ended. */
const program = (text: string) => `#!/bin/sh
echo '${text}'
echo '{"level":"warn","msg":"좌석이 부족합니다","seats":2}'
for n in 1 2 3 4 5; do echo "departure $n to busan"; done
echo 'departure 6 to seoul'
touch /ready
trap 'exit 0' TERM
while true; do sleep 1 & wait $!; done
`
const crash = "#!/bin/sh\necho 'reading the timetable'\necho 'Error: the timetable is gone'\nexit 3\n"

const dockerfile = 'FROM busybox:1.35\nCOPY run.sh /run.sh\nCMD ["sh", "/run.sh"]\n'

const workload = (name: string, more = '') => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 1
      ${more}
      containers:
        - name: ${name}
          image: NS/${name}
          readinessProbe: { exec: { command: [test, -e, /ready] }, periodSeconds: 1 }
`

const files = {
  'dev.config.yaml': config('  tour: { image: NS/tour }\n  auth: { image: NS/auth }'),
  'tour/Dockerfile': dockerfile,
  'tour/run.sh': program('tours begin'),
  'auth/Dockerfile': dockerfile,
  'auth/run.sh': program('who goes there'),
  'k8s/tour.yaml': workload('tour'),
  'k8s/auth.yaml': workload('auth'),
}

/** A shell in the project's folder in which `devloop up` was started. */
async function startUp(
  project: TestProject,
  options: {
    readonly columns: number
    readonly rows: number
    readonly env?: Readonly<Record<string, string>>
    /** Settings of variables before the command, as a shell takes them. */
    readonly prefix?: string
    readonly args?: string
  },
): Promise<Tmux> {
  const { args = '', prefix = '', env, ...size } = options
  const terminal = await startTmux({
    command: `PS1='${PROMPT} ' exec bash --norc`,
    cwd: project.folder,
    env: { DEVLOOP_STATE_DIR: project.stateDirectory, ...env },
    ...size,
  })
  await terminal.waitForScreen(screen => screen.startsWith(PROMPT))
  await terminal.type(
    `clear; before=$(stty -g); ${prefix} ${process.execPath} ${bin} up ${args}; echo "code $?"`,
  )
  await terminal.press('Enter')
  return terminal
}

/** The terminal is the shell's again, with every setting as it was. */
async function expectRestored(terminal: Tmux): Promise<void> {
  expect(await terminal.isAlternate()).toBe(false)
  expect((await terminal.cursor()).visible).toBe(true)
  await terminal.type('clear; [ "$before" = "$(stty -g)" ] && echo as before || stty -a')
  await terminal.press('Enter')
  await terminal.waitForScreen(/^as before$/m)
}

/** Bold, dim and inverse are no colours. */
const COLOURS = /\u001b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m/
const widths = (screen: string): number => Math.max(...screen.split('\n').map(line => stringWidth(line)))

test.concurrent('a day at the screen: start, save, logs, a crash and its way out, a shell, quit', async () => {
  await using project = await createProject(files)
  await using terminal = await startUp(project, { columns: 110, rows: 40 })

  await terminal.waitForScreen(/2\/2 live/, 90_000)
  expect(await terminal.isAlternate()).toBe(true)
  expect(await terminal.screen({ escapes: true })).toMatch(COLOURS)
  await terminal.waitForScreen(/nothing saved yet; the tree as found is live/)
  await terminal.waitForScreen(/WARN {2}좌석이 부족합니다 {2}seats=2/)

  await project.write('tour/run.sh', program('tours begin anew'))
  await terminal.waitForScreen(/✓ save 1 \(tour: run\.sh\) is live · \d/, 60_000)
  await terminal.waitForScreen(/tours begin anew/)

  // Only what fits a filter; escape shows all again.
  await terminal.press('&')
  await terminal.type('seoul')
  await terminal.press('Enter')
  await terminal.waitForScreen(screen => screen.includes('to seoul') && !screen.includes('to busan'))
  await terminal.press('Escape')
  await terminal.waitForScreen(/to busan/)
  await terminal.press('/')
  await terminal.type('begin anew')
  await terminal.press('Enter')
  await terminal.waitForScreen(/\/begin anew 1\/1/)
  await terminal.press('Escape')
  await terminal.waitForScreen(screen => !screen.includes('/begin anew'))
  // The search stopped the log where it found something; its end follows again.
  await terminal.press('Tab', 'G', 'BTab')
  await terminal.waitForScreen(/── following/)

  await terminal.press('?')
  await terminal.waitForScreen(screen => screen.includes('The selected service') && screen.includes('quit'))
  await terminal.press('Escape')
  await terminal.waitForScreen(screen => !screen.includes('The selected service'))

  await terminal.resize(60, 15)
  const small = await terminal.waitForScreen(
    screen => screen.includes('2/2 live') && widths(screen) <= 60 && screen.split('\n').length <= 15,
  )
  expect(small).toMatch(/\? help/)
  await terminal.resize(110, 40)
  await terminal.waitForScreen(screen => widths(screen) > 60)

  // A crash stays on the screen with its cause, its last lines and the save that brought it.
  await project.write('tour/run.sh', crash)
  const card = await terminal.waitForScreen(
    screen =>
      ['exit code 3', 'since save 2 (run.sh)', '  Error: the timetable is gone'].every(text =>
        screen.includes(text),
      ),
    60_000,
  )
  expect(card).toMatch(/✗ save 2 \(tour: run\.sh\) is failing/)
  await terminal.waitForScreen(/── tour · restart \d+, exit code 3 ──/, 60_000)
  await terminal.press('Tab')
  await terminal.waitForScreen(/R roll back/)
  await terminal.press('R')
  await terminal.waitForScreen(/y yes/)
  await terminal.press('y')
  await terminal.waitForScreen(/rolled back to save 1/, 60_000)
  // It holds through a save until somebody wants the newest again.
  await project.write('tour/run.sh', program('tours begin again'))
  await terminal.waitForScreen(/rolled back to save 1, save 3 held/, 60_000)
  await terminal.press('R')
  await terminal.waitForScreen(/Run the newest image of tour again\?/)
  await terminal.press('y')
  await terminal.waitForScreen(/✓ save 3 \(tour: run\.sh\) is live/, 60_000)

  // A shell in the container, and back.
  await terminal.press('Tab', 's')
  await terminal.waitForScreen(screen => screen.includes('/ #'))
  await terminal.type('grep -c begin /run.sh; exit')
  await terminal.press('Enter')
  await terminal.waitForScreen(/2\/2 live/)

  await terminal.press('q')
  const end = await terminal.waitForScreen(/code 0/)
  expect(end).toContain('2 of 2 services live')
  await expectRestored(terminal)
})

test.concurrent('D takes everything down after a question', async () => {
  await using project = await createProject(files)
  await using terminal = await startUp(project, { columns: 80, rows: 24 })
  await terminal.waitForScreen(/2\/2 live/, 90_000)
  await terminal.press('D')
  await terminal.waitForScreen(/y yes/)
  await terminal.press('n', 'D')
  await terminal.waitForScreen(/y yes/)
  await terminal.press('y')
  await terminal.waitForScreen(/code 0/, 60_000)
  await expectRestored(terminal)
  const left = await kubectl(['get', 'namespace', project.namespace, '--ignore-not-found', '-o', 'name'])
  expect(left).toBe('')
})

test.concurrent('what a webhook puts beside a service, and what runs before it, is neither its log nor its shell', async () => {
  await using project = await createProject({
    ...files,
    'k8s/tour.yaml': workload(
      'tour',
      'initContainers: [{ name: prepare, image: busybox:1.35, command: [sh, -c, "echo prepared"] }]',
    ),
  })
  await using webhook = await startMesh(project.namespace)
  await using terminal = await startUp(project, { columns: 110, rows: 40, args: 'tour' })
  await terminal.waitForScreen(/1\/1 live/, 90_000)
  const screen = await terminal.waitForScreen(/tours begin/)
  expect(webhook.requests.length).toBeGreaterThan(0)
  expect(screen).not.toMatch(/mesh speaks|prepared/)
  await terminal.press('c')
  await terminal.waitForScreen(shown => shown.includes('mesh speaks') && shown.includes('prepared'))
  await terminal.press('s')
  await terminal.waitForScreen(shown => shown.includes('/ #'))
  await terminal.type('ls /run.sh; exit')
  await terminal.press('Enter')
  await terminal.waitForScreen(/1\/1 live/)
  await terminal.press('C-c')
  await terminal.waitForScreen(/code 130/)
  await expectRestored(terminal)
})

test.concurrent('without colours there are none, and a dumb terminal gets lines', async () => {
  await using project = await createProject(files)
  await using plain = await startUp(project, { columns: 80, rows: 24, env: { NO_COLOR: '1' } })
  await plain.waitForScreen(/2\/2 live/, 90_000)
  expect(await plain.screen({ escapes: true })).not.toMatch(COLOURS)
  await plain.press('q')
  await plain.waitForScreen(/code 0/)

  await using dumb = await startUp(project, {
    columns: 80,
    rows: 24,
    args: '2>&1 | cat',
    env: { TERM: 'dumb' },
  })
  await eventually(async () => expect(await dumb.history()).toMatch(/tour .*✓ live/), 90_000)
  expect(await dumb.isAlternate()).toBe(false)
  await dumb.press('C-c')
  // The shell, too, takes this Ctrl-C for its own, and leaves the rest of the line.
  await dumb.waitForScreen(new RegExp(`\\n${PROMPT}\\s*$`))
})
