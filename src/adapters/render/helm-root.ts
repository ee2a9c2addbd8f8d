import { stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { glob } from 'tinyglobby'
import { codeFrame } from '../../core/code-frame.js'
import type { KubeObject, ManifestObject } from '../../core/kube-object.js'
import { withoutAliases } from '../../core/manifest/chart-alias.js'
import { helmFault, helmWarnings, lineInTemplate, templateFile } from '../../core/manifest/helm-fault.js'
import { rangeAt } from '../../core/manifest/line-range.js'
import { hookOf } from '../../core/manifest/release-hook.js'
import type { Diagnostic, SourceRange } from '../../core/problem.js'
import type { HelmManifests } from '../../core/project.js'
import type { RenderCluster, SkippedFile } from '../../ports/manifest-source.js'
import { chartNotes } from './chart-notes.js'
import { fingerprintOf, readAll } from './read-inputs.js'
import { failedOutput, type Root, type RootContext, type RootOutput } from './root.js'

interface ChartFiles {
  readonly isPackage: boolean
  /** Of the chart and its values. Absolute, sorted. */
  readonly files: readonly string[]
  readonly contents: ReadonlyMap<string, Buffer>
  /** Whether a template asks the cluster for objects. */
  readonly usesLookup: boolean
}

/** A chart as a root, rendered by `helm template`: no release is kept in the cluster. */
export function helmRoot(spec: HelmManifests, context: RootContext): Root {
  const { request } = context
  const shown = relative(request.root, spec.chart) || '.'
  const release = spec.release ?? releaseName(spec.chart)
  const label = `helm ${shown}`
  return {
    key: `helm ${JSON.stringify(spec)}`,
    kind: 'helm',
    label,
    place: spec.chart,
    read: async () => {
      const chart = await chartFiles(spec)
      const { cluster, namespace } = request
      return {
        inputs: {
          files: chart.files,
          folders: [],
          trees: chart.isPackage ? [] : [spec.chart],
        },
        fingerprint: fingerprintOf(
          { spec, namespace, cluster: clusterSettings(cluster, chart) },
          chart.files,
          chart.contents,
        ),
        render: signal => renderChart({ spec, release, label, shown, chart, signal, ...context }),
      }
    },
  }
}

/** A folder's name as helm takes it for a release. */
function releaseName(chart: string): string {
  const name = basename(chart)
    .toLowerCase()
    .replace(/\.tgz$/, '')
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 53)
    .replace(/[.-]+$/, '')
  return name === '' ? 'release' : name
}

async function chartFiles(spec: HelmManifests): Promise<ChartFiles> {
  const isPackage = await stat(spec.chart).then(
    found => found.isFile(),
    () => false,
  )
  const own = isPackage
    ? [spec.chart]
    : await glob(['**/*'], { cwd: spec.chart, absolute: true, dot: true, ignore: ['**/.git/**'] }).catch(
        () => [],
      )
  const files = [...new Set([...own, ...spec.values])].sort()
  const contents = await readAll(files)
  const usesLookup = files.some(
    file =>
      /[\\/]templates[\\/]/.test(file) &&
      /\{\{[^}]*\blookup\s/.test(contents.get(file)?.toString('utf8') ?? ''),
  )
  return { isPackage, files, contents, usesLookup }
}

/** What of the cluster decides the output: its versions, and which one it is where the chart looks into it. */
function clusterSettings(cluster: RenderCluster | undefined, { usesLookup }: ChartFiles): unknown {
  if (cluster === undefined) return undefined
  const { context, version, apiVersions } = cluster
  return { version, apiVersions, context: usesLookup ? context : undefined }
}

interface Rendering extends RootContext {
  readonly spec: HelmManifests
  readonly release: string
  readonly label: string
  readonly shown: string
  readonly chart: ChartFiles
  readonly signal: AbortSignal
}

/**
 * The version of Kubernetes that stands for a cluster that is not asked, where a chart refuses the one that this build of helm was made with: some were made
 * with v1.20.0, which most charts refuse.
 */
const NEWEST = 'v1.34.0'

async function renderChart(rendering: Rendering): Promise<RootOutput | 'cancelled'> {
  const flags = flagsOf(rendering)
  const { output, isOfVersion } = await renderWith(rendering, flags)
  if (!isOfVersion || rendering.request.cluster !== undefined) return output
  const again = await renderWith(rendering, [...flags, '--kube-version', NEWEST])
  return again.output
}

/** `isOfVersion`: it failed, for the chart refuses the version of Kubernetes. */
async function renderWith(
  rendering: Rendering,
  flags: readonly string[],
): Promise<{ readonly output: RootOutput | 'cancelled'; readonly isOfVersion?: boolean }> {
  const { spec, label, shown, chart, runner, signal } = rendering
  const place = rangeAt(chart.isPackage ? spec.chart : join(spec.chart, 'Chart.yaml'), 1, 1)
  const template = ['helm', 'template', rendering.release, spec.chart, '--include-crds', ...flags] as const
  const [ran, notes] = await Promise.all([
    runner.run(template, { signal }),
    chart.isPackage ? undefined : chartNotes({ ...rendering, chart: spec.chart, flags }),
  ])
  if (ran.ok) return { output: await readOutput(rendering, { ...ran.value, place, notes }) }
  if (ran.error.kind === 'cancelled') return { output: 'cancelled' }
  if (ran.error.kind === 'command-failed' && ran.error.reason === 'not-found') {
    const fault: Diagnostic = {
      severity: 'error',
      message: `${label} cannot be rendered: helm was not found`,
      range: place,
      suggestion: 'install it (helm.sh/docs/intro/install), and see that it is on PATH',
    }
    return { output: failedOutput([fault]) }
  }
  const told = ran.error.kind === 'command-failed' ? ran.error.output.join('\n') : ''
  const { message, range = place, suggestion } = helmFault(told, { chart: spec.chart, shown })
  const source = chart.contents.get(range.file)?.toString('utf8')
  const fault: Diagnostic = {
    severity: 'error',
    message: `${label}: ${message}`,
    range,
    ...(source === undefined ? {} : { frame: codeFrame(source, range) }),
    ...(suggestion === undefined ? {} : { suggestion }),
  }
  return { output: failedOutput([fault]), isOfVersion: /requires kubeVersion: .* incompatible/.test(told) }
}

function flagsOf({ spec, chart, request }: Rendering): readonly string[] {
  const { cluster } = request
  return [
    '--namespace',
    spec.namespace ?? request.namespace,
    ...spec.values.flatMap(file => ['--values', file]),
    ...spec.set.flatMap(({ key, value, isText }) =>
      isText ? ['--set-string', `${key}=${escaped(value)}`] : ['--set', `${key}=${value}`],
    ),
    ...(cluster === undefined
      ? []
      : ['--kube-version', cluster.version, '--api-versions', cluster.apiVersions.join(',')]),
    ...(cluster !== undefined && chart.usesLookup
      ? ['--dry-run=server', '--kube-context', cluster.context]
      : []),
  ]
}

/** Commas, braces and backslashes have a meaning in `--set-string`. */
const escaped = (value: string): string => value.replace(/[\\,{}]/g, '\\$&')

async function readOutput(
  rendering: Rendering,
  {
    stdout,
    stderr,
    place,
    notes,
  }: {
    readonly stdout: string
    readonly stderr: string
    readonly place: SourceRange
    readonly notes: string | undefined
  },
): Promise<RootOutput> {
  const { spec, release, label, chart } = rendering
  const { parseRendered } = await import('../../core/manifest/rendered-documents.js')
  const parsed = parseRendered({
    text: stdout,
    tool: label,
    locate: (object, document) => locate(object, document, { place, chart, folder: spec.chart }),
    fallback: place,
  })
  const objects: ManifestObject[] = []
  const skipped: SkippedFile[] = []
  for (const { object, source } of parsed.objects) {
    const verdict = hookOf(object)
    if (verdict.kind === 'left-out') {
      const name = `${object.kind.toLowerCase()}/${object.metadata.name}`
      skipped.push({ file: source.file, reason: `${name} ${verdict.reason}` })
      continue
    }
    objects.push({
      object,
      source,
      renderer: label,
      release: `${spec.namespace ?? ''}/${release}`,
      ...(spec.namespace === undefined ? {} : { home: spec.namespace }),
    })
  }
  const said = [...helmWarnings(stderr), ...(notes === undefined ? [] : [`notes of the chart:\n${notes}`])]
  return {
    objects,
    skipped,
    diagnostics: [
      ...parsed.diagnostics,
      ...said.map(
        (message): Diagnostic => ({ severity: 'warning', message: `${label}: ${message}`, range: place }),
      ),
    ],
  }
}

/** Helm writes above each document which template made it. */
function locate(
  { kind, metadata }: KubeObject,
  document: string,
  {
    place,
    chart,
    folder,
  }: { readonly place: SourceRange; readonly chart: ChartFiles; readonly folder: string },
): SourceRange {
  const named = /^# Source: (\S+)/m.exec(document)?.[1]
  if (named === undefined || chart.isPackage) return place
  const textOf = (path: string) => chart.contents.get(path)?.toString('utf8')
  const path = withoutAliases(named, of => textOf(join(templateFile(folder, of), 'Chart.yaml')))
  const file = templateFile(folder, path)
  const text = textOf(file)
  if (text !== undefined) return rangeAt(file, lineInTemplate(text, kind, metadata.name), 1)
  // A template of a dependency that is packed.
  const pack = chart.files.find(
    candidate => candidate.endsWith('.tgz') && candidate.startsWith(dirname(dirname(dirname(file)))),
  )
  return pack === undefined ? place : rangeAt(pack, 1, 1)
}
