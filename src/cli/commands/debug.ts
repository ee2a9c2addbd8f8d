import { exitCodes } from '../../core/exit-code.js'
import { localPorts } from '../../core/forwards/local-ports.js'
import type { DebugRuntime } from '../../core/manifest/with-debugger.js'
import type { DebugRefused } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'
import type { StatusReport } from '../../core/status-report.js'
import type { LiveAnswer } from '../../core/why/live-verdict.js'
import { findDebugger } from '../../engine/find-debugger.js'
import type { ExecTarget } from '../../ports/pod-exec.js'
import type { PodForward } from '../../ports/pod-forward.js'
import type { CommandEnd } from '../command-end.js'
import { composeDebug } from '../compose-debug.js'
import type { CommandIo } from '../io.js'
import { type ReachedProject, reachProject, readIntentAnswer } from '../reach-up.js'

export interface DebugOptions {
  readonly file?: string
  readonly service: string
}

/** Milliseconds for which a pod's debugger is taken to be open after it was found so: editors ask for the list of targets each second. */
const FRESH = 3000

/** Opens the debugger of a service in its pod, and a port of this machine that leads to it, until Ctrl-C. */
export async function debug(io: CommandIo, { file, service }: DebugOptions): Promise<CommandEnd> {
  const reached = await reachProject(io, file === undefined ? {} : { file })
  if (!reached.ok) return reached.error
  const { adapters, opened, project, ask } = reached.value
  if (opened.cluster.kind === 'process')
    return refused(
      service,
      'without a cluster its program is a process of this machine, which an editor attaches to by itself',
      'VS Code: "Debug: Attach to Node Process". A JVM listens with env JAVA_TOOL_OPTIONS: "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:5005" in its Deployment.',
    )
  const first = await statusOf(reached.value)
  if (first === undefined)
    return {
      kind: 'not-running',
      message: `no devloop up runs for ${project.name} whose service could be debugged`,
    }
  const abort = new AbortController()
  const interrupted = new Promise<void>(resolve => abort.signal.addEventListener('abort', () => resolve()))
  const off = io.onInterrupt(() => abort.abort())
  const pods = composeDebug(io, { context: opened.cluster.context, runner: adapters.runner })
  let isAsked = false
  try {
    const target = targetIn(first, service)
    if (!target.ok) return target.error
    const found = await findDebugger(pods.exec, target.value, abort.signal)
    if (abort.signal.aborted) return exitCodes.interrupted
    if (!found.ok) return refused(service, found.error)
    const { runtime } = found.value
    const intent = { type: runtime === 'node' ? 'debug-node' : 'debug-jvm', service } as const
    const answer = readIntentAnswer(await ask({ type: 'intent', intent }))
    if (answer?.ok !== true) return refused(service, answer?.message ?? 'the devloop up that was asked ended')
    isAsked = true
    const live = (await ask(
      { type: 'wait', services: [service] },
      { patience: undefined, signal: abort.signal },
    )) as LiveAnswer | undefined
    if (abort.signal.aborted) return exitCodes.interrupted
    if (live?.kind === 'failed' && live.causes[0] !== undefined) return live.causes[0].problem
    if (live?.kind !== 'live') return refused(service, 'it does not become live')
    const forward = freshForward(pods.forward, async () => {
      const status = await statusOf(reached.value)
      const now = status === undefined ? undefined : targetIn(status, service)
      if (now?.ok !== true) return undefined
      const there = runtime === 'jvm' ? found : await findDebugger(pods.exec, now.value, abort.signal)
      return there.ok ? { ...now.value, port: there.value.port } : undefined
    })
    const listening = await adapters.localForwards.open({
      target: `the debugger of ${service}`,
      address: undefined,
      ports: localPorts(
        { id: `${project.name}/debug/${service}`, number: found.value.port, local: undefined },
        { remembered: undefined, reserved: new Set() },
      ),
      backend: {
        ready: [{ uid: '', namespace: '', pod: service, port: found.value.port }],
        coming: false,
        notes: [],
      },
      forward,
      onRefused: () => io.stderr.write(`devloop: ${service}: no pod of it took the connection\n`),
    })
    if (!listening.ok) return listening.error
    io.stdout.write(howTo(service, runtime, listening.value.port))
    await interrupted
    await listening.value.close()
    return exitCodes.ok
  } finally {
    off()
    if (isAsked) await takeBack(io, reached.value, service)
    pods.close()
  }
}

async function takeBack(io: CommandIo, { ask }: ReachedProject, service: string): Promise<void> {
  const answer = readIntentAnswer(await ask({ type: 'intent', intent: { type: 'debug-off', service } }))
  io.stdout.write(
    answer === undefined
      ? `${service}: devloop up has ended; the next one makes it as its manifests say\n`
      : `${service}: ${answer.message}\n`,
  )
}

async function statusOf({ ask }: ReachedProject): Promise<StatusReport | undefined> {
  return (await ask({ type: 'status' })) as StatusReport | undefined
}

/** The service's own container in its newest pod that runs, a ready one first. */
function targetIn({ services }: StatusReport, service: string): Result<ExecTarget, DebugRefused> {
  const found = services.find(({ name }) => name === service)
  if (found === undefined)
    return err(
      refused(
        service,
        `devloop up has no such service`,
        `It has: ${services.map(({ name }) => name).join(', ')}.`,
      ),
    )
  const [pod] = found.pods
    .filter(({ status, deleting, container }) => status === 'Running' && !deleting && container !== undefined)
    .toSorted((a, b) =>
      isReady(a.ready) === isReady(b.ready)
        ? a.createdAt < b.createdAt
          ? 1
          : -1
        : isReady(a.ready)
          ? -1
          : 1,
    )
  return pod?.container === undefined
    ? err(refused(service, 'no pod of it runs', 'Wait for it to be live: "devloop wait --live".'))
    : ok({ namespace: pod.namespace, pod: pod.name, container: pod.container })
}

function isReady(ready: string): boolean {
  const [now, all] = ready.split('/')
  return now === all
}

const refused = (service: string, message: string, hint?: string): DebugRefused => ({
  kind: 'debug-refused',
  service,
  message,
  ...(hint === undefined ? {} : { hint }),
})

/** Connects to the debugger of whatever pod the service has at the moment. */
function freshForward(
  forward: PodForward,
  find: () => Promise<Parameters<PodForward['open']>[0] | undefined>,
): PodForward {
  let last: { readonly at: number; readonly target: Parameters<PodForward['open']>[0] } | undefined
  return {
    open: async (_, signal) => {
      if (last === undefined || Date.now() - last.at > FRESH) {
        const target = await find()
        last = target === undefined ? undefined : { at: Date.now(), target }
      }
      if (last === undefined) return err({ kind: 'forward-refused', message: 'no pod with a debugger' })
      const { namespace, pod, port } = last.target
      const opened = await forward.open({ namespace, pod, port }, signal)
      if (!opened.ok) last = undefined
      return opened
    },
  }
}

function howTo(service: string, runtime: DebugRuntime, port: number): string {
  const launch =
    runtime === 'node'
      ? {
          type: 'node',
          request: 'attach',
          name: `${service} (devloop)`,
          address: '127.0.0.1',
          port,
          restart: true,
          localRoot: `\${workspaceFolder}/${service}`,
          remoteRoot: '/app',
        }
      : { type: 'java', request: 'attach', name: `${service} (devloop)`, hostName: '127.0.0.1', port }
  const others =
    runtime === 'node'
      ? `Chrome: chrome://inspect, "Configure…", 127.0.0.1:${port}`
      : `IntelliJ: Run, Edit Configurations, Remote JVM Debug, host 127.0.0.1, port ${port}`
  return `${service}: its debugger (${runtime === 'node' ? 'Node' : 'JVM'}) listens at 127.0.0.1:${port}, until Ctrl-C\nVS Code, in launch.json: ${JSON.stringify(launch)}\n${others}\n`
}
