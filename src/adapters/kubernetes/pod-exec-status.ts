import type { CommandFailed } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { ExecTarget } from '../../ports/pod-exec.js'
import { type ApiStatus, parseStatus } from './api-status.js'

/** What the kubelet says at the end of a program, on the stream of errors: its exit code, or why there is none. */
export function execEnd(
  argv: readonly string[],
  target: ExecTarget,
  text: string,
): Result<{ readonly exitCode: number }, CommandFailed> {
  const status = parseEnd(text)
  if (status?.status === 'Success') return ok({ exitCode: 0 })
  const code = status?.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message
  const message = status?.message ?? text.trim()
  // Some runtimes give a program that is not there the code of a shell, 127.
  if (code !== undefined && !isMissing(message)) return ok({ exitCode: Number(code) })
  return err(notStarted(argv, target, message))
}

/** The answer of an API server that did not start the program. */
export function execRefusal(
  argv: readonly string[],
  target: ExecTarget,
  { status, body }: { readonly status: number; readonly body: string },
): CommandFailed {
  const said = parseStatus(body)?.message ?? (body.trim() || `the API server answered ${status}`)
  const where = `${target.namespace}/${target.pod}`
  switch (status) {
    case 403:
      return execFailed(argv, `You may not run programs in pod ${where}: ${said}`)
    case 404:
      return execFailed(argv, `There is no pod ${where}.`)
    default:
      return notStarted(argv, target, said)
  }
}

function notStarted(argv: readonly string[], target: ExecTarget, message: string): CommandFailed {
  if (isMissing(message)) return execFailed(argv, message, 'not-found')
  if (!/container not found|is not valid for pod/.test(message)) return execFailed(argv, message)
  const { namespace, pod, container } = target
  return execFailed(argv, `The container ${container} of pod ${namespace}/${pod} does not run: ${message}`)
}

/** The same object as an API server's refusal, without its kind. */
function parseEnd(text: string): (ApiStatus & { readonly status?: string }) | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    // A runtime's words as they are.
    return undefined
  }
}

export function execFailed(
  argv: readonly string[],
  message: string,
  reason: CommandFailed['reason'] = 'failed',
): CommandFailed {
  return { kind: 'command-failed', argv, reason, output: [message] }
}

/** The words of runc and crun. The container's own programs may write such words too, but not to this stream. */
function isMissing(message: string): boolean {
  return /executable file (?:`[^`]*` )?not found|exec: "[^"]*": stat [^:]*: no such file or directory|exec failed.*no such file or directory/.test(
    message,
  )
}
