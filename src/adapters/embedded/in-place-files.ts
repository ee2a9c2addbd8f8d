import { createLineReader } from '../../core/logs/line-reader.js'
import { err, ok } from '../../core/result.js'
import type { ContainerFiles } from '../../ports/file-sync.js'
import type { PodExec } from '../../ports/pod-exec.js'

/** Files of processes that run where they are written: a change is in place as soon as it is saved, and the program's own watcher sees it. */
export function createInPlaceFiles(exec: PodExec): ContainerFiles {
  return {
    write: async () => ok({ bytes: 0, way: 'node' }),
    // Rules that restart build: that is the restart here, see `programs`, which an embedded cluster has not.
    restart: async () => err({ kind: 'sync-refused', message: 'a process is restarted as a whole' }),
    run: async (target, argv, { onLine, signal }) => {
      const reader = createLineReader()
      const tail: string[] = []
      const take = (line: string): void => {
        tail.push(line)
        onLine(line)
      }
      const onOutput = (chunk: Uint8Array): void => {
        for (const line of reader.read(chunk)) take(line)
      }
      const ran = await exec.exec(target, argv, { onStdout: onOutput, onStderr: onOutput, signal })
      const rest = reader.rest()
      if (rest !== undefined) take(rest)
      if (!ran.ok)
        return ran.error.kind === 'cluster-unreachable' ? err({ kind: 'container-gone' }) : err(ran.error)
      const { exitCode } = ran.value
      if (exitCode === 0) return ok(undefined)
      return err({ kind: 'command-failed', argv, reason: 'exited', exitCode, output: tail.slice(-50) })
    },
    close: async () => {},
  }
}
