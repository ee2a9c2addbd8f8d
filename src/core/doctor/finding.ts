import { whereToRead } from '../explain/explanation.js'
import { explain } from '../explain.js'
import type { Problem } from '../problem.js'

/** What `devloop doctor` looks at, in the order in which it tells. */
export const checkNames = [
  'config',
  'manifests',
  'docker',
  'disk',
  'contexts',
  'cluster',
  'load',
  'tools',
  'watches',
  'ports',
  'names',
  'time',
  'leftovers',
] as const

export type CheckName = (typeof checkNames)[number]

/** `failure`: it would stop `up`. `unknown`: it could not be looked at, and the text says why. */
export type FindingState = 'ok' | 'warning' | 'failure' | 'unknown'

/** One thing that was looked at, and what to do about it. */
export interface Finding {
  readonly check: CheckName
  readonly state: FindingState
  /** One line. */
  readonly text: string
  /** What to do on this system, one sentence or command each; none where all is well. */
  readonly remedies: readonly string[]
}

export const finding = (
  check: CheckName,
  state: FindingState,
  text: string,
  ...remedies: readonly string[]
): Finding => ({ check, state, text, remedies })

/** A problem as `up` would have it. Of other programs' words only the first line is taken: the rest may quote a file with credentials in it. */
export function problemFinding(
  check: CheckName,
  problem: Problem,
  state: 'failure' | 'warning' = 'failure',
): Finding {
  const explanation = explain(problem)
  const [first] = explanation.detail
  const text = first === undefined ? explanation.title : `${explanation.title}: ${first}`
  return { check, state, text, remedies: [...explanation.hints, ...whereToRead(explanation)] }
}

/** Whether `up` would start: nothing that was found stops it. */
export const isWell = (findings: readonly Finding[]): boolean =>
  findings.every(({ state }) => state !== 'failure')
