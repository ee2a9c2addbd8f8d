import type { ManifestObject } from '../../core/kube-object.js'
import { refOf } from '../../core/kube-object.js'
import { collisions } from '../../core/manifest/collisions.js'
import type { RenderInputs } from '../../core/manifest/render-inputs.js'
import { cancelled, type Diagnostic } from '../../core/problem.js'
import { err, ok } from '../../core/result.js'
import type { ManifestReading, ManifestSource, RenderRequest } from '../../ports/manifest-source.js'
import type { ProcessRunner } from '../../ports/process-runner.js'
import { commandRoot } from './command-root.js'
import { helmRoot } from './helm-root.js'
import { findKustomize, type KustomizeTool, kustomizeRoot } from './kustomize-root.js'
import { compare, type ManifestFiles, manifestFiles } from './manifest-files.js'
import { type PlannedItem, planRoots, tracedFolders } from './plan-roots.js'
import { createRawReader } from './raw-manifests.js'
import type { Root, RootOutput, RootReading } from './root.js'
import { type KustomizationTrace, traceKustomization } from './trace-kustomization.js'

/** Renderers are programs; more at once only make each slower. */
const RENDER_AT_ONCE = 4

/** Reads raw manifests, and renders kustomizations, charts and commands by their tools. What did not change is not rendered again. */
export function createManifestSource({ runner }: { readonly runner: ProcessRunner }): ManifestSource {
  const raw = createRawReader()
  const tool = findKustomize(runner)
  let rendered = new Map<string, { readonly fingerprint: string; readonly output: RootOutput }>()
  return {
    async render(request) {
      const { items, skipped, diagnostics, folders, traces } = await planOf(request)
      const roots = items.flatMap(item =>
        item.kind === 'root' ? [rootOf(item, request, { runner, tool, traces })] : [],
      )
      const files = items.flatMap(item => (item.kind === 'file' ? [item] : []))
      const [readings, texts] = await Promise.all([
        Promise.all(roots.map(root => root.read())),
        raw.read(files, request),
      ])
      const inputs = inputsOf(
        files.map(({ file }) => file),
        folders,
        readings,
      )
      const outputs = await renderAll(roots, readings, rendered, request.signal)
      if (outputs === undefined) return { inputs, result: err(cancelled) }
      rendered = remembered(roots, readings, outputs)
      const inOrder = items.map(item => {
        const output = item.kind === 'file' ? texts.get(item.file) : outputs.shift()
        return { item, output }
      })
      return finish(inputs, { inOrder, roots, skipped, diagnostics })
    },
  }
}

interface Planned {
  readonly items: readonly PlannedItem[]
  readonly skipped: ReturnType<typeof planRoots>['skipped']
  readonly diagnostics: readonly Diagnostic[]
  readonly folders: readonly string[]
  readonly traces: ReadonlyMap<string, KustomizationTrace>
}

async function planOf({ specs, root }: RenderRequest): Promise<Planned> {
  const found = await Promise.all(
    specs.map(
      async (spec): Promise<ManifestFiles | undefined> =>
        spec.kind === 'raw' ? manifestFiles(spec, root) : undefined,
    ),
  )
  const traced = await Promise.all(
    tracedFolders(specs, found).map(async folder => [folder, await traceKustomization(folder)] as const),
  )
  const traces = new Map(traced)
  const plan = planRoots({ specs, found, traces, root })
  return { ...plan, traces, folders: [...new Set(found.flatMap(files => files?.folders ?? []))] }
}

function rootOf(
  { spec }: Extract<PlannedItem, { readonly kind: 'root' }>,
  request: RenderRequest,
  {
    runner,
    tool,
    traces,
  }: {
    readonly runner: ProcessRunner
    readonly tool: KustomizeTool
    readonly traces: Planned['traces']
  },
): Root {
  switch (spec.kind) {
    case 'kustomize':
      return kustomizeRoot(spec, { runner, request, tool, trace: traces.get(spec.folder) })
    case 'helm':
      return helmRoot(spec, { runner, request })
    case 'command':
      return commandRoot(spec, { runner, request })
  }
}

function inputsOf(
  files: readonly string[],
  folders: readonly string[],
  readings: readonly RootReading[],
): RenderInputs {
  const all = (key: keyof RenderInputs, own: readonly string[]): readonly string[] =>
    [...new Set([...own, ...readings.flatMap(({ inputs }) => inputs[key])])].sort(compare)
  return { files: all('files', files), folders: all('folders', folders), trees: all('trees', []) }
}

/** In the order of the roots; undefined after an abort. */
async function renderAll(
  roots: readonly Root[],
  readings: readonly RootReading[],
  known: ReadonlyMap<string, { readonly fingerprint: string; readonly output: RootOutput }>,
  signal: AbortSignal,
): Promise<RootOutput[] | undefined> {
  const outputs: (RootOutput | 'cancelled')[] = []
  const waiting = readings.map((reading, at) => ({ reading, at, key: roots[at]?.key ?? '' }))
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { reading, at, key } = next
      const before = known.get(key)
      outputs[at] =
        before !== undefined && before.fingerprint === reading.fingerprint
          ? before.output
          : await reading.render(signal)
    }
  }
  await Promise.all(Array.from({ length: RENDER_AT_ONCE }, work))
  const done = outputs.filter(output => output !== 'cancelled')
  return done.length === outputs.length ? done : undefined
}

/** A failure is not kept: what it lacked may be there the next time. */
function remembered(
  roots: readonly Root[],
  readings: readonly RootReading[],
  outputs: readonly RootOutput[],
) {
  const kept = new Map<string, { readonly fingerprint: string; readonly output: RootOutput }>()
  roots.forEach(({ key }, at) => {
    const fingerprint = readings[at]?.fingerprint
    const output = outputs[at]
    if (fingerprint === undefined || output === undefined) return
    if (output.diagnostics.every(({ severity }) => severity !== 'error'))
      kept.set(key, { fingerprint, output })
  })
  return kept
}

function finish(
  inputs: RenderInputs,
  {
    inOrder,
    roots,
    skipped,
    diagnostics,
  }: {
    readonly inOrder: readonly { readonly item: PlannedItem; readonly output: RootOutput | undefined }[]
    readonly roots: readonly Root[]
    readonly skipped: Planned['skipped']
    readonly diagnostics: readonly Diagnostic[]
  },
): ManifestReading {
  const outputs = inOrder.flatMap(({ output }) => output ?? [])
  const objects = outputs.flatMap(output => output.objects)
  const all = [
    ...diagnostics,
    ...outputs.flatMap(output => output.diagnostics),
    ...collisions(objects.map(object => ({ ...object, ref: placedRef(object) }))),
  ]
  if (all.some(({ severity }) => severity === 'error'))
    return { inputs, result: err({ kind: 'render-failed', diagnostics: all }) }
  const ofRoots = inOrder.flatMap(({ item, output }) => (item.kind === 'root' ? [output] : []))
  return {
    inputs,
    result: ok({
      objects,
      roots: roots.map(({ label }, at) => ({ label, objects: ofRoots[at]?.objects.length ?? 0 })),
      skipped: [...skipped, ...outputs.flatMap(output => output.skipped)],
      warnings: all,
    }),
  }
}

/** Two releases of one chart in two namespaces are no collision. Whether a kind lives in a namespace is for the cluster to say, later. */
function placedRef({ object, home }: ManifestObject) {
  const ref = refOf(object)
  const namespace = ref.namespace ?? home
  return { ...ref, ...(namespace === undefined ? {} : { namespace }) }
}
