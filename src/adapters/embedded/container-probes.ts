import { declaredPorts } from '../../core/embedded/container-ports.js'
import { type ProbeName, type ProbeSpec, probeOf } from '../../core/embedded/probe-spec.js'
import { sleep } from '../../ports/sleep.js'
import { portNumber } from './container-hooks.js'
import type { NodeTools } from './node-tools.js'
import type { PodPorts } from './pod-ports.js'
import { probeLoop } from './probe-loop.js'
import { type ProbeTarget, probeOnce } from './probe-once.js'

export interface ContainerProbesOptions {
  readonly tools: Pick<NodeTools, 'clock'>
  readonly spec: Readonly<Record<string, unknown>>
  readonly ports: PodPorts
  readonly run: ProbeTarget['run']
  /** Aborts when the container has ended. */
  readonly signal: AbortSignal
  readonly onStarted: () => void
  readonly onReady: (isReady: boolean) => void
  /** There is no readiness probe, and after all the time that a program has it does not listen where it is to. */
  readonly onUnopened: () => void
  /** One probe failed; `probe` begins its sentence. */
  readonly onMissed: (probe: 'Startup' | 'Readiness' | 'Liveness', message: string) => void
  /** The container has to be restarted; the message says which probe it failed. */
  readonly onDead: (message: string) => void
}

/**
 * Milliseconds that a container without a readiness probe has to listen at the ports that it declares. A kubelet takes it for ready at once; here the old
 * process ends when the new one is ready, and a moment in which nobody listens would be seen.
 */
const LISTEN_PATIENCE = 10_000

/** Watches over one run of a container with the probes that it declares. The other probes begin when the startup probe has passed. */
export function runProbes(options: ContainerProbesOptions): void {
  const { tools, spec, ports, run, signal, onStarted, onReady, onUnopened, onMissed, onDead } = options
  const { clock } = tools
  const target: ProbeTarget = {
    run,
    addressOf: port => {
      const number = portNumber(spec, port)
      return number === undefined ? undefined : ports.addressOf(number)
    },
  }
  /** What takes no connections passes no probe of a port. */
  const openingOf = ({ action }: ProbeSpec): Promise<void> | undefined => {
    const number = action.kind === 'exec' ? undefined : portNumber(spec, action.port)
    return number === undefined ? undefined : ports.opened(number)
  }
  const watch = (
    probe: ProbeSpec,
    handlers: Pick<Parameters<typeof probeLoop>[0], 'eager' | 'onPassed' | 'onMissed' | 'onFailed'>,
    until: AbortSignal = signal,
  ): void => {
    const ask = () => probeOnce(probe.action, target, { timeout: probe.timeout, signal: until })
    void probeLoop({ spec: probe, ask, clock, signal: until, promising: openingOf(probe), ...handlers })
  }
  const of = (name: ProbeName) => probeOf(spec, name)

  const watchStarted = (): void => {
    const liveness = of('livenessProbe')
    if (liveness !== undefined)
      watch(liveness, {
        eager: false,
        onPassed: () => {},
        onMissed: message => onMissed('Liveness', message),
        onFailed: () => onDead('liveness probe'),
      })
    const readiness = of('readinessProbe')
    if (readiness !== undefined)
      watch(readiness, {
        eager: true,
        onPassed: () => onReady(true),
        onMissed: message => onMissed('Readiness', message),
        onFailed: () => onReady(false),
      })
    else void awaitOpen()
  }
  const awaitOpen = async (): Promise<void> => {
    const until = clock.now() + LISTEN_PATIENCE
    const isExpected = declaredPorts(spec).length > 0
    while (isExpected && !ports.areOpen() && clock.now() < until && !signal.aborted)
      await sleep(clock, 10, signal)
    if (signal.aborted) return
    if (isExpected && !ports.areOpen()) onUnopened()
    onReady(true)
  }

  const startup = of('startupProbe')
  if (startup === undefined) {
    watchStarted()
    return
  }
  const starting = new AbortController()
  const until = AbortSignal.any([starting.signal, signal])
  const handlers = {
    eager: true,
    onPassed: () => {
      starting.abort()
      onStarted()
      watchStarted()
    },
    onMissed: (message: string) => onMissed('Startup', message),
    onFailed: () => onDead('startup probe'),
  }
  watch(startup, handlers, until)
}
