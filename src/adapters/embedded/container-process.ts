import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { createLineReader } from '../../core/logs/line-reader.js'
import { err, ok, type Result } from '../../core/result.js'
import type { Slices } from '../logs/slices.js'
import { endMarked, killMarked, MARK } from '../process/marked-processes.js'
import { endProcessGroup, signalGroup } from '../process/process-group.js'

/** Milliseconds that output may come after a process has ended, from one that left its group and holds the pipe. */
const DRAIN = 250

export interface ProcessEnd {
  /** 128 and the signal's number where a signal ended it, as a container's runtime says. */
  readonly exitCode: number
  readonly signal?: number
}

export interface ContainerProcess {
  readonly pid: number
  /** Resolves when the process has ended, what it started with it, and its output was read to the end. */
  readonly ended: Promise<ProcessEnd>
  /** Ends it with the signal, and after so many milliseconds with SIGKILL. Resolves with `ended`. */
  end(grace: number, signal: NodeJS.Signals): Promise<ProcessEnd>
}

export interface ProcessSpec {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Of this run alone: tells what it started from all else, also what left its process group. */
  readonly mark: string
  readonly onLine: (line: string) => void
  /** It ends soon by itself, and is not noted for the next command. */
  readonly isBrief?: true
}

/** Starts the processes of an embedded cluster; what still runs when this process exits is killed. */
export interface ProcessStarter {
  /** Fails with what a container runtime would say. */
  start(spec: ProcessSpec): Promise<Result<ContainerProcess, string>>
}

export function createProcessStarter(options: {
  readonly platform: NodeJS.Platform
  readonly slices: Slices
  /** Notes the group, by its leader's pid, and the mark, so that the next command ends what carries it should this one be killed. */
  readonly register: (pid: number, mark: string) => Promise<unknown>
}): ProcessStarter {
  /** The marks, by the leaders' pids. */
  const running = new Map<number, string>()
  const killAll = (): void => {
    for (const pid of running.keys()) killTree(pid, options.platform)
    killMarked([...running.values()], options.platform)
  }
  return {
    async start(spec) {
      const [file = '', ...args] = spec.argv
      const child = spawn(file, args, {
        cwd: spec.cwd,
        env: { ...spec.env, [MARK]: spec.mark },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: options.platform !== 'win32',
        windowsHide: true,
      })
      const failure = await new Promise<NodeJS.ErrnoException | undefined>(resolve => {
        child.once('spawn', () => resolve(undefined))
        child.once('error', resolve)
      })
      const { pid } = child
      if (failure !== undefined || pid === undefined) return err(await startFailure(file, spec.cwd, failure))
      // Errors after this come of signals that could not be sent, to what is gone.
      child.on('error', () => {})
      if (running.size === 0) process.on('exit', killAll)
      running.set(pid, spec.mark)
      const registered = spec.isBrief === true ? undefined : options.register(pid, spec.mark)

      const outputs = [child.stdout, child.stderr].map(stream => read(stream, options.slices, spec.onLine))
      const ended = (async (): Promise<ProcessEnd> => {
        const end = await new Promise<ProcessEnd>(resolve => {
          child.once('exit', (code, signal) => resolve(endOf(code, signal)))
        })
        // As with the first process of a container, all that it started ends with it.
        signalGroup(pid, 'SIGKILL')
        await endMarked([spec.mark], options.platform)
        const drained = setTimeout(() => {
          child.stdout.destroy()
          child.stderr.destroy()
        }, DRAIN)
        await Promise.all(outputs)
        clearTimeout(drained)
        await registered
        if (running.delete(pid) && running.size === 0) process.off('exit', killAll)
        return end
      })()
      let ending: Promise<void> | undefined
      return ok({
        pid,
        ended,
        end: async (grace, signal) => {
          ending ??= options.platform === 'win32' ? endTree(pid) : endProcessGroup(pid, grace, signal)
          await ending
          return ended
        },
      })
    },
  }
}

function endOf(code: number | null, signal: NodeJS.Signals | null): ProcessEnd {
  if (signal === null) return { exitCode: code ?? 0 }
  const number = constants.signals[signal]
  return { exitCode: 128 + number, signal: number }
}

async function read(
  stream: NodeJS.ReadableStream,
  slices: Slices,
  onLine: (line: string) => void,
): Promise<void> {
  const reader = createLineReader()
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>)
      await slices.run(() => {
        for (const line of reader.read(chunk)) onLine(line)
      })
  } catch {
    // Cut off: what came before counts.
  }
  const rest = reader.rest()
  if (rest !== undefined) onLine(rest)
}

/** In the words of runc, which the rollout's judge and people know. ENOENT also stands for a folder that is not there. */
async function startFailure(
  file: string,
  cwd: string,
  error: NodeJS.ErrnoException | undefined,
): Promise<string> {
  const isFolder = await stat(cwd).then(
    stats => stats.isDirectory(),
    () => false,
  )
  if (!isFolder) return `chdir to cwd ("${cwd}") failed: no such file or directory`
  switch (error?.code) {
    case 'ENOENT':
      return file.includes('/')
        ? `exec: "${file}": stat ${file}: no such file or directory`
        : `exec: "${file}": executable file not found in $PATH`
    case 'EACCES':
      return `exec: "${file}": permission denied`
    default:
      return `exec: "${file}": ${error?.message ?? 'it could not be started'}`
  }
}

function killTree(pid: number, platform: NodeJS.Platform): void {
  if (platform !== 'win32') signalGroup(pid, 'SIGKILL')
  else process.kill(pid)
}

function endTree(pid: number): Promise<void> {
  return new Promise(resolve => {
    const killer = spawn('taskkill', ['/pid', String(pid), '/T', '/F'], {
      stdio: 'ignore',
      windowsHide: true,
    })
    killer.once('error', () => resolve())
    killer.once('exit', () => resolve())
  })
}
