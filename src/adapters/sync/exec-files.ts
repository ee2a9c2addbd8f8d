import type { CommandFailed } from '../../core/problem.js'
import { cancelled } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ContainerFiles, SyncProblem, SyncTarget } from '../../ports/file-sync.js'
import type { ExecProblem, PodExec } from '../../ports/pod-exec.js'
import { FileShrankError } from './archive.js'
import { parseAnswer, restartRequest, writeRequest } from './request.js'
import { WRITE_SCRIPT } from './write-script.js'

/** The way by programs in the container: for every cluster, where the image has a shell and the usual tools. */
export function createExecFiles(exec: PodExec): Omit<ContainerFiles, 'close'> {
  const ask = async (
    target: SyncTarget,
    stdin: AsyncIterable<Uint8Array | string>,
    signal: AbortSignal,
  ): Promise<Result<string, SyncProblem>> => {
    let said = ''
    let complaint = ''
    try {
      const ended = await exec.exec(target, ['sh', '-c', WRITE_SCRIPT, 'sh', 'self'], {
        stdin,
        onStdout: chunk => {
          said += Buffer.from(chunk).toString()
        },
        onStderr: chunk => {
          complaint = `${complaint}${Buffer.from(chunk)}`.slice(-400)
        },
        signal,
      })
      if (!ended.ok) return err(problemOf(ended.error))
    } catch (error) {
      if (signal.aborted || error instanceof FileShrankError) return err(cancelled)
      throw error
    }
    const answer = parseAnswer(
      said.split('\n')[1] ?? `refused the container's shell said: ${complaint.trim()}`,
    )
    if (answer.kind === 'done') return ok(answer.detail)
    return err(answer.kind === 'failed' ? answer.problem : { kind: 'container-gone' })
  }
  return {
    async write(target, changes, signal) {
      const request = await writeRequest(target.containerId, changes)
      if (!request.ok) return request
      const answer = await ask(target, request.value.send(), signal)
      return answer.ok ? ok({ bytes: request.value.bytes, way: 'exec' }) : answer
    },
    async restart(target, options) {
      const text = restartRequest(target.containerId, options)
      const answer = await ask(target, once(text), options.signal)
      return answer.ok ? ok({ listens: answer.value !== 'silent' }) : answer
    },
    async run(target, argv, { onLine, signal }) {
      const last: string[] = []
      let rest = ''
      const take = (chunk: Uint8Array): void => {
        const lines = `${rest}${Buffer.from(chunk)}`.split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          onLine(line)
          last.push(line)
          if (last.length > LAST_LINES) last.shift()
        }
      }
      const ended = await exec.exec(target, argv, { onStdout: take, onStderr: take, signal })
      if (rest !== '') take(Buffer.from('\n'))
      if (!ended.ok)
        return err(
          ended.error.kind === 'command-failed' ? ended.error : (problemOf(ended.error) as SyncProblem),
        )
      if (ended.value.exitCode === 0) return ok(undefined)
      return err<CommandFailed>({
        kind: 'command-failed',
        argv,
        exitCode: ended.value.exitCode,
        reason: 'exited',
        output: last,
      })
    },
  }
}

const LAST_LINES = 12

function problemOf(problem: ExecProblem): SyncProblem {
  switch (problem.kind) {
    case 'cancelled':
      return problem
    case 'cluster-unreachable':
      return { kind: 'sync-refused', message: problem.message }
    case 'command-failed':
      return {
        kind: 'sync-refused',
        message:
          problem.reason === 'not-found'
            ? 'the container has no shell to write files with'
            : problem.output.join(' ') || 'the program that writes files did not run',
      }
  }
}

async function* once(text: string): AsyncGenerator<string> {
  yield text
}
