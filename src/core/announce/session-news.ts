import type { Announcement } from '../announcement.js'
import type { Problem } from '../problem.js'
import type { State } from '../state.js'
import type { ServiceStatus } from '../status/status.js'
import type { OpenProblems } from './open-problems.js'

/** What went wrong, or is well again, with what all services need: config, watching, Docker, the cluster, the manifests. */
export function sessionNews(before: State, after: State, open: OpenProblems): Announcement[] {
  const told: Announcement[] = [...ofCluster(after, open)]
  const changes: readonly (readonly [Problem | undefined, Problem | undefined, string])[] = [
    [before.configProblem, after.configProblem, 'config'],
    [before.watchProblem, after.watchProblem, 'watch'],
    [engineProblem(before), engineProblem(after), 'docker'],
    [before.render.problem, after.render.problem, 'manifests'],
  ]
  for (const [was, is, title] of changes) {
    if (is !== undefined && JSON.stringify(is) !== JSON.stringify(was))
      told.push({ type: 'problem', object: title, final: false, problem: is })
    if (is === undefined && was !== undefined) told.push({ type: 'solved', object: title, title })
  }
  for (const problem of after.bugs.slice(before.bugs.length))
    told.push({ type: 'problem', final: true, problem })
  return told
}

/** Whether what stands in a service's way is told of the session as a whole: once, not for every service. */
export function isOfSession(state: State, status: ServiceStatus): boolean {
  if (status.phase !== 'failed') return false
  const problem = JSON.stringify(status.problem)
  return [engineProblem(state), clusterProblem(state), state.render.problem].some(
    known => known !== undefined && JSON.stringify(known) === problem,
  )
}

/** A retry in between neither solves the problem nor makes it news. */
function ofCluster(after: State, open: OpenProblems): Announcement[] {
  const problem = clusterProblem(after)
  if (problem !== undefined && !open.has('cluster'))
    return [{ type: 'problem', object: 'cluster', final: false, problem }]
  if (after.cluster.kind === 'connected' && open.has('cluster'))
    return [{ type: 'solved', object: 'cluster', title: 'cluster' }]
  return []
}

function engineProblem({ engine }: State): Problem | undefined {
  return engine.kind === 'unreachable' ? engine.problem : undefined
}

/** A retry that is under way has not solved anything yet. */
function clusterProblem({ cluster }: State): Problem | undefined {
  return cluster.kind === 'absent' ? cluster.problem : undefined
}
