import type { Problem } from './problem.js'

/**
 * What each exit code means. Scripts count on them: a code never changes its meaning.
 * `--once -- COMMAND` hands on the command's own code instead.
 */
export const exitCodes = {
  /** Everything asked for was done. */
  ok: 0,
  /** A defect in devloop, or a program that it ran failed. */
  failure: 1,
  /** Wrong flags, or a config that cannot be used. */
  usage: 2,
  /** The Docker engine does not answer. */
  engine: 3,
  /** The cluster is not there or does not answer. */
  cluster: 4,
  /** devloop must not touch this cluster. */
  refused: 5,
  /** An image could not be built. */
  build: 6,
  /** An image could not be brought to the nodes. */
  load: 7,
  /** A manifest cannot be read, or the API server refused an object or its deletion. */
  apply: 8,
  /** Pods did not become ready. */
  rollout: 9,
  /** Another devloop owns the project, or the one that was asked for does not run. */
  owner: 10,
  /** This machine: files cannot be watched, or devloop's own state cannot be read or written. */
  machine: 11,
  /** What was waited for did not come in the time that was given, or somebody holds it back. */
  waiting: 12,
  /** `deploy --dry-run` alone: something would change. */
  differs: 13,
  /** Ended by Ctrl-C or a signal. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export function exitCodeFor(problem: Problem): ExitCode {
  switch (problem.kind) {
    case 'config-invalid':
    case 'usage-invalid':
      return exitCodes.usage
    case 'engine-unreachable':
      return exitCodes.engine
    case 'cluster-unreachable':
    case 'cluster-missing':
      return exitCodes.cluster
    case 'cluster-refused':
      return exitCodes.refused
    case 'image-build-failed':
    case 'context-invalid':
      return exitCodes.build
    case 'hook-failed':
      return exitCodes.failure
    case 'image-load-failed':
      return exitCodes.load
    case 'render-failed':
    case 'apply-rejected':
    case 'apply-conflict':
    case 'delete-failed':
      return exitCodes.apply
    case 'rollout-failed':
    case 'endpoint-unready':
      return exitCodes.rollout
    case 'already-running':
    case 'not-running':
      return exitCodes.owner
    case 'watch-failed':
    case 'state-unusable':
    case 'gateway-failed':
    case 'forward-failed':
    case 'hosts-file-failed':
      return exitCodes.machine
    case 'cancelled':
      return exitCodes.interrupted
    case 'command-failed':
    case 'debug-refused':
    case 'bug':
      return exitCodes.failure
  }
}
