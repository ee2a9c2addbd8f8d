import type Docker from 'dockerode'
import type { Problem } from '../../core/problem.js'
import { messageOf } from './engine-image.js'
import { NodeImportError } from './node-process.js'

/** The cluster's own tool failed. */
export class ToolFailure extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.kind === 'command-failed' ? (problem.output.at(-1) ?? problem.reason) : problem.kind)
    this.problem = problem
  }
}

/** What went wrong while an image was loaded, from whatever was thrown. */
export function problemOf(image: string, method: string, error: unknown): Problem {
  if (error instanceof ToolFailure) return error.problem
  if (isConnectionError(error)) return lostEngine(error.address, error.message, error)
  const problem = failure(image, method, messageOf(error))
  return error instanceof NodeImportError ? { ...problem, node: error.node } : problem
}

/** Why no way to the nodes can succeed now: the engine does not answer any more. Undefined where it does, and something else failed. */
export async function engineGone(docker: Docker): Promise<Problem | undefined> {
  try {
    await docker.ping()
    return undefined
  } catch (error) {
    const { address } = error as { readonly address?: string }
    return isCut(error) ? lostEngine(address, messageOf(error), error) : undefined
  }
}

const lostEngine = (address: string | undefined, message: string, error: unknown): Problem => ({
  kind: 'engine-unreachable',
  endpoint: address ?? 'docker',
  message,
  ...(hasCode(error, ['ETIMEDOUT']) ? { hangs: true } : {}),
})

/** Whether a request ended without an answer because its connection was cut. */
export const isCut = (error: unknown): boolean => hasCode(error, NO_CONNECTION) || hasCode(error, BROKEN)

/** `ETIMEDOUT`: it stands, and nothing comes. */
const NO_CONNECTION: readonly string[] = ['ECONNREFUSED', 'ENOENT', 'EACCES', 'ETIMEDOUT']
const BROKEN: readonly string[] = ['ECONNRESET', 'EPIPE']

const hasCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code))

const isConnectionError = (error: unknown): error is Error & { readonly address?: string } =>
  hasCode(error, NO_CONNECTION)

/** The local engine has no image of this name. */
export const absentImage = (image: string) =>
  ({ ...failure(image, 'none', 'the local Docker has no such image'), absent: true }) as const

export const failure = (image: string, method: string, message: string) =>
  ({ kind: 'image-load-failed', image, method, message }) as const
