import { stat } from 'node:fs/promises'
import { type Cancelled, type CommandFailed, cancelled } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { CommandOutput, ProcessRunner, RunOptions } from '../../ports/process-runner.js'
import { LineSplitter } from './line-splitter.js'
import { endProcessGroup, signalGroup } from './process-group.js'

type Execa = typeof import('execa')['execa']
type Subprocess = ReturnType<typeof start>
type Ending = 'aborted' | 'timed-out' | 'too-much-output'

/** Lines that a `command-failed` problem carries. */
const tailLines = 50
/** Bytes of one stream that are kept: far more than any text that devloop reads, far less than the longest string of Node. */
const maxBytes = 64 * 1024 * 1024
/** Milliseconds that output may come after the process has exited, from a grandchild that still holds the pipe. */
const drainTime = 250

const isWindows = process.platform === 'win32'

/**
 * Runs programs with execa, without a shell. On POSIX each process leads its own group, so that an abort or a timeout ends its
 * grandchildren too: SIGTERM, then SIGKILL after `grace` milliseconds (default 2000). On Windows `taskkill /T /F` ends the tree at once.
 * What still runs when this process exits is killed.
 */
export function createProcessRunner({ grace = 2000 }: { readonly grace?: number } = {}): ProcessRunner {
  const running = new Set<number>()
  const killAll = () => {
    for (const pid of running) isWindows ? process.kill(pid) : signalGroup(pid, 'SIGKILL')
  }
  return {
    async run(argv, options = {}) {
      const { execa } = await import('execa')
      if (options.signal?.aborted) return err(cancelled)
      const subprocess = start(execa, argv, options)
      const { pid } = subprocess
      if (pid !== undefined) {
        if (running.size === 0) process.on('exit', killAll)
        running.add(pid)
        options.onStart?.(pid)
      }
      try {
        return await outcome(argv, options, subprocess, () => end(execa, subprocess, grace))
      } finally {
        if (pid !== undefined && running.delete(pid) && running.size === 0) process.off('exit', killAll)
      }
    },
  }
}

function start(execa: Execa, [file, ...args]: readonly [string, ...string[]], options: RunOptions) {
  return execa(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    stdout: 'pipe',
    stderr: 'pipe',
    // Output is read here, for execa would wait for ever where a grandchild keeps the pipe open.
    buffer: false,
    reject: false,
    cleanup: false,
    detached: !isWindows,
    windowsHide: true,
  })
}

async function outcome(
  argv: readonly [string, ...string[]],
  options: RunOptions,
  subprocess: Subprocess,
  endTree: () => Promise<void>,
): Promise<Result<CommandOutput, CommandFailed | Cancelled>> {
  const tail: string[] = []
  let ending: Ending | undefined
  let ended: Promise<void> | undefined
  const stop = (why: Ending) => {
    ending ??= why
    ended ??= endTree()
  }
  const read = (stream: 'stdout' | 'stderr') =>
    collect(subprocess[stream], {
      onLine(line) {
        if (tail.push(line) > tailLines) tail.shift()
        options.onLine?.(line, stream)
      },
      onOverflow: () => stop('too-much-output'),
      keep: options.keepOutput !== false,
    })
  const stdout = read('stdout')
  const stderr = read('stderr')
  subprocess.once('exit', () => {
    const drained = setTimeout(() => {
      subprocess.stdout.destroy()
      subprocess.stderr.destroy()
    }, drainTime)
    void Promise.all([stdout.closed, stderr.closed]).then(() => clearTimeout(drained))
  })
  const onAbort = () => stop('aborted')
  options.signal?.addEventListener('abort', onAbort, { once: true })
  const timer =
    options.timeout === undefined ? undefined : setTimeout(() => stop('timed-out'), options.timeout)

  const exit = await subprocess
  // The last line may lack its end, and is known as the last when its stream closes. A process that never started has no streams to wait for.
  if (exit.exitCode !== undefined || exit.signal !== undefined)
    await Promise.all([stdout.closed, stderr.closed])
  clearTimeout(timer)
  options.signal?.removeEventListener('abort', onAbort)
  await ended
  const output = { stdout: stdout.text(), stderr: stderr.text() }

  const failed = (reason: CommandFailed['reason'], lines: readonly string[] = tail) =>
    err<CommandFailed>({
      kind: 'command-failed',
      argv,
      reason,
      ...(exit.exitCode === undefined ? {} : { exitCode: exit.exitCode }),
      ...(exit.signal === undefined ? {} : { signal: exit.signal }),
      output: lines,
    })
  switch (ending) {
    case 'aborted':
      return err(cancelled)
    case 'timed-out':
      return failed('timed-out')
    case 'too-much-output':
      return failed('failed', [...tail, `ended: more than ${maxBytes / 1024 / 1024} MiB of output`])
    case undefined:
  }
  if (exit.signal !== undefined) return failed('signalled')
  if (exit.exitCode !== undefined) return exit.exitCode === 0 ? ok(output) : failed('exited')
  // The process was never started. ENOENT also stands for a working folder that is not there.
  const { cwd } = options
  if (cwd !== undefined && !(await isFolder(cwd))) return failed('failed', [`not a folder: ${cwd}`])
  return exit.code === 'ENOENT'
    ? failed('not-found')
    : failed('failed', [exit.originalMessage ?? exit.shortMessage ?? ''])
}

function collect(
  stream: NodeJS.ReadableStream,
  {
    onLine,
    onOverflow,
    keep,
  }: {
    readonly onLine: (line: string) => void
    readonly onOverflow: () => void
    readonly keep: boolean
  },
) {
  const chunks: Buffer[] = []
  let bytes = 0
  const lines = new LineSplitter(onLine)
  stream.on('data', (chunk: Buffer) => {
    if (bytes > maxBytes) return
    if (keep) {
      bytes += chunk.length
      if (bytes > maxBytes) return onOverflow()
      chunks.push(chunk)
    }
    lines.write(chunk)
  })
  const closed = new Promise<void>(resolve => {
    stream.once('close', () => {
      lines.end()
      resolve()
    })
  })
  return { closed, text: () => Buffer.concat(chunks).toString('utf8') }
}

async function end(execa: Execa, subprocess: Subprocess, grace: number): Promise<void> {
  const { pid } = subprocess
  if (pid === undefined) return
  if (!isWindows) return endProcessGroup(pid, grace)
  await execa('taskkill', ['/pid', String(pid), '/T', '/F'], { reject: false, windowsHide: true })
}

const isFolder = (path: string) =>
  stat(path).then(
    stats => stats.isDirectory(),
    () => false,
  )
