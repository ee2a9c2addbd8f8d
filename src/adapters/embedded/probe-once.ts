import { connect } from 'node:net'
import type { ProbeAction } from '../../core/embedded/probe-spec.js'
import { err, ok, type Result } from '../../core/result.js'
import { askHttpProbe } from '../kubernetes/http-probe.js'
import type { LocalAddress } from './free-port.js'

export interface ProbeTarget {
  addressOf(port: number | string): LocalAddress | undefined
  /** Runs a command as the container's; its exit code. */
  run(
    argv: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly exitCode: number; readonly output: string }>
}

/** Asks once. The error is in the words of a kubelet. */
export async function probeOnce(
  action: ProbeAction,
  target: ProbeTarget,
  { timeout, signal }: { readonly timeout: number; readonly signal: AbortSignal },
): Promise<Result<void, string>> {
  const limit = AbortSignal.timeout(timeout)
  const either = AbortSignal.any([signal, limit])
  const result = await ask(action, target, either)
  if (result.ok || !limit.aborted) return result
  return err(`no answer within ${timeout / 1000} s`)
}

async function ask(
  action: ProbeAction,
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<Result<void, string>> {
  if (action.kind === 'exec') {
    const { exitCode, output } = await target.run(action.argv, signal)
    return exitCode === 0
      ? ok(undefined)
      : err(output.trim() || `${action.argv.join(' ')}: exit code ${exitCode}`)
  }
  const address = target.addressOf(action.port)
  if (address === undefined) return err(`the container has no port named ${action.port}`)
  return action.kind === 'http' ? askHttpProbe(action, address, signal) : open(address, signal)
}

function open({ host, port }: LocalAddress, signal: AbortSignal): Promise<Result<void, string>> {
  return new Promise(resolve => {
    const socket = connect({ host, port, signal })
    socket.once('connect', () => {
      socket.destroy()
      resolve(ok(undefined))
    })
    socket.once('error', error => resolve(err(`dial ${host}:${port}: ${messageOf(error)}`)))
  })
}

function messageOf(error: Error): string {
  return error.message || error.name
}
