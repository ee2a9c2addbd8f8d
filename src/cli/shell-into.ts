import { appContainerOf } from '../core/app-container.js'
import { explain } from '../core/explain.js'
import { workloadOfPod } from '../core/pod-owner.js'
import type { ObservedPod } from '../core/rollout-observation.js'
import type { State } from '../core/state.js'
import type { ExecProblem, ExecTarget, PodExec } from '../ports/pod-exec.js'
import type { TerminalIo } from './io.js'

/** Where a shell of a service opens: its own container in the newest pod that runs, a ready one first. */
export function shellTarget(state: State, service: string): ExecTarget | undefined {
  const pods = Object.values(state.observed.pods)
    .filter(pod => isRunning(pod) && isOf(state, pod, service))
    .sort((a, b) => Number(b.ready) - Number(a.ready) || (a.createdAt < b.createdAt ? 1 : -1))
  for (const pod of pods) {
    const container = appContainerOf(state, pod, service)
    if (container !== undefined) return { namespace: pod.namespace, pod: pod.name, container }
  }
  return undefined
}

const isRunning = ({ phase, deleting }: ObservedPod): boolean => phase === 'Running' && !deleting

function isOf(state: State, pod: ObservedPod, service: string): boolean {
  const key = workloadOfPod(state, pod)
  return key !== undefined && state.objects[key]?.linked.services.includes(service) === true
}

/** The best shell that the image has, in one go where there is a shell to look for it. */
const SHELLS = [['sh', '-c', 'command -v bash >/dev/null 2>&1 && exec bash; exec sh'], ['bash']] as const

/** Runs a shell with the person's terminal until it ends; the terminal must not be anybody else's meanwhile. */
export async function shellInto(
  { stdin, stdout }: TerminalIo,
  exec: PodExec,
  target: ExecTarget,
): Promise<{ readonly ok: boolean; readonly message: string }> {
  stdout.write(`a shell in ${target.pod}, container ${target.container}; "exit" comes back\n`)
  stdin.setRawMode(true)
  const open = async (argv: readonly string[]) => {
    const input = keysOf(stdin)
    try {
      return await exec.exec(target, argv, {
        stdin: input.keys,
        onStdout: chunk => void stdout.write(chunk),
        tty: {
          columns: stdout.columns,
          rows: stdout.rows,
          onResize: listener => {
            const tell = () => listener({ columns: stdout.columns, rows: stdout.rows })
            stdout.on('resize', tell)
            return () => stdout.off('resize', tell)
          },
        },
      })
    } finally {
      input.end()
    }
  }
  try {
    for (const argv of SHELLS) {
      const ended = await open(argv)
      if (ended.ok) return { ok: true, message: '' }
      if (ended.error.kind === 'command-failed' && ended.error.reason === 'not-found') continue
      return { ok: false, message: `no shell in ${target.pod}: ${whyOf(ended.error)}` }
    }
    const message = `no shell in ${target.pod}: the image of container ${target.container} has neither sh nor bash`
    return { ok: false, message }
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
  }
}

function whyOf(problem: ExecProblem): string {
  return problem.kind === 'command-failed' ? problem.output.join(' ') : explain(problem).title
}

/** What is typed, until `end`: a stream's own iteration would close the terminal with it. */
function keysOf(stdin: NodeJS.ReadStream): { readonly keys: AsyncIterable<Uint8Array>; end(): void } {
  const chunks: Uint8Array[] = []
  let wake = (): void => {}
  let isOver = false
  const onData = (chunk: Uint8Array): void => {
    chunks.push(Buffer.from(chunk))
    wake()
  }
  stdin.on('data', onData)
  stdin.resume()
  return {
    keys: (async function* () {
      for (;;) {
        for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) yield chunk
        if (isOver) return
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    })(),
    end: () => {
      isOver = true
      stdin.off('data', onData)
      wake()
    },
  }
}
