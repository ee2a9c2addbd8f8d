import { objectsOf } from '../../core/desired.js'
import { exitCodeWords } from '../../core/explain/explain-rollout.js'
import { whereToRead } from '../../core/explain/explanation.js'
import { explain } from '../../core/explain.js'
import { displayRef } from '../../core/kube-object.js'
import type { Problem } from '../../core/problem.js'
import { objectStatus, serviceStatus } from '../../core/service-status.js'
import type { State } from '../../core/state.js'
import { causeLine } from './cause-line.js'

/** A problem that is not solved, as a card shows it. */
export interface ProblemView {
  /** Stays the same for as long as it is the same problem of the same thing. */
  readonly id: string
  /** What it is of: services, `deployment/db -n shop`, `config`. Several where one stands in the way of others. */
  readonly of: readonly string[]
  /** The services that it keeps from being live. */
  readonly services: readonly string[]
  readonly kind: Problem['kind']
  readonly title: string
  /** The exit code, the pod, the save that brought it: one fact each. */
  readonly facts: readonly string[]
  /** The line of `detail` that says what went wrong, where the end of a program's output does not. */
  readonly cause: string | undefined
  readonly detail: readonly string[]
  readonly hints: readonly string[]
  /** Of a program's output the end says what is wrong, of a list of errors the beginning. */
  readonly shows: 'end' | 'beginning'
  /** False where it may still end well by itself. */
  readonly final: boolean
}

interface Found {
  readonly of: string
  readonly service?: string
  readonly problem: Problem
  readonly final: boolean
}

/** All that is wrong now, what concerns everything first; what several share is there once. */
export function problemViews(state: State): readonly ProblemView[] {
  const byContent = new Map<string, Found[]>()
  for (const found of [...ofSession(state), ...ofServices(state), ...ofObjects(state)]) {
    if (found.problem.kind === 'cancelled') continue
    const content = JSON.stringify(found.problem)
    const same = byContent.get(content)
    if (same === undefined) byContent.set(content, [found])
    else same.push(found)
  }
  return [...byContent.values()].flatMap(found => viewOf(state, found) ?? [])
}

function ofSession(state: State): readonly Found[] {
  const { engine, cluster } = state
  const found: readonly (readonly [string, Problem | undefined])[] = [
    ['config', state.configProblem],
    ['watch', state.watchProblem],
    ['docker', engine.kind === 'unreachable' ? engine.problem : undefined],
    ['cluster', cluster.kind === 'absent' ? cluster.problem : undefined],
    ['manifests', state.render.problem],
    ...state.bugs.map(bug => ['devloop', bug] as const),
  ]
  return found.flatMap(([of, problem]) => (problem === undefined ? [] : [{ of, problem, final: false }]))
}

function ofServices(state: State): readonly Found[] {
  return Object.keys(state.services).flatMap(name => {
    const status = serviceStatus(state, name)
    return status.phase === 'failed'
      ? [{ of: name, service: name, problem: status.problem, final: status.final }]
      : []
  })
}

function ofObjects(state: State): readonly Found[] {
  return Object.entries(state.objects).flatMap(([key, { linked }]) => {
    if (linked.services.length > 0) return []
    const status = objectStatus(state, key)
    return status.phase === 'failed'
      ? [{ of: displayRef(linked.ref), problem: status.problem, final: status.final }]
      : []
  })
}

function viewOf(state: State, found: readonly Found[]): ProblemView | undefined {
  const [first] = found
  if (first === undefined) return undefined
  const { problem } = first
  const explanation = explain(problem)
  const { title, detail } = explanation
  const services = found.flatMap(({ service }) => service ?? [])
  const facts = [...saveFact(state, problem, services), ...factsOf(problem, title)]
  const others = found.slice(1).map(({ of }) => of)
  return {
    id: `${first.of} ${problem.kind}`,
    of: found.map(({ of }) => of),
    services,
    kind: problem.kind,
    title,
    facts: others.length === 0 ? facts : [...facts, `holds up ${others.join(', ')}`],
    cause: problem.kind === 'rollout-failed' ? causeLine(problem.lastLines) : undefined,
    detail,
    hints: [...explanation.hints, ...whereToRead(explanation)],
    shows: isOutput(problem) ? 'end' : 'beginning',
    final: found.some(({ final }) => final),
  }
}

const isOutput = ({ kind }: Problem): boolean =>
  kind === 'image-build-failed' || kind === 'rollout-failed' || kind === 'command-failed'

/** What the title does not say already. */
function factsOf(problem: Problem, title: string): readonly string[] {
  if (problem.kind !== 'rollout-failed') return []
  const { exitCode, restarts } = problem
  return [
    ...(exitCode === undefined || title.includes('exit code')
      ? []
      : [`exit code ${exitCode}: ${exitCodeWords(exitCode)}`]),
    ...(restarts === undefined || restarts === 0 ? [] : [`${restarts} restart${restarts === 1 ? '' : 's'}`]),
  ]
}

/** The save that brought it, as far as that is known: that of the inputs that do not build, or of the image that crashes. */
function saveFact(state: State, problem: Problem, services: readonly string[]): readonly string[] {
  const name = services[0]
  const service = name === undefined ? undefined : state.services[name]
  if (service === undefined) return []
  const save =
    problem.kind === 'image-build-failed'
      ? service.build.kind === 'failed'
        ? service.build.save
        : undefined
      : problem.kind === 'rollout-failed'
        ? saveOfPods(state, service.name)
        : undefined
  if (save === undefined) return []
  if (save === 0) return ['since the tree as found']
  const { source } = service
  const changed = source.kind === 'known' && source.save === save ? source.changed[0] : undefined
  return [`since save ${save}${changed === undefined ? '' : ` (${changed})`}`]
}

/** The newest save among what was applied of a service. */
function saveOfPods(state: State, service: string): number | undefined {
  const saves = objectsOf(state, service).flatMap(key => {
    const apply = state.objects[key]?.apply
    return apply?.kind === 'applied' ? [apply.save] : []
  })
  return saves.length === 0 ? undefined : Math.max(...saves)
}
