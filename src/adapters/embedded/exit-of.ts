import { randomUUID } from 'node:crypto'
import type { NodeTools } from './node-tools.js'
import type { PreparedRun } from './prepare-container.js'

/** Lines of a probe's output that are kept. */
const LINES = 20
/** Milliseconds that a command has to end when it is no longer wanted. */
const GRACE = 1000

/** Runs a command as one of the container's, to its end; no longer than the signal lets it. */
export async function exitOf(
  { processes }: Pick<NodeTools, 'processes'>,
  {
    prepared,
    argv,
    signal,
  }: { readonly prepared: PreparedRun; readonly argv: readonly string[]; readonly signal: AbortSignal },
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const lines: string[] = []
  const begun = await processes.start({
    argv,
    cwd: prepared.cwd,
    env: prepared.env,
    mark: `${prepared.mark}/${randomUUID()}`,
    isBrief: true,
    onLine: line => {
      if (lines.length < LINES) lines.push(line)
    },
  })
  if (!begun.ok) return { exitCode: 126, output: begun.error }
  const stop = (): void => void begun.value.end(GRACE, 'SIGTERM')
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  const { exitCode } = await begun.value.ended
  signal.removeEventListener('abort', stop)
  return { exitCode, output: lines.join('\n') }
}
