import { fieldsOf, isFields, itemsOf, stringOf, valueAt } from '../../core/manifest/fields.js'
import { sleep } from '../../ports/sleep.js'
import type { ContainerProcess } from './container-process.js'
import { exitOf } from './exit-of.js'
import type { NodeTools } from './node-tools.js'
import type { PodPorts } from './pod-ports.js'
import type { PreparedRun } from './prepare-container.js'
import { type ProbeTarget, probeOnce } from './probe-once.js'

/** What is done in a running container besides its own program. */
export interface ContainerHooks {
  readonly run: ProbeTarget['run']
  /** Runs `lifecycle.postStart`; why it failed, if it did. */
  postStart(): Promise<string | undefined>
  /** Runs `lifecycle.preStop`, then ends the process; both within the grace. */
  end(process: ContainerProcess, grace: number): Promise<void>
}

export function createContainerHooks({
  tools,
  spec,
  prepared,
  ports,
  signal,
}: {
  readonly tools: NodeTools
  readonly spec: Readonly<Record<string, unknown>>
  readonly prepared: PreparedRun
  readonly ports: PodPorts
  /** Aborts when the container has ended. */
  readonly signal: AbortSignal
}): ContainerHooks {
  const { clock } = tools
  const run: ProbeTarget['run'] = (argv, limit) => exitOf(tools, { prepared, argv, signal: limit })
  const target: ProbeTarget = {
    run,
    addressOf: port => {
      const number = portNumber(spec, port)
      return number === undefined ? undefined : ports.addressOf(number)
    },
  }
  let ending: Promise<void> | undefined

  const perform = async (hook: unknown, timeout: number): Promise<string | undefined> => {
    if (!isFields(hook)) return undefined
    const { exec, httpGet } = hook
    const seconds = valueAt(hook, ['sleep', 'seconds'])
    if (typeof seconds === 'number') {
      await sleep(clock, Math.min(seconds * 1000, timeout), signal)
      return undefined
    }
    const argv = itemsOf(fieldsOf(exec).command).filter(part => typeof part === 'string')
    const port = fieldsOf(httpGet).port
    const action =
      argv.length > 0
        ? { kind: 'exec' as const, argv }
        : typeof port === 'number' || typeof port === 'string'
          ? {
              kind: 'http' as const,
              port,
              path: stringOf(fieldsOf(httpGet).path) ?? '/',
              secure: fieldsOf(httpGet).scheme === 'HTTPS',
              headers: {},
            }
          : undefined
    if (action === undefined) return undefined
    const done = await probeOnce(action, target, { timeout, signal })
    return done.ok ? undefined : done.error
  }

  return {
    run,
    postStart: () => perform(valueAt(spec, ['lifecycle', 'postStart']), LONGEST_HOOK),
    end: (process, grace) => {
      ending ??= (async () => {
        const since = clock.now()
        if (grace > 0) await perform(valueAt(spec, ['lifecycle', 'preStop']), grace)
        const left = Math.max(0, grace - (clock.now() - since))
        await process.end(left, prepared.stopSignal)
      })()
      return ending
    },
  }
}

/** Milliseconds: a hook after the start that does not end holds up nothing else here. */
const LONGEST_HOOK = 600_000

/** The number of a port that may be named. */
export function portNumber(spec: unknown, port: number | string): number | undefined {
  if (typeof port === 'number') return port
  const named = itemsOf(valueAt(spec, ['ports']))
    .map(fieldsOf)
    .find(({ name }) => name === port)?.containerPort
  if (typeof named === 'number') return named
  return /^\d+$/.test(port) ? Number(port) : undefined
}
