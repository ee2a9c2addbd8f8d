import type { StateUnusable } from '../../core/problem.js'
import { err, ok, type Result } from '../../core/result.js'

export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** Runs file work; what the system refuses becomes `state-unusable` with its path. */
export async function guardFiles<T>(path: string, work: () => Promise<T>): Promise<Result<T, StateUnusable>> {
  try {
    return ok(await work())
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    return err({ kind: 'state-unusable', path, message: error.message })
  }
}
