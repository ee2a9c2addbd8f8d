import type { ContainerStateJson, ContainerStatus, Terminated } from '../../core/embedded/pod-status.js'
import { probeOf } from '../../core/embedded/probe-spec.js'
import { countEnd, restartDelay, restarts } from '../../core/embedded/restart-delay.js'
import type { KubeObject } from '../../core/kube-object.js'
import { fieldsOf, itemsOf, stringOf, valueAt } from '../../core/manifest/fields.js'
import { err } from '../../core/result.js'
import { sleep } from '../../ports/sleep.js'
import { createContainerHooks } from './container-hooks.js'
import { runProbes } from './container-probes.js'
import type { ContainerProcess, ProcessEnd } from './container-process.js'
import type { NodeTools } from './node-tools.js'
import type { PodPorts } from './pod-ports.js'
import { type Prepared, type PreparedRun, prepareContainer } from './prepare-container.js'

export interface ContainerRunOptions {
  readonly tools: NodeTools
  /** As it is now: other containers change its status. */
  readonly pod: () => KubeObject
  readonly spec: Readonly<Record<string, unknown>>
  readonly ports: PodPorts
  /** `Always`, `OnFailure` or `Never`. */
  readonly policy: string
  readonly onChange: () => void
  readonly onEvent: (type: 'Normal' | 'Warning', reason: string, message: string) => void
}

/** One container of a pod, over all its restarts. */
export interface ContainerRun {
  readonly name: string
  status(): ContainerStatus
  /** Whether it will not run again. */
  isOver(): boolean
  /** Resolves when it will not run again. */
  readonly over: Promise<void>
  /** Resolves when its startup is done, or it is over. */
  readonly started: Promise<void>
  /** What it runs as; undefined while it does not run. */
  prepared(): PreparedRun | undefined
  /** Ends it for good: SIGTERM, and after so many milliseconds SIGKILL. */
  stop(grace: number): Promise<void>
}

/**
 *   waiting ──► running ──► terminated ──► waiting (back-off) ──► running …
 *      │                        └─► over, as the restart policy says
 *      └─► stays: no command for the image, or its configuration cannot be read
 */
export function runContainer(options: ContainerRunOptions): ContainerRun {
  const { tools, pod, spec, ports, policy, onChange, onEvent } = options
  const { clock, logs, processes } = tools
  const name = stringOf(spec.name) ?? ''
  const image = stringOf(spec.image) ?? ''
  const uid = pod().metadata.uid ?? ''
  const stopped = new AbortController()
  const { signal } = stopped
  const hasStartup = probeOf(spec, 'startupProbe') !== undefined

  let state: ContainerStateJson = { waiting: { reason: 'ContainerCreating' } }
  let last: Terminated | undefined
  let restartCount = 0
  let containerID: string | undefined
  let isReady = false
  let isStarted = false
  let isOver = false
  let prepared: PreparedRun | undefined
  let current: ContainerProcess | undefined
  let grace = 0
  let resolveStarted = (): void => {}
  const started = new Promise<void>(resolve => {
    resolveStarted = resolve
  })

  const show = (next: ContainerStateJson): void => {
    state = next
    onChange()
  }
  const waiting = (reason: string, message: string): void => show({ waiting: { reason, message } })
  const time = (): string => new Date(clock.now()).toISOString()

  const terminated = (
    { exitCode, signal: number }: ProcessEnd,
    startedAt: string,
    more: { readonly reason?: string; readonly message?: string } = {},
  ): Terminated => ({
    exitCode,
    ...(number === undefined ? {} : { signal: number }),
    reason: more.reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
    ...(more.message === undefined ? {} : { message: more.message }),
    startedAt,
    finishedAt: time(),
    ...(containerID === undefined ? {} : { containerID }),
  })

  /** Waits until the container's configuration can be read; undefined where it was stopped before. */
  const prepare = async (): Promise<Prepared | undefined> => {
    while (!signal.aborted) {
      const ready = await prepareContainer(tools, { pod: pod(), spec, ports })
      if (signal.aborted) return undefined
      if (ready.ok) return ready.value
      waiting(ready.error.reason, ready.error.message)
      await changed(tools, signal)
    }
    return undefined
  }

  const runOnce = async (): Promise<Terminated | undefined> => {
    const ready = await prepare()
    if (ready === undefined) return undefined
    const mark = `${uid}/${name}/${restartCount}`
    const run = { ...ready, mark }
    prepared = run
    containerID = `process://${mark}`
    const log = logs.open({ podUid: uid, container: name, restarts: restartCount })
    for (const line of ready.notes) log.line(`devloop: ${line}`)
    const startedAt = time()
    // Asked first: what Node says of a file that is not there does not tell which RUN would have made it.
    const missing = await tools.missingProgram(image, ready)
    const begun =
      missing === undefined ? await processes.start({ ...run, onLine: line => log.line(line) }) : err(missing)
    if (!begun.ok) {
      log.line(`devloop: ${begun.error}`)
      log.end()
      return terminated({ exitCode: 128 }, startedAt, { reason: 'StartError', message: begun.error })
    }
    current = begun.value
    const { pid, ended } = begun.value
    const running = new AbortController()
    const hooks = createContainerHooks({ tools, spec, prepared: run, ports, signal: running.signal })
    if (signal.aborted) void hooks.end(begun.value, grace)
    isStarted = !hasStartup
    show({ running: { startedAt } })
    if (isStarted) resolveStarted()
    void hooks.postStart().then(failure => {
      if (failure !== undefined) onEvent('Warning', 'FailedPostStartHook', failure)
    })
    ports.watch(pid, running.signal)
    let why: string | undefined
    runProbes({
      tools,
      spec,
      ports,
      run: hooks.run,
      signal: running.signal,
      onStarted: () => {
        isStarted = true
        resolveStarted()
        onChange()
      },
      onReady: now => {
        if (isReady === now) return
        isReady = now
        onChange()
      },
      onUnopened: () => {
        for (const { containerPort, local } of ports.closed()) {
          const message = `nothing listens at 127.0.0.1:${local}, where port ${containerPort} of the container is: have the program listen at $PORT, or declare the port at which it does`
          log.line(`devloop: ${message}`)
          onEvent('Warning', 'NotListening', message)
        }
      },
      onMissed: (probe, message) => onEvent('Warning', 'Unhealthy', `${probe} probe failed: ${message}`),
      onDead: message => {
        why = message
        onEvent('Normal', 'Killing', `Container ${name} failed ${message}, will be restarted`)
        void hooks.end(begun.value, graceOf(pod()))
      },
    })
    const stop = (): void => void hooks.end(begun.value, grace)
    signal.addEventListener('abort', stop, { once: true })
    const end = await ended
    signal.removeEventListener('abort', stop)
    running.abort()
    current = undefined
    prepared = undefined
    isReady = false
    isStarted = false
    log.end()
    return terminated(
      end,
      startedAt,
      why === undefined ? {} : { message: `It was ended for it failed ${why}.` },
    )
  }

  const loop = async (): Promise<void> => {
    let ends = { count: 0, ran: 0 }
    while (!signal.aborted) {
      const end = await runOnce()
      if (end === undefined) break
      last = end
      if (signal.aborted || !restarts(policy, end.exitCode)) {
        isOver = true
        show({ terminated: end })
        break
      }
      ends = countEnd(ends, Date.parse(end.finishedAt) - Date.parse(end.startedAt))
      const delay = restartDelay(ends)
      show({ terminated: end })
      if (delay > 0) {
        onEvent('Warning', 'BackOff', `Back-off restarting failed container ${name}`)
        waiting('CrashLoopBackOff', `back-off ${delay / 1000}s restarting failed container=${name}`)
        await sleep(clock, delay, signal)
      }
      if (signal.aborted) break
      restartCount++
    }
    isOver = true
    resolveStarted()
    onChange()
  }
  const over = loop()

  return {
    name,
    over,
    started,
    isOver: () => isOver,
    prepared: () => prepared,
    status: () => ({
      name,
      image,
      imageID: image,
      ...(containerID === undefined ? {} : { containerID }),
      restartCount,
      ready: isReady,
      started: isStarted,
      state,
      lastState: restartCount === 0 || last === undefined ? {} : { terminated: last },
    }),
    stop: async milliseconds => {
      grace = milliseconds
      stopped.abort()
      // A second call may be in more of a hurry than the first.
      if (current !== undefined) void current.end(grace, prepared?.stopSignal ?? 'SIGTERM')
      await over
    },
  }
}

/** Kubernetes' own default. */
const GRACE_SECONDS = 30

/** Milliseconds that a pod's containers have to end. */
export function graceOf(pod: KubeObject): number {
  const seconds = valueAt(pod, ['spec', 'terminationGracePeriodSeconds'])
  return (typeof seconds === 'number' ? seconds : GRACE_SECONDS) * 1000
}

/** Resolves when something changed that a container's configuration may be read from. */
function changed({ store }: NodeTools, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      off()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const off = store.subscribe(({ object }) => {
      if (['ConfigMap', 'Secret', 'Service'].includes(object.kind)) done()
    })
    signal.addEventListener('abort', done, { once: true })
  })
}

/** The containers of a list of a pod's spec. */
export function containersIn(
  pod: KubeObject,
  list: 'initContainers' | 'containers',
): readonly Readonly<Record<string, unknown>>[] {
  return itemsOf(valueAt(pod, ['spec', list])).map(fieldsOf)
}
