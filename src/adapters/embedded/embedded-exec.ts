import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { type CommandFailed, cancelled } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ExecOptions, ExecSink, PodExec } from '../../ports/pod-exec.js'
import { MARK } from '../process/marked-processes.js'
import { endProcessGroup } from '../process/process-group.js'
import type { ProcessNode } from './process-node.js'

/** Milliseconds that a command has to end once nobody wants it any more. */
const GRACE = 1000

/**
 * Runs commands as a container's program runs: on this machine, in its folder and with its variables. A terminal is not made: a program that asks for one is
 * told that it has none.
 */
export function createEmbeddedExec(node: Pick<ProcessNode, 'runOf'>, platform: NodeJS.Platform): PodExec {
  return {
    async exec({ namespace, pod, container }, argv, options = {}) {
      const [file = '', ...args] = argv
      const failed = (reason: CommandFailed['reason'], message: string) =>
        err<CommandFailed>({ kind: 'command-failed', argv: [file], reason, output: [message] })
      if (options.signal?.aborted === true) return err(cancelled)
      const prepared = node.runOf(namespace, pod)?.preparedOf(container)
      if (prepared === undefined)
        return failed('failed', `the container ${container} of pod ${pod} does not run`)
      const child = spawn(file, args, {
        cwd: prepared.cwd,
        // As in a container, it ends with it where it does not end before, also when this process was killed.
        env: { ...prepared.env, [MARK]: prepared.mark },
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: platform !== 'win32',
        windowsHide: true,
      })
      const failure = await new Promise<NodeJS.ErrnoException | undefined>(resolve => {
        child.once('spawn', () => resolve(undefined))
        child.once('error', resolve)
      })
      if (failure !== undefined)
        return failed(failure.code === 'ENOENT' ? 'not-found' : 'failed', failure.message)
      return follow(child, options)
    },
  }
}

async function follow(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  { stdin, onStdout, onStderr, tty, signal }: ExecOptions,
): Promise<Result<{ readonly exitCode: number }, typeof cancelled>> {
  const { pid } = child
  const abort = (): void => {
    if (pid !== undefined) void endProcessGroup(pid, GRACE)
  }
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted === true) abort()
  child.stdin.on('error', () => {})
  const ended = new Promise<number>(resolve => {
    child.once('close', (code, by) => resolve(by === null ? (code ?? 0) : 128 + constants.signals[by]))
  })
  // What is left of the input when the program ends is not read.
  void feed(child.stdin, stdin)
  await Promise.all([
    drain(child.stdout, onStdout),
    drain(child.stderr, tty === undefined ? onStderr : onStdout),
  ])
  const exitCode = await ended
  signal?.removeEventListener('abort', abort)
  return signal?.aborted === true ? err(cancelled) : ok({ exitCode })
}

async function feed(into: Writable, input: ExecOptions['stdin']): Promise<void> {
  if (input !== undefined) {
    for await (const chunk of input) {
      if (into.destroyed) return
      if (!into.write(chunk))
        await new Promise<void>(resolve => into.once('drain', resolve).once('close', resolve))
    }
  }
  into.end()
}

async function drain(from: Readable, sink: ExecSink | undefined): Promise<void> {
  for await (const chunk of from as AsyncIterable<Uint8Array>) await sink?.(chunk)
}
