import { join, relative } from 'node:path'
import { codeFrame } from '../../core/code-frame.js'
import { formerImages } from '../../core/manifest/image-renames.js'
import { kustomizationNames } from '../../core/manifest/kustomization-names.js'
import { kustomizeFault } from '../../core/manifest/kustomize-fault.js'
import { rangeAt } from '../../core/manifest/line-range.js'
import type { Diagnostic, Problem, SourceRange } from '../../core/problem.js'
import type { KustomizeManifests } from '../../core/project.js'
import type { CommandOutput, ProcessRunner } from '../../ports/process-runner.js'
import { fingerprintOf } from './read-inputs.js'
import { failedOutput, type Root, type RootContext, type RootOutput } from './root.js'
import { type KustomizationTrace, traceKustomization } from './trace-kustomization.js'

/** The command line that renders a folder; undefined where there is no Kustomize on this machine. */
export type KustomizeTool = (
  signal: AbortSignal,
) => Promise<((folder: string) => readonly [string, ...string[]]) | undefined>

/** Finds the `kustomize` binary, else the Kustomize in kubectl. Looks until it has found one, and then no more. */
export function findKustomize(runner: ProcessRunner): KustomizeTool {
  let found: ((folder: string) => readonly [string, ...string[]]) | undefined
  return async signal => {
    if (found !== undefined) return found
    if ((await runner.run(['kustomize', 'version'], { signal })).ok)
      found = folder => ['kustomize', 'build', folder]
    else if ((await runner.run(['kubectl', 'version', '--client'], { signal })).ok)
      found = folder => ['kubectl', 'kustomize', folder]
    return found
  }
}

/** A kustomization as a root. It is traced when it is read, so that what it reads is known also where it cannot be rendered. */
export function kustomizeRoot(
  spec: KustomizeManifests,
  context: RootContext & {
    readonly tool: KustomizeTool
    /** Of this reading, where it was traced already. */
    readonly trace: KustomizationTrace | undefined
  },
): Root {
  const shown = relative(context.request.root, spec.folder) || '.'
  const label = spec.name === undefined ? `kustomize ${shown}` : `${spec.name} (kustomize ${shown})`
  return {
    key: `kustomize ${JSON.stringify(spec)}`,
    kind: 'kustomize',
    label,
    place: spec.folder,
    read: async () => {
      const trace = context.trace ?? (await traceKustomization(spec.folder))
      return {
        inputs: {
          // Kustomize refuses a folder with two of them, so a second one that comes counts.
          files: [...new Set([...trace.files, ...kustomizationNames.map(name => join(spec.folder, name))])],
          folders: [],
          trees: [],
        },
        fingerprint: fingerprintOf(spec, trace.files, trace.contents),
        render: signal => renderKustomization({ ...context, spec, label, trace, signal }),
      }
    },
  }
}

interface Rendering extends RootContext {
  readonly spec: KustomizeManifests
  readonly label: string
  readonly trace: KustomizationTrace
  readonly tool: KustomizeTool
  readonly signal: AbortSignal
}

async function renderKustomization(rendering: Rendering): Promise<RootOutput | 'cancelled'> {
  const { spec, label, trace, tool, runner, signal } = rendering
  const commandLine = await tool(signal)
  if (signal.aborted) return 'cancelled'
  if (commandLine === undefined)
    return failedOutput([
      {
        severity: 'error',
        message: `${label} cannot be rendered: neither kustomize nor kubectl was found`,
        range: rangeAt(trace.file, 1, 1),
        suggestion: 'install one of them (kubernetes.io/docs/tasks/tools), and see that it is on PATH',
      },
    ])
  const ran = await runner.run(commandLine(spec.folder), { signal })
  if (!ran.ok)
    return ran.error.kind === 'cancelled' ? 'cancelled' : failedOutput(await faultsOf(rendering, ran.error))
  return readOutput(rendering, ran.value)
}

async function readOutput(
  { spec, label, trace }: Rendering,
  { stdout, stderr }: CommandOutput,
): Promise<RootOutput> {
  const { parseRendered } = await import('../../core/manifest/rendered-documents.js')
  const { placeOf } = await import('../../core/manifest/object-places.js')
  const { places, images } = await sourcesOf(trace)
  const fallback = rangeAt(trace.file, 1, 1)
  const parsed = parseRendered({
    text: stdout,
    tool: label,
    locate: object => placeOf(object, places) ?? fallback,
    fallback,
  })
  const renames = trace.kustomizations.flatMap(({ content }) => content.renames)
  const former = renames.length === 0 ? undefined : formerImages(images, renames)
  return {
    objects: parsed.objects.map(object => ({
      ...object,
      renderer: label,
      ...(spec.namespace === undefined ? {} : { home: spec.namespace }),
      ...(former === undefined ? {} : { formerImages: former }),
    })),
    diagnostics: [
      ...parsed.diagnostics,
      ...warningsOf(stderr).map(
        (message): Diagnostic => ({ severity: 'warning', message: `${label}: ${message}`, range: fallback }),
      ),
      ...(parsed.objects.length === 0 && parsed.diagnostics.length === 0
        ? [{ severity: 'warning' as const, message: `${label} renders no objects`, range: fallback }]
        : []),
    ],
    skipped: [],
  }
}

async function sourcesOf(trace: KustomizationTrace) {
  const { placesIn } = await import('../../core/manifest/object-places.js')
  const texts = trace.objectFiles.map(file => placesIn({ file, text: textOf(trace, file) ?? '' }))
  const inline = trace.kustomizations.flatMap(({ file, content }) =>
    content.inline.map(text => placesIn({ file, text })),
  )
  return {
    places: [
      ...texts.flatMap(text => text.places),
      ...trace.kustomizations.flatMap(({ content }) => content.generated),
    ],
    images: [...texts, ...inline].flatMap(text => text.images),
  }
}

async function faultsOf({ label, trace }: Rendering, problem: Problem): Promise<readonly Diagnostic[]> {
  const broken = trace.kustomizations.flatMap(({ content }) => content.faults)
  const known = [...broken, ...trace.faults]
  if (known.length > 0) return known.map(fault => ({ ...fault, message: `${label}: ${fault.message}` }))
  const { places } = await sourcesOf(trace)
  const { message, range, suggestion } = kustomizeFault({
    stderr: problem.kind === 'command-failed' ? problem.output.join('\n') : '',
    file: trace.file,
    files: trace.files,
    places,
    findText: (file, text) => findText(textOf(trace, file) ?? '', file, text),
  })
  const source = textOf(trace, range.file)
  return [
    {
      severity: 'error',
      message: `${label}: ${message}`,
      range,
      ...(source === undefined ? {} : { frame: codeFrame(source, range) }),
      ...(suggestion === undefined ? {} : { suggestion }),
    },
  ]
}

/** Where a line begins with the text, behind the dash of an item too, or has it in a mapping of one line. */
function findText(source: string, file: string, text: string): SourceRange | undefined {
  for (const [at, line] of source.split('\n').entries()) {
    for (let found = line.indexOf(text); found !== -1; found = line.indexOf(text, found + 1))
      if (/(?:^|[{,]|^\s*-)\s*$/.test(line.slice(0, found))) return rangeAt(file, at + 1, found + 1)
  }
  return undefined
}

const textOf = (trace: KustomizationTrace, file: string): string | undefined =>
  trace.contents.get(file)?.toString('utf8')

/** `# Warning: 'commonLabels' is deprecated. …` */
function warningsOf(stderr: string): readonly string[] {
  return stderr.split('\n').flatMap(line => /^# Warning: (.*)$/.exec(line)?.[1] ?? [])
}
