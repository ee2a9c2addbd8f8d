import { realpath } from 'node:fs/promises'
import type { LoadedConfig } from '../config/parse.js'
import { nearest } from '../config/suggest.js'
import type { Problem } from '../core/problem.js'
import type { Project } from '../core/project.js'
import { err, ok, type Result } from '../core/result.js'
import { type SelectedCluster, selectCluster } from '../core/select-cluster.js'
import type { ClusterAccess } from '../ports/cluster-access.js'
import type { ProjectState } from '../ports/state-store.js'
import type { Adapters } from './compose.js'
import type { CommandIo } from './io.js'

export interface ProjectOptions {
  readonly file?: string
  readonly services?: readonly string[]
}

/** Reads the config of a command. Its parser is loaded here, when it is first needed. */
export async function loadProject(
  io: CommandIo,
  { file, services = [] }: ProjectOptions,
): Promise<Result<LoadedConfig>> {
  const { loadConfig } = await import('../config/load.js')
  const loaded = await loadConfig({
    ...(file === undefined ? {} : { file }),
    ...(io.invocation === undefined ? {} : { invocation: io.invocation }),
    cwd: io.cwd,
    env: io.env,
    currentContext: async () => (await import('./compose-context.js')).currentContext(io),
  })
  if (!loaded.ok) return loaded
  const unknown = unknownService(loaded.value.project, services)
  return unknown === undefined ? ok(loaded.value) : err(unknown)
}

function unknownService(project: Project, services: readonly string[]): Problem | undefined {
  const names = project.services.map(({ name }) => name)
  const unknown = services.find(name => !names.includes(name))
  if (unknown === undefined) return undefined
  const near = nearest(unknown, names)
  return {
    kind: 'usage-invalid',
    message: `the config has no service ${unknown}`,
    hint: near === undefined ? `It has: ${names.join(', ')}.` : `Did you mean ${near}?`,
  }
}

export interface OpenedProject {
  readonly cluster: SelectedCluster
  readonly state: ProjectState
  /** The ways into the cluster for who only looks; of processes, through the `up` that runs them. */
  access(): ClusterAccess
}

/** Finds the project's cluster and its folder of state. Touches neither. */
export async function openProject(adapters: Adapters, project: Project): Promise<Result<OpenedProject>> {
  const contexts = project.cluster.kind === 'process' ? ok([]) : await adapters.contexts()
  if (!contexts.ok) return contexts
  const cluster = selectCluster(project.cluster, contexts.value)
  if (!cluster.ok) return cluster
  const state = await adapters.states.open({
    root: await realpath(project.root),
    name: project.name,
    context: cluster.value.context,
    configFile: project.configFile,
  })
  if (!state.ok) return state
  const { kind, context } = cluster.value
  const { socketPath } = state.value
  const access = () => (kind === 'process' ? adapters.processesOf(socketPath) : adapters.access(context))
  return ok({ cluster: cluster.value, state: state.value, access })
}
