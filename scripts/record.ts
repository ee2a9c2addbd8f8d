// record.ts [FOLDER]: runs the real `devloop up` on a copy of the example project in a terminal and writes what the terminal showed: an asciicast
// of the whole, and an SVG of each moment that the README shows. Needs Docker, a kind cluster and tmux, like the tests on the cluster.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../test/cluster/rig/kubectl.js'
import { startTmux } from '../test/cluster/rig/tmux.js'
import { recordCast } from './recording/cast.js'
import { screenSvg } from './recording/screen-svg.js'

const SIZE = { columns: 112, rows: 34 }

const repository = fileURLToPath(new URL('..', import.meta.url))
const target = process.argv[2] ?? join(repository, 'docs', 'recording')
const folder = await mkdtemp(join(tmpdir(), 'tour-shop-'))
const bin = join(repository, 'bin', 'devloop.js')
const env = { DEVLOOP_STATE_DIR: join(folder, 'state') }
const project = join(folder, 'tour-shop')

await mkdir(target, { recursive: true })
await cp(join(repository, 'example-project'), join(project, 'example-project'), { recursive: true })
await cp(join(repository, 'dev.config.yaml'), join(project, 'dev.config.yaml'))

const terminal = await startTmux({ command: 'exec sh', cwd: project, env: { ...env, PS1: '$ ' }, ...SIZE })
try {
  const cast = await recordCast(terminal, SIZE)
  const shoot = async (name: string, title: string): Promise<void> => {
    const capture = await terminal.screen({ escapes: true })
    await writeFile(join(target, `${name}.svg`), screenSvg(capture, { ...SIZE, title }))
  }
  const edit = async (path: string, change: (text: string) => string): Promise<void> => {
    const file = join(project, 'example-project', path)
    await writeFile(file, change(await readFile(file, 'utf8')))
  }

  await terminal.type(`alias devloop='node ${bin}'; clear`)
  await terminal.press('Enter')
  await cast.start()
  await terminal.type('devloop up')
  await terminal.press('Enter')
  await terminal.waitForScreen(/5\/5 live/, 300_000)
  await edit('services/tours/src/main.js', text => `${text}\n// A save that changes nothing but the file.\n`)
  await terminal.waitForScreen(/✓ save 1 .* is live/, 60_000)
  await shoot('live', 'devloop up: every service is live, and the last save too')
  const crash = "throw new Error('reviews cannot start: REVIEWS_TOPIC is not set')\n"
  await edit('services/reviews/src/main.js', text => crash + text)
  await terminal.waitForScreen(
    screen => screen.includes('exit code 1') && screen.includes('  Error: reviews cannot start'),
    60_000,
  )
  await shoot('crash', 'devloop up: the card of a service that crashes')
  await edit('services/reviews/src/main.js', text => text.replace(crash, ''))
  await terminal.waitForScreen(/5\/5 live/, 60_000)
  await terminal.press('?')
  await terminal.waitForScreen(/rebuild/)
  await shoot('help', 'devloop up: the keys')
  await terminal.press('Escape', 'q')
  await terminal.waitForScreen(screen => !screen.includes('rebuild'), 30_000)
  await cast.write(join(target, 'devloop-up.cast'), 'devloop up')
} finally {
  await terminal.kill()
  await run(process.execPath, [bin, 'down', '--volumes'], { cwd: project, env: { ...process.env, ...env } })
  await rm(folder, { recursive: true, force: true })
}
