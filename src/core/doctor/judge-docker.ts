import type { EngineUnreachable } from '../problem.js'
import type { Result } from '../result.js'
import { type Finding, finding, problemFinding } from './finding.js'

/** What the engine says of itself. */
export interface EngineReport {
  /** As DOCKER_HOST writes it. */
  readonly endpoint: string
  readonly version: string
  readonly apiVersion: string
  readonly store: 'classic' | 'containerd'
  /** `linux` or `windows`: of the containers. */
  readonly os: string
  readonly architecture: string
  /** Where it keeps everything, on its own machine. */
  readonly root: string
  /** Milliseconds by which its clock is ahead of ours, give or take `skewTolerance`; undefined where it does not say. */
  readonly clockAhead: number | undefined
  readonly clockTolerance: number
}

/** BuildKit came with 18.09. */
const BUILDKIT_API = 39

/** Whether there is an engine, and whether it can build what runs on a cluster. */
export function judgeDocker(
  report: Result<EngineReport, EngineUnreachable>,
  { isNeeded }: { readonly isNeeded: boolean } = { isNeeded: true },
): Finding {
  if (!report.ok)
    return isNeeded
      ? problemFinding('docker', report.error)
      : finding('docker', 'ok', `no engine answers at ${report.error.endpoint}, and processes need none`)
  const { endpoint, version, apiVersion, store, os, architecture } = report.value
  const text = `Docker ${version} (API ${apiVersion}, ${store} image store, ${os}/${architecture}) at ${endpoint}`
  if (os !== 'linux')
    return finding(
      'docker',
      'failure',
      `${text} runs ${os} containers, and the nodes of a cluster are Linux`,
      'Docker Desktop: "Switch to Linux containers" in its menu.',
    )
  if (Number(apiVersion.split('.')[1] ?? 0) < BUILDKIT_API)
    return finding(
      'docker',
      'warning',
      `${text} has no BuildKit, so that builds are slower and Dockerfiles with RUN --mount fail`,
      'Install Docker 18.09 or newer (https://docs.docker.com/engine/install/).',
    )
  return finding('docker', 'ok', text)
}
