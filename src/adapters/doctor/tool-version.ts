import type { ToolFacts, ToolName } from '../../core/doctor/judge-tools.js'
import type { ProcessRunner } from '../../ports/process-runner.js'

/** How each program is asked for its version without asking a cluster or the network. */
const ASKED: Readonly<Record<ToolName, readonly [string, ...string[]]>> = {
  kubectl: ['kubectl', 'version', '--client'],
  kustomize: ['kustomize', 'version'],
  helm: ['helm', 'version', '--short'],
  docker: ['docker', '--version'],
  kind: ['kind', 'version'],
  k3d: ['k3d', 'version'],
  minikube: ['minikube', 'version', '--short'],
}

/** The version of a program; a program that is there and tells none is as if its version were unknown. */
export async function toolVersion(
  name: ToolName,
  runner: ProcessRunner,
  signal: AbortSignal,
): Promise<ToolFacts> {
  const ran = await runner.run(ASKED[name], { signal })
  if (ran.ok) return { name, version: /v?(\d+\.\d+(?:\.\d+)?)/.exec(ran.value.stdout)?.[1] ?? '' }
  const isAbsent = ran.error.kind === 'command-failed' && ran.error.reason === 'not-found'
  return { name, version: isAbsent ? undefined : '' }
}
