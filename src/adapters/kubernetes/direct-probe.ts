import { lookup } from 'node:dns/promises'
import http from 'node:http'
import https from 'node:https'
import { connect } from 'node:net'
import type { EndpointCheck } from '../../core/checks/endpoint-check.js'
import { err, ok, type Result } from '../../core/result.js'

/** Whether a name means something to this machine. */
export async function resolvesHere(host: string): Promise<boolean> {
  try {
    await lookup(host)
    return true
  } catch {
    return false
  }
}

/** Whether something takes connections there. */
export function listensHere(
  { host, port }: Pick<EndpointCheck, 'host' | 'port'>,
  signal: AbortSignal,
): Promise<Result<void, string>> {
  return new Promise(resolve => {
    const socket = connect({ host, port, signal })
    socket.once('connect', () => {
      socket.destroy()
      resolve(ok(undefined))
    })
    socket.once('error', error => resolve(err(messageOf(error))))
  })
}

/** Whether an HTTP server answers there with a status below 400. */
export function answersHere(
  { host, port, path, secure }: EndpointCheck,
  signal: AbortSignal,
): Promise<Result<void, string>> {
  return new Promise(resolve => {
    const client = secure ? https : http
    const request = client.get(
      // What a developer's machine serves by TLS is rarely signed by somebody it knows; nothing of the answer is used.
      { host, port, path, signal, agent: false, ...(secure ? { rejectUnauthorized: false } : {}) },
      response => {
        const { statusCode = 0 } = response
        response.destroy()
        resolve(statusCode >= 200 && statusCode < 400 ? ok(undefined) : err(`it answered ${statusCode}`))
      },
    )
    request.once('error', error => resolve(err(messageOf(error))))
  })
}

/** A name with several addresses fails with one error for each, and no word of its own. */
function messageOf(error: Error): string {
  const [first] = error instanceof AggregateError ? (error.errors as readonly unknown[]) : []
  return error.message || (first instanceof Error ? first.message : error.name)
}
