import { type Finding, finding } from './finding.js'

export type ToolName = 'kubectl' | 'kustomize' | 'helm' | 'docker' | 'kind' | 'k3d' | 'minikube'

export interface ToolFacts {
  readonly name: ToolName
  /** As it prints it, without a leading v; undefined where the program is not there. */
  readonly version: string | undefined
}

/** A program that a project needs, with the reason. `oneOf`: any of them does. */
export interface ToolNeed {
  readonly oneOf: readonly [ToolName, ...ToolName[]]
  readonly reason: string
}

const INSTALL: Readonly<Record<ToolName, string>> = {
  kubectl: 'https://kubernetes.io/docs/tasks/tools/',
  kustomize: 'https://kubectl.docs.kubernetes.io/installation/kustomize/',
  helm: 'https://helm.sh/docs/intro/install/',
  docker: 'https://docs.docker.com/engine/install/',
  kind: 'https://kind.sigs.k8s.io/docs/user/quick-start/',
  k3d: 'https://k3d.io/stable/#installation',
  minikube: 'https://minikube.sigs.k8s.io/docs/start/',
}

/** Whether the programs that the config needs are there. Others are named, and missed by nobody. */
export function judgeTools(needs: readonly ToolNeed[], tools: readonly ToolFacts[]): readonly Finding[] {
  const there = new Map(
    tools.flatMap(({ name, version }) => (version === undefined ? [] : [[name, version] as const])),
  )
  const findings = needs.flatMap(({ oneOf, reason }): readonly Finding[] => {
    const name = oneOf.find(tool => there.has(tool))
    if (name === undefined)
      return [
        finding(
          'tools',
          'failure',
          `${oneOf.join(' or ')} ${oneOf.length === 1 ? 'is' : 'are'} not on PATH, and needed: ${reason}`,
          `Install ${oneOf[0]}: ${INSTALL[oneOf[0]]}`,
        ),
      ]
    const version = there.get(name) ?? ''
    if (name === 'helm' && /^[012]\./.test(version))
      return [
        finding(
          'tools',
          'failure',
          `helm ${version} is too old for ${reason}`,
          `Install Helm 3: ${INSTALL.helm}`,
        ),
      ]
    return []
  })
  const listed = [...there].map(([name, version]) => `${name} ${version}`.trim()).join(', ')
  const unneeded = needs.length === 0 ? '; the config needs none of them' : ''
  if (findings.length > 0) return findings
  return [
    finding(
      'tools',
      'ok',
      `${listed === '' ? 'none of kubectl, kustomize, helm, kind, k3d, minikube is on PATH' : listed}${unneeded}`,
    ),
  ]
}

/** What of a project decides which programs it needs. */
export interface ToolUse {
  /** Kustomizations and charts that are rendered, as people would name them. */
  readonly kustomizations: readonly string[]
  readonly charts: readonly string[]
  readonly cluster:
    | {
        readonly kind: 'kind' | 'k3d' | 'minikube' | 'docker-desktop' | 'context' | 'process'
        readonly isMade: boolean
        readonly isPushed: boolean
      }
    | undefined
}

export function toolNeeds({ kustomizations, charts, cluster }: ToolUse): readonly ToolNeed[] {
  const needs: ToolNeed[] = []
  const [kustomization] = kustomizations
  const [chart] = charts
  if (kustomization !== undefined)
    needs.push({
      oneOf: ['kustomize', 'kubectl'],
      reason: `the kustomization ${kustomization} is rendered with it`,
    })
  if (chart !== undefined) needs.push({ oneOf: ['helm'], reason: `the chart ${chart} is rendered with it` })
  if (cluster?.kind === 'minikube')
    needs.push({ oneOf: ['minikube'], reason: 'the cluster is asked and loaded through it' })
  else if (cluster?.isMade === true && (cluster.kind === 'kind' || cluster.kind === 'k3d'))
    needs.push({ oneOf: [cluster.kind], reason: 'the cluster is not there, and up makes it' })
  if (cluster?.isPushed === true)
    needs.push({ oneOf: ['docker'], reason: 'images are pushed to the registry with it' })
  return needs
}
