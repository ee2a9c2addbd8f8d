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
  if (isConnectionError(error))
    return { kind: 'engine-unreachable', endpoint: error.address ?? 'docker', message: error.message }
  const problem = failure(image, method, messageOf(error))
  return error instanceof NodeImportError ? { ...problem, node: error.node } : problem
}

function isConnectionError(error: unknown): error is Error & { readonly address?: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ECONNREFUSED', 'ENOENT', 'EACCES'].includes(String(error.code))
  )
}

export const failure = (image: string, method: string, message: string) =>
  ({ kind: 'image-load-failed', image, method, message }) as const
