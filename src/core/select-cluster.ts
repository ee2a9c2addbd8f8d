import type { Problem } from './problem.js'
import type { ClusterSelection, ProcessSelection } from './project.js'
import { err, ok, type Result } from './result.js'

/** A context of the kubeconfig. */
export interface KubeContext {
  readonly name: string
  readonly server: string
  readonly current: boolean
}

/** Which cluster a project runs on, and what may be done to it. */
export type SelectedCluster =
  | {
      readonly kind: 'kind'
      readonly context: string
      readonly name: string
      readonly create: boolean
      readonly image: string | undefined
      readonly config: string | undefined
    }
  | {
      readonly kind: 'k3d'
      readonly context: string
      readonly name: string
      readonly create: boolean
      readonly image: string | undefined
      readonly config: string | undefined
    }
  | {
      readonly kind: 'minikube'
      readonly context: string
      readonly profile: string
      readonly create: boolean
    }
  | { readonly kind: 'docker-desktop'; readonly context: string }
  | { readonly kind: 'context'; readonly context: string; readonly registry: string | undefined }
  | (ProcessSelection & { readonly context: typeof PROCESSES })

/** In place of a context's name, where there is no cluster. */
export const PROCESSES = 'processes'

/** What to say where no cluster answers: devloop never takes processes by itself. */
const PROCESSES_HINT =
  'or run without a cluster, each container as a process of this machine: cluster: { process: {} }'

/**
 * Chooses the cluster by the config and the contexts of the kubeconfig. Local ones are known by the names that their tools give to contexts; that such a
 * name does not lie is for the provider to verify. Any other context must be allowed in the config by name.
 */
export function selectCluster(
  selection: ClusterSelection,
  contexts: readonly KubeContext[],
): Result<SelectedCluster> {
  switch (selection.kind) {
    case 'kind': {
      const { name, create, image, config } = selection
      return ok({ kind: 'kind', context: `kind-${name}`, name, create, image, config })
    }
    case 'k3d': {
      const { name, create, image, config } = selection
      return ok({ kind: 'k3d', context: `k3d-${name}`, name, create, image, config })
    }
    case 'minikube':
      return ok({
        kind: 'minikube',
        context: selection.profile,
        profile: selection.profile,
        create: selection.create,
      })
    case 'context':
      return named(selection, contexts)
    case 'process':
      return ok({ ...selection, context: PROCESSES })
    case 'auto':
      return automatic(contexts)
  }
}

function named(
  { name, allow, registry }: Extract<ClusterSelection, { kind: 'context' }>,
  contexts: readonly KubeContext[],
): Result<SelectedCluster> {
  const local = localCluster(name)
  if (local !== undefined && registry === undefined) return ok(local)
  if (!allow) return err(refused(name, `${name} is not a local cluster, and the config does not allow it`))
  if (!contexts.some(context => context.name === name)) {
    return err({
      kind: 'cluster-missing',
      message: `the kubeconfig has no context ${name}`,
      hint: `it has: ${contexts.map(context => context.name).join(', ') || 'none'}`,
    })
  }
  return ok({ kind: 'context', context: name, registry })
}

function automatic(contexts: readonly KubeContext[]): Result<SelectedCluster> {
  const current = contexts.find(context => context.current)
  const locals = contexts.flatMap(context => localCluster(context.name) ?? [])
  const chosen = current === undefined ? undefined : localCluster(current.name)
  if (chosen !== undefined) return ok(chosen)
  const [only, ...others] = locals
  if (only !== undefined && others.length === 0 && current === undefined) return ok(only)
  if (current !== undefined) {
    const hint = locals.map(({ context }) => context).join(', ')
    return err(
      refused(
        current.name,
        `the current context ${current.name} is not a local cluster${hint === '' ? '' : `; name one of ${hint} under cluster: in the config, or switch with kubectl config use-context`}`,
      ),
    )
  }
  return err({
    kind: 'cluster-missing',
    message:
      locals.length === 0
        ? 'the kubeconfig has no local cluster'
        : 'several local clusters are there, and none is the current context',
    hint:
      locals.length === 0
        ? `make one with "kind create cluster", or have devloop make it: cluster: { kind: { name: dev, create: true } }; ${PROCESSES_HINT}`
        : `name one under cluster: in the config: ${locals.map(({ context }) => context).join(', ')}`,
  })
}

/** The cluster that a context's name stands for, if it is one of the local tools'. */
function localCluster(context: string): SelectedCluster | undefined {
  if (context.startsWith('kind-')) {
    return {
      kind: 'kind',
      context,
      name: context.slice('kind-'.length),
      create: false,
      image: undefined,
      config: undefined,
    }
  }
  if (context.startsWith('k3d-')) {
    return {
      kind: 'k3d',
      context,
      name: context.slice('k3d-'.length),
      create: false,
      image: undefined,
      config: undefined,
    }
  }
  if (context === 'minikube') return { kind: 'minikube', context, profile: context, create: false }
  if (context === 'docker-desktop') return { kind: 'docker-desktop', context }
  return undefined
}

function refused(context: string, message: string): Problem {
  return { kind: 'cluster-refused', context, reason: 'not-local', message }
}
