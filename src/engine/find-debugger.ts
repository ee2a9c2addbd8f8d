import { openInspector, readInspector } from '../core/debug-node.js'
import { type DebugRuntime, JVM_PORT } from '../core/manifest/with-debugger.js'
import { err, ok, type Result } from '../core/result.js'
import type { ExecTarget, PodExec } from '../ports/pod-exec.js'

export interface FoundDebugger {
  readonly runtime: DebugRuntime
  /** Where it listens, or will, within the pod. */
  readonly port: number
}

/** Finds out what a container runs. Of Node the inspector is open when this resolves. The error is the end of a sentence about the service. */
export async function findDebugger(
  exec: PodExec,
  target: ExecTarget,
  signal: AbortSignal,
): Promise<Result<FoundDebugger, string>> {
  const chunks: Uint8Array[] = []
  const node = await exec.exec(target, openInspector, { onStdout: chunk => void chunks.push(chunk), signal })
  if (node.ok) {
    const inspector = readInspector(Buffer.concat(chunks).toString('utf8'))
    if (inspector.kind === 'open') return ok({ runtime: 'node', port: inspector.port })
    if (inspector.kind === 'failed') return err(inspector.message)
  } else if (node.error.kind !== 'command-failed') return err('its pod cannot be reached')
  const java = await exec.exec(target, ['java', '-version'], { signal })
  return java.ok && java.value.exitCode === 0
    ? ok({ runtime: 'jvm', port: JVM_PORT })
    : err(`container ${target.container} runs neither Node nor a JVM that its PATH finds`)
}
