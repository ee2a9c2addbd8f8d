import { sep } from 'node:path'
import { noiseReason } from '../context/editor-files.js'
import type { RenderInputs } from '../manifest/render-inputs.js'
import type { Project, ServiceSpec } from '../project.js'
import { isIncluded } from './is-included.js'
import { manifestInput, manifestRootOf } from './manifest-input.js'

/** What a rule says of a path: whether a change of its content counts, and why, with file and line of the rule where there is one. */
export interface Verdict {
  readonly input: boolean
  readonly why: string
}

/** What `devloop why-not PATH` tells. Plain JSON. */
export interface PathReport {
  /** Absolute. */
  readonly path: string
  /** Whether a change of its content starts anything. */
  readonly starts: boolean
  /** The services whose input it is, or whose context it lies in. */
  readonly services: readonly ({ readonly service: string } & Verdict)[]
  readonly manifests: Verdict | undefined
  /** Whether it is the config file, or one that it includes. */
  readonly config: boolean
  /** Why it concerns nothing at all; absent where something above speaks of it. */
  readonly why?: string
}

export interface PathQuestion {
  readonly project: Project
  readonly path: string
  /** What the manifests were read from; undefined where they are not deployed or could not be read. */
  readonly inputs: RenderInputs | undefined
  readonly judge: (service: ServiceSpec, path: string) => Verdict
  /** Services that a running session has; undefined where none runs. */
  readonly running: readonly string[] | undefined
  readonly paused: readonly string[]
}

/** Decides what a change of one file would start, for everything that it may concern. */
export function pathReport({ project, path, inputs, judge, running, paused }: PathQuestion): PathReport {
  const services = project.services.flatMap(spec => {
    const verdict = judge(spec, path)
    if (!verdict.input && !isWithin(path, spec.context)) return []
    return [{ service: spec.name, ...held(spec.name, verdict, running, paused) }]
  })
  const config = path === project.configFile || isIncluded(path, project)
  const manifests = inputs === undefined ? undefined : manifestVerdict(path, inputs, project)
  const starts = config || manifests?.input === true || services.some(({ input }) => input)
  const isSpokenOf = config || manifests !== undefined || services.length > 0
  const why = noiseReason(path) ?? 'it lies in no build context, and no manifest is read from it'
  return { path, starts, services, manifests, config, ...(isSpokenOf ? {} : { why }) }
}

function held(
  service: string,
  verdict: Verdict,
  running: readonly string[] | undefined,
  paused: readonly string[],
): Verdict {
  if (!verdict.input) return verdict
  if (running !== undefined && !running.includes(service))
    return { input: false, why: `${verdict.why}, but the up that runs leaves ${service} out` }
  return paused.includes(service) ? { ...verdict, why: `${verdict.why}; waits, for it is paused` } : verdict
}

/** Undefined for a path that no root has to do with. */
function manifestVerdict(path: string, inputs: RenderInputs, project: Project): Verdict | undefined {
  const root = manifestRootOf(path, project.manifests, project.root)
  const of = root === undefined ? '' : ` (${root})`
  const why = manifestInput(path, inputs)
  if (why !== undefined) return { input: true, why: `${why}${of}` }
  return root === undefined
    ? undefined
    : { input: false, why: `no manifest is read from it, though it lies there${of}` }
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)
