import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createProcessRunner } from './process-runner.js'

const node = (script: string, ...args: string[]): [string, ...string[]] => [
  process.execPath,
  '-e',
  script,
  ...args,
]
const runner = createProcessRunner({ grace: 300 })
const folders: string[] = []

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'process-runner-'))
  folders.push(folder)
  return folder
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

/** A zombie, which only waits for its parent to take note, counts as ended. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    return existsSync('/proc/self/stat') ? false : (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

/** A process with a child that ignores SIGTERM where `stubborn`; both write their pids, and neither ends by itself. */
const family = (stubborn: boolean) => {
  const child = `${stubborn ? "process.on('SIGTERM', () => {});" : ''}
    require('fs').writeFileSync(process.argv[1], String(process.pid)); setInterval(() => {}, 1000)`
  return `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}, process.argv[1]], { stdio: 'inherit' });
    setInterval(() => {}, 1000)`
}

const pidIn = (file: string) =>
  vi.waitFor(
    async () => {
      const pid = Number(await readFile(file, 'utf8'))
      expect(pid).toBeGreaterThan(0)
      return pid
    },
    { timeout: 10_000, interval: 10 },
  )

describe('run', () => {
  it('takes any amount of output that is not kept, by lines', async () => {
    let bytes = 0
    const script =
      "const line = 'x'.repeat(99_999) + '\\n'; for (let i = 0; i < 700; i++) process.stdout.write(line)"
    const result = await runner.run(node(script), {
      keepOutput: false,
      onLine: line => {
        bytes += line.length + 1
      },
    })
    expect(result).toEqual({ ok: true, value: { stdout: '', stderr: '' } })
    expect(bytes).toBe(70_000_000)
  })

  it('hands on a line that does not end in parts', async () => {
    const lengths: number[] = []
    await runner.run(node("process.stdout.write('x'.repeat(3_000_000))"), {
      keepOutput: false,
      onLine: line => lengths.push(line.length),
    })
    expect(lengths.length).toBeGreaterThan(1)
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(3_000_000)
  })

  it('gives both streams as they came, and each line', async () => {
    const lines: string[] = []
    const result = await runner.run(
      node("process.stdout.write('one\\r\\ntw\\u00f6\\n\\nlast'); process.stderr.write('oops\\n')"),
      { onLine: (line, stream) => lines.push(`${stream}:${line}`) },
    )
    expect(result).toEqual({ ok: true, value: { stdout: 'one\r\ntwö\n\nlast', stderr: 'oops\n' } })
    expect(lines.filter(line => line.startsWith('stdout:'))).toEqual([
      'stdout:one',
      'stdout:twö',
      'stdout:',
      'stdout:last',
    ])
    expect(lines).toContain('stderr:oops')
  })

  it('hands over input, working folder and environment, and keeps the environment of this process', async () => {
    const folder = await temporaryFolder()
    const script = `let text = ''; process.stdin.on('data', part => { text += part }).on('end', () =>
      console.log(JSON.stringify([text, process.cwd(), process.env.ADDED, process.env.PATH !== undefined])))`
    const result = await runner.run(node(script), { input: 'hello', cwd: folder, env: { ADDED: 'yes' } })
    expect(result.ok && JSON.parse(result.value.stdout)).toEqual(['hello', folder, 'yes', true])
  })

  it('gives a process without input an empty one', async () => {
    const result = await runner.run(node("process.stdin.resume().on('end', () => console.log('end'))"))
    expect(result).toMatchObject({ ok: true, value: { stdout: 'end\n' } })
  })

  it('passes arguments through no shell', async () => {
    const args = ['$HOME', '; exit 3', '"quoted"', '*', '']
    const result = await runner.run(node('console.log(JSON.stringify(process.argv.slice(1)))', ...args))
    expect(result.ok && JSON.parse(result.value.stdout)).toEqual(args)
  })

  it('keeps 5 MB of output whole', async () => {
    const result = await runner.run(node("process.stdout.write('x'.repeat(5e6))"))
    expect(result.ok && result.value.stdout.length).toBe(5e6)
  })

  it('resolves when the process has exited, though a grandchild still holds its output', async () => {
    const script = `const { pid } = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'],
      { stdio: 'inherit', detached: true }); console.log(pid); process.exit()`
    const result = await runner.run(node(script))
    const pid = Number(result.ok && result.value.stdout)
    expect(alive(pid)).toBe(true)
    process.kill(pid, 'SIGKILL')
  })
})

describe('failures', () => {
  it('reports the exit code with the last lines', async () => {
    const argv = node('for (let i = 0; i < 60; i++) console.log(i); process.exitCode = 7')
    expect(await runner.run(argv)).toEqual({
      ok: false,
      error: {
        kind: 'command-failed',
        argv,
        reason: 'exited',
        exitCode: 7,
        output: Array.from({ length: 50 }, (_, i) => String(i + 10)),
      },
    })
  })

  it('reports a signal', async () => {
    const result = await runner.run(node("process.kill(process.pid, 'SIGKILL')"))
    expect(result).toMatchObject({ ok: false, error: { reason: 'signalled', signal: 'SIGKILL' } })
    expect(!result.ok && 'exitCode' in result.error).toBe(false)
  })

  it('says that a program is not there', async () => {
    const result = await runner.run(['no-such-program-as-this', '--version'])
    expect(result).toMatchObject({ ok: false, error: { kind: 'command-failed', reason: 'not-found' } })
  })

  it('tells a missing working folder from a missing program', async () => {
    const cwd = join(await temporaryFolder(), 'missing')
    const result = await runner.run(node(''), { cwd })
    expect(result).toMatchObject({ ok: false, error: { reason: 'failed', output: [`not a folder: ${cwd}`] } })
  })

  it('says why a file cannot be run', async () => {
    const result = await runner.run([await temporaryFolder()])
    expect(result).toMatchObject({
      ok: false,
      error: { reason: 'failed', output: [expect.stringContaining('EACCES')] },
    })
  })

  it('ends a process that writes without end', async () => {
    const flood = "const write = () => process.stdout.write('x'.repeat(1 << 20), write); write()"
    const result = await runner.run(node(flood))
    expect(result).toMatchObject({ ok: false, error: { reason: 'failed' } })
    expect(!result.ok && result.error.kind === 'command-failed' && result.error.output.at(-1)).toMatch(
      /64 MiB/,
    )
  })
})

describe.skipIf(process.platform === 'win32')('ending', () => {
  it.each([{ stubborn: false }, { stubborn: true }])(
    'abort ends grandchildren before it settles (ignoring SIGTERM: $stubborn)',
    async ({ stubborn }) => {
      const file = join(await temporaryFolder(), 'pid')
      const stop = new AbortController()
      const done = runner.run(node(family(stubborn), file), { signal: stop.signal })
      const pid = await pidIn(file)
      stop.abort()
      expect(await done).toEqual({ ok: false, error: { kind: 'cancelled' } })
      expect(alive(pid)).toBe(false)
    },
  )

  it('a timeout ends grandchildren too', async () => {
    const file = join(await temporaryFolder(), 'pid')
    const done = runner.run(node(family(false), file), { timeout: 1500 })
    const pid = await pidIn(file)
    expect(await done).toMatchObject({ ok: false, error: { kind: 'command-failed', reason: 'timed-out' } })
    expect(alive(pid)).toBe(false)
  })

  it('starts nothing under a signal that is aborted already', async () => {
    const file = join(await temporaryFolder(), 'made')
    const result = await runner.run(['touch', file], { signal: AbortSignal.abort() })
    expect(result).toEqual({ ok: false, error: { kind: 'cancelled' } })
    await expect(readFile(file)).rejects.toThrow('ENOENT')
  })

  it('what still runs dies with this process', async () => {
    const file = join(await temporaryFolder(), 'pid')
    const module = new URL('./process-runner.ts', import.meta.url).href
    const program = `
      import { statSync } from 'node:fs'
      import { createServer } from 'vite'
      const server = await createServer({ logLevel: 'silent', server: { middlewareMode: true, ws: false }, appType: 'custom' })
      const { createProcessRunner } = await server.ssrLoadModule(${JSON.stringify(new URL(module).pathname)})
      void createProcessRunner().run([process.execPath, '-e', ${JSON.stringify(family(true))}, ${JSON.stringify(file)}])
      setInterval(() => { if ((statSync(${JSON.stringify(file)}, { throwIfNoEntry: false })?.size ?? 0) > 0) process.exit(0) }, 20)`
    await runner.run([process.execPath, '--input-type=module', '-e', program], { cwd: process.cwd() })
    const pid = await pidIn(file)
    await vi.waitFor(() => expect(alive(pid)).toBe(false), { timeout: 5000, interval: 10 })
  })
})
