import { mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Exit, type Running, startDevloop } from './devloop.js'
import { kubectl, run } from './kubectl.js'

/** A project in a temporary folder, with a namespace, image names and a state directory of its own. */
export interface TestProject extends AsyncDisposable {
  readonly folder: string
  readonly namespace: string
  /** Where its devloop keeps its journal, as `DEVLOOP_STATE_DIR` says. */
  readonly stateDirectory: string
  /** Starts devloop in the project's folder. */
  start(...args: readonly string[]): Running
  /** Runs devloop to its end. */
  run(...args: readonly string[]): Promise<Exit>
  /** Writes a file as an editor saves it; `NS` in the content becomes the namespace. */
  write(path: string, content: string): Promise<void>
  /** The content of a file, as it is. */
  read(path: string): Promise<string>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
}

export interface ProjectOptions {
  readonly env?: NodeJS.ProcessEnv
}

let made = 0

export async function createProject(
  files: Readonly<Record<string, string>>,
  { env = {} }: ProjectOptions = {},
): Promise<TestProject> {
  const namespace = `devloop-e2e-${process.pid.toString(36)}-${(Date.now() % 1e6).toString(36)}-${made++}`
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'devloop-e2e-')))
  const home = join(folder, 'project')
  const stateDirectory = join(folder, 'state')
  const processEnv = { ...process.env, DEVLOOP_STATE_DIR: stateDirectory, ...env }
  const started: Running[] = []

  const write: TestProject['write'] = async (path, content) => {
    const target = join(home, path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, content.replaceAll('NS', namespace))
  }
  for (const [path, content] of Object.entries(files)) await write(path, content)

  const start: TestProject['start'] = (...args) => {
    const running = startDevloop(args, { cwd: home, env: processEnv })
    started.push(running)
    return running
  }
  return {
    folder: home,
    namespace,
    stateDirectory,
    write,
    start,
    run: (...args) => start(...args).exit,
    read: path => readFile(join(home, path), 'utf8'),
    rename: (from, to) => rename(join(home, from), join(home, to)),
    remove: path => rm(join(home, path), { recursive: true }),
    [Symbol.asyncDispose]: async () => {
      for (const running of started) await running[Symbol.asyncDispose]()
      // What `down` does is the subject of tests of its own; here nothing must be left, whatever it does.
      await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false'])
      await removeImages(namespace)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function removeImages(prefix: string): Promise<void> {
  const script = `ctr -n k8s.io images ls -q name~=${prefix} | xargs -r ctr -n k8s.io images rm`
  await run('docker', ['exec', 'dev-control-plane', 'sh', '-c', script])
  const format = '{{.Repository}}:{{.Tag}}'
  const listed = await run('docker', ['images', '--format', format, '--filter', `reference=${prefix}/*`])
  // By name: the same content of another project's is the same image.
  const names = listed.stdout.split('\n').filter(Boolean)
  if (names.length > 0) await run('docker', ['rmi', '-f', ...names])
}
