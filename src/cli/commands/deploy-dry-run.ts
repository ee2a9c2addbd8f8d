import type { LoadedConfig } from '../../config/parse.js'
import { exitCodes } from '../../core/exit-code.js'
import { withImages } from '../../core/manifest/with-images.js'
import { builtImages } from '../../engine/built-images.js'
import { type DryRunTools, dryRun } from '../../engine/dry-run.js'
import { renderWithHooks } from '../../engine/effects/render.js'
import { dryRunCode, formatDifferences } from '../../ui/format-differences.js'
import type { CommandEnd } from '../command-end.js'
import { compose } from '../compose.js'
import { comparingBuilder } from '../compose-processes.js'
import { composeProvider } from '../compose-provider.js'
import { composeRenderHooks } from '../compose-render-hooks.js'
import { wantsColour } from '../create-reporter.js'
import type { CommandIo } from '../io.js'
import { loadProject, type OpenedProject, openProject } from '../open-project.js'

export interface DryRunOptions {
  readonly file?: string
  readonly services: readonly string[]
  readonly json?: true
  readonly prune?: 'asked' | 'all'
}

/** Prints what `deploy` would change in the cluster. Changes nothing, needs no lock, and so can run beside an `up`. */
export async function deployDryRun(io: CommandIo, options: DryRunOptions): Promise<CommandEnd> {
  const adapters = compose(io)
  const loaded = await loadProject(io, options)
  if (!loaded.ok) return loaded.error
  const opened = await openProject(adapters, loaded.value.project)
  if (!opened.ok) return opened.error
  const journal = await opened.value.state.openJournal({ access: 'read', onNotice: () => {} })
  if (!journal.ok) return journal.error
  const access = opened.value.access()
  const abort = new AbortController()
  const off = io.onInterrupt(() => abort.abort())
  try {
    const tools = { cluster: access.cluster, journal: journal.value, signal: abort.signal }
    return await differ(io, { loaded: loaded.value, opened: opened.value, tools, options })
  } finally {
    off()
    await access.close()
    await journal.value.close()
  }
}

async function differ(
  io: CommandIo,
  {
    loaded: { project, warnings },
    opened: { state, cluster: selected },
    tools,
    options,
  }: {
    readonly loaded: LoadedConfig
    readonly opened: OpenedProject
    readonly tools: Omit<DryRunTools, 'uid'>
    readonly options: DryRunOptions
  },
): Promise<CommandEnd> {
  const { provider, adapters } = await composeProvider(selected, io, state.directory)
  const exists = await provider.exists()
  if (!exists.ok) return exists.error
  if (!exists.value)
    return {
      kind: 'cluster-missing',
      message: `there is no cluster ${provider.contextName}, so there is nothing to compare with`,
      hint: 'devloop render prints what would be applied',
    }
  const identity = await tools.cluster.identity()
  if (!identity.ok) return identity.error
  const verified = await provider.verify(identity.value.server)
  if (!verified.ok) return verified.error
  const resources = await tools.cluster.discover()
  if (!resources.ok) return resources.error
  const scopes = Object.fromEntries(
    resources.value.map(({ apiVersion, kind, namespaced }) => [`${apiVersion}/${kind}`, namespaced]),
  )
  const { context, version } = identity.value
  const { result: rendered } = await renderWithHooks(adapters.manifests, {
    project,
    cluster: { context, version, scopes },
    only: options.services.length === 0 ? undefined : options.services,
    configHashKey: state.configHashKey,
    signal: tools.signal,
    ...(await composeRenderHooks(io, adapters, { project, state })),
  })
  if (!rendered.ok) return rendered.error
  const images = await state.openImages()
  if (!images.ok) return images.error
  const builder = comparingBuilder(selected, adapters)
  const built = await builtImages({ ...adapters, builder, images: images.value }, project)
  if (!built.ok) return built.error
  const { references, unbuilt, local } = built.value
  const { linked } = rendered.value
  const used = new Set(linked.objects.flatMap(({ services }) => services))
  const others = linked.objects.flatMap(object =>
    object.images.filter(({ service }) => service === undefined).map(({ image }) => image),
  )
  const onNodes = await local(others)
  if (!onNodes.ok) return onNodes.error
  for (const { message } of [...warnings, ...linked.diagnostics]) io.stderr.write(`${message}\n`)
  for (const name of unbuilt.filter(service => used.has(service)))
    io.stderr.write(
      `${name} is not built since its files changed: its image is as in the manifest (devloop build ${name})\n`,
    )
  const objects = linked.objects.map(object => ({
    object: withImages(object, references, image => onNodes.value.has(image)),
    source: object.source,
  }))
  const differences = await dryRun({ ...tools, uid: identity.value.uid }, linked, objects)
  if (!differences.ok) return tools.signal.aborted ? exitCodes.interrupted : differences.error
  const policy = options.prune ?? project.prune
  io.stdout.write(
    options.json === true
      ? `${JSON.stringify({ context, objects: differences.value })}\n`
      : formatDifferences(differences.value, {
          policy,
          colour: wantsColour(io.stdout.isTTY === true, io.env),
        }),
  )
  return dryRunCode(differences.value, policy)
}
