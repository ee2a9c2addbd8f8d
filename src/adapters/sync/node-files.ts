import type Docker from 'dockerode'
import { cancelled } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type {
  ContainerFiles,
  FileChange,
  RestartOptions,
  SyncProblem,
  SyncTarget,
  Written,
} from '../../ports/file-sync.js'
import { type NodeShell, openNodeShell } from '../node-shell/node-shell.js'
import { FileShrankError } from './archive.js'
import { type Answer, parseAnswer, restartRequest, writeRequest } from './request.js'
import { WRITE_SCRIPT } from './write-script.js'

const SCRIPT = { text: WRITE_SCRIPT, args: ['node'], mark: '\n' } as const

/** The way through the nodes. A way that is not there says why, once and for all containers of the node. */
export interface NodeFiles {
  prepare(node: string): Promise<void>
  write(...args: Parameters<ContainerFiles['write']>): Promise<Result<Written, SyncProblem> | NoWay>
  restart(
    ...args: Parameters<ContainerFiles['restart']>
  ): Promise<Result<{ readonly listens: boolean }, SyncProblem> | NoWay>
  close(): void
}

export interface NoWay {
  readonly noWay: string
}

/** The nodes of kind, k3d and minikube's Docker driver are containers of the engine, named like the cluster's nodes. */
export function createNodeFiles(docker: () => Promise<Docker>): NodeFiles {
  // A request that waits for a process to listen again must not hold up others: each has a shell to itself, and a shell that is idle is taken first.
  const idle = new Map<string, NodeShell[]>()
  const open = new Set<NodeShell>()
  const noWays = new Map<string, string>()
  let isClosed = false

  const take = async (node: string): Promise<NodeShell> => {
    const known = idle.get(node) ?? []
    for (let shell = known.pop(); shell !== undefined; shell = known.pop()) if (!shell.closed) return shell
    const shell = await openNodeShell(await docker(), node, SCRIPT)
    // One that comes after the end would keep this process.
    if (isClosed) shell.close()
    open.add(shell)
    return shell
  }
  const giveBack = (node: string, shell: NodeShell): void => {
    if (shell.closed) open.delete(shell)
    else idle.set(node, [...(idle.get(node) ?? []), shell])
  }

  /** Rejects with why there is no way through the node, which is kept. */
  const takeOrNote = async (node: string): Promise<NodeShell> => {
    try {
      return await take(node)
    } catch (error) {
      noWays.set(node, error instanceof Error ? error.message : String(error))
      throw error
    }
  }

  const ask = async (
    { node }: SyncTarget,
    request: () => AsyncIterable<Uint8Array | string>,
    signal: AbortSignal,
  ): Promise<Answer | NoWay> => {
    if (node === undefined) return { noWay: 'the pod is on no node yet' }
    const noWay = noWays.get(node)
    if (noWay !== undefined) return { noWay }
    let shell: NodeShell
    try {
      shell = await takeOrNote(node)
    } catch {
      return { noWay: noWays.get(node) ?? '' }
    }
    const abort = (): void => shell.close()
    signal.addEventListener('abort', abort, { once: true })
    try {
      if (signal.aborted) return { kind: 'failed', problem: cancelled }
      const answer = parseAnswer(await shell.ask(request()))
      if (answer.kind === 'unknown') noWays.set(node, 'its container runtime is not containerd')
      return answer.kind === 'unknown' ? { noWay: noWays.get(node) ?? '' } : answer
    } catch (error) {
      shell.close()
      if (signal.aborted || error instanceof FileShrankError) return { kind: 'failed', problem: cancelled }
      const message = error instanceof Error ? error.message : String(error)
      return { kind: 'failed', problem: { kind: 'sync-refused', message } }
    } finally {
      signal.removeEventListener('abort', abort)
      giveBack(node, shell)
    }
  }

  return {
    async prepare(node) {
      if (noWays.has(node) || (idle.get(node)?.length ?? 0) > 0) return
      await takeOrNote(node).then(
        shell => giveBack(node, shell),
        () => {},
      )
    },
    async write(target: SyncTarget, changes: readonly FileChange[], signal: AbortSignal) {
      const request = await writeRequest(target.containerId, changes)
      if (!request.ok) return request
      const answer = await ask(target, () => request.value.send(), signal)
      if ('noWay' in answer) return answer
      return answer.kind === 'failed'
        ? err(answer.problem)
        : ok({ bytes: request.value.bytes, way: 'node' as const })
    },
    async restart(target: SyncTarget, options: RestartOptions) {
      const answer = await ask(
        target,
        () => once(restartRequest(target.containerId, options)),
        options.signal,
      )
      if ('noWay' in answer) return answer
      if (answer.kind === 'failed') return err(answer.problem)
      return ok({ listens: answer.kind === 'done' && answer.detail !== 'silent' })
    },
    close: () => {
      isClosed = true
      for (const shell of open) shell.close()
      open.clear()
    },
  }
}

async function* once(text: string): AsyncGenerator<string> {
  yield text
}
