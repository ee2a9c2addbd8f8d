import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { exitCodes } from '../../core/exit-code.js'
import type { RenderInputs } from '../../core/manifest/render-inputs.js'
import type { Project, ServiceSpec } from '../../core/project.js'
import { type PathReport, pathReport } from '../../core/why/path-report.js'
import { renderProject } from '../../engine/effects/render.js'
import { formatPathReport } from '../../ui/format-why.js'
import type { CommandEnd } from '../command-end.js'
import type { Adapters } from '../compose.js'
import type { CommandIo } from '../io.js'
import { type ReachedProject, reachProject } from '../reach-up.js'

export interface WhyNotOptions {
  readonly file?: string
  readonly path: string
  readonly json?: true
}

/** Whether a change of a file starts anything, and which rule decides it: as the `up` that runs sees it, else by the config and the Dockerfiles. */
export async function whyNot(io: CommandIo, { path, json, ...options }: WhyNotOptions): Promise<CommandEnd> {
  const reached = await reachProject(io, options)
  if (!reached.ok) return reached.error
  const absolute = await realPath(resolve(io.cwd, path))
  const answer = (await reached.value.ask({ type: 'why-not', path: absolute })) as
    | PathReport
    | undefined
    | null
  const report = answer ?? (await judgePath(reached.value, absolute))
  io.stdout.write(
    json === true
      ? `${JSON.stringify({ ...report, running: answer != null })}\n`
      : formatPathReport(report, reached.value.project.root),
  )
  return exitCodes.ok
}

/** With the links of its folder resolved, for so the config's own folder is named; the file need not be there. */
async function realPath(path: string): Promise<string> {
  const folder = await realpath(dirname(path)).catch(() => undefined)
  return folder === undefined ? path : join(folder, basename(path))
}

async function judgePath({ project, adapters }: ReachedProject, path: string): Promise<PathReport> {
  const { tree } = adapters
  const failures = new Map<string, string>()
  for (const spec of project.services) {
    const read = await tree.readRules(spec)
    if (!read.ok)
      failures.set(spec.name, read.error.kind === 'context-invalid' ? read.error.message : read.error.kind)
  }
  const judge = (spec: ServiceSpec, file: string) => {
    const verdict = tree.verdict(spec, file)
    const failure = failures.get(spec.name)
    return failure === undefined ? verdict : { input: verdict.input, why: `${verdict.why}: ${failure}` }
  }
  const inputs = await manifestInputs(adapters, project)
  return pathReport({ project, path, inputs, judge, running: undefined, paused: [] })
}

/** Known also where the manifests cannot be rendered. */
async function manifestInputs({ manifests }: Adapters, project: Project): Promise<RenderInputs> {
  const { signal } = new AbortController()
  const { inputs } = await renderProject(manifests, {
    project,
    cluster: undefined,
    only: undefined,
    configHashKey: '',
    signal,
  })
  return inputs
}
