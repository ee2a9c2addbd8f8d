import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from './rig/eventually.js'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

let folder: string
let clone: string
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'devloop-first-')))
  clone = join(folder, 'clone')
  const { stdout } = await run('git', ['ls-files', '-z'], { cwd: root, maxBuffer: 2 ** 24 })
  for (const path of stdout.split('\0').filter(name => name !== '')) {
    await mkdir(dirname(join(clone, path)), { recursive: true })
    await cp(join(root, path), join(clone, path))
  }
  // Node with its npm, and the shell that npm runs scripts with.
  await mkdir(join(folder, 'bin'))
  for (const name of ['node', 'npm', 'sh']) {
    const { stdout: found } = await run('sh', ['-c', `command -v ${name}`])
    await symlink(found.trim(), join(folder, 'bin', name))
  }
})
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

/** The first command of the README. */
async function firstCommand(): Promise<string> {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const line = /```sh\n(.*)\n```/.exec(readme)?.[1]
  if (line === undefined) throw new Error('the README has no command')
  return line.replace(/\s+#.*$/, '')
}

/** Processes that were started from the clone. */
async function processesOfClone(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name) && name !== `${process.pid}`)
  const lines = await Promise.all(
    pids.map(async pid => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      const cwd = await realpath(`/proc/${pid}/cwd`).catch(() => '')
      return line !== '' && cwd.startsWith(clone) ? `${pid} ${line.replaceAll('\0', ' ')}` : ''
    }),
  )
  return lines.filter(line => line !== '')
}

test("the README's first command runs the shop with Node alone, and Ctrl-C leaves nothing", async () => {
  const command = await firstCommand()
  const child = spawn(join(folder, 'bin/sh'), ['-c', command], {
    cwd: clone,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: join(folder, 'bin'),
      HOME: folder,
      DEVLOOP_STATE_DIR: join(folder, 'state'),
      // What npm on this machine needs to reach its registry.
      npm_config_userconfig: join(homedir(), '.npmrc'),
      npm_config_cache: join(homedir(), '.npm'),
      npm_config_prefer_offline: 'true',
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      output += String(chunk)
    })
  // When the last of its processes has let go of the output.
  const closed = once(child, 'close')
  try {
    const get = async (path: string): Promise<string> => {
      const port = /http:\/\/tours\.localhost:(\d+)/.exec(output)?.[1]
      if (port === undefined) throw new Error(`no gateway yet:\n${output.slice(-3000)}`)
      // Node's own resolver may not know the names below localhost, which browsers and curl do.
      const { stdout } = await run(process.execPath, [
        '-e',
        `require('node:http').get({ host: '127.0.0.1', port: ${port}, path: '${path}', headers: { host: 'tours.localhost:${port}' } }, answer => answer.pipe(process.stdout))`,
      ])
      return stdout
    }
    await eventually(async () => expect(await get('/api/tours')).toContain('Walking the Jeju Olle'), 180_000)
    expect(output).toContain('The tour shop runs as processes of this machine: Docker does not answer.')
    for (const service of ['bookings', 'client', 'expiration', 'reviews', 'tours'])
      await eventually(() => expect(output).toMatch(new RegExp(`^${service} +│ ✓ live`, 'm')), 90_000)

    const tours = join(clone, 'example-project/services/tours/src/tours.js')
    await writeFile(tours, (await readFile(tours, 'utf8')).replace('Walking the Jeju Olle', 'Save and see'))
    await eventually(async () => expect(await get('/api/tours')).toContain('Save and see'), 30_000)

    process.kill(-(child.pid ?? 0), 'SIGINT')
    await closed
    expect(output).toMatch(/^devloop +│ stopped$/m)
    await eventually(async () => expect(await processesOfClone()).toEqual([]), 10_000)
    await expect(get('/api/tours')).rejects.toThrow('ECONNREFUSED')
  } finally {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL')
  }
}, 420_000)
