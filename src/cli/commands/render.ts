import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { exitCodes } from '../../core/exit-code.js'
import { printObjects } from '../../core/manifest/print.js'
import { withImages } from '../../core/manifest/with-images.js'
import { builtImages } from '../../engine/built-images.js'
import { renderWithHooks } from '../../engine/effects/render.js'
import type { CommandEnd } from '../command-end.js'
import { compose } from '../compose.js'
import { composeRenderHooks } from '../compose-render-hooks.js'
import type { CommandIo } from '../io.js'
import { loadProject, openProject } from '../open-project.js'

export interface RenderOptions {
  readonly file?: string
  readonly services: readonly string[]
  readonly output: 'yaml' | 'json'
  readonly explain?: true
}

/** Prints exactly what would be applied. A service that is not built keeps the image of its manifest, and is named. */
export async function render(io: CommandIo, options: RenderOptions): Promise<CommandEnd> {
  const adapters = compose(io)
  const loaded = await loadProject(io, options)
  if (!loaded.ok) return loaded.error
  const { project } = loaded.value
  const opened = await openProject(adapters, project)
  if (!opened.ok) return opened.error
  const { state } = opened.value
  const { inputs, result: rendered } = await renderWithHooks(adapters.manifests, {
    project,
    // The cluster is asked only by what acts on it; built-in kinds and CRDs of the manifests are known without.
    cluster: undefined,
    only: options.services.length === 0 ? undefined : options.services,
    configHashKey: state.configHashKey,
    signal: new AbortController().signal,
    ...(await composeRenderHooks(io, adapters, { project, state })),
  })
  if (!rendered.ok) return rendered.error
  if (options.explain === true) {
    const path = (file: string) => relative(project.root, file) || '.'
    for (const { label, objects } of rendered.value.roots)
      io.stdout.write(`rendered ${label}: ${objects} objects\n`)
    // A file that was read and holds nothing is left out, and not taken as well.
    const without = new Set(rendered.value.skipped.map(({ file }) => file))
    for (const file of inputs.files.filter(file => !without.has(file) && existsSync(file)))
      io.stdout.write(`taken    ${path(file)}\n`)
    for (const { file, reason } of rendered.value.skipped)
      io.stdout.write(`left out ${path(file)}: ${reason}\n`)
    return exitCodes.ok
  }
  const images = await state.openImages()
  if (!images.ok) return images.error
  const built = await builtImages({ ...adapters, images: images.value }, project)
  if (!built.ok) return built.error
  const { references, unbuilt, local } = built.value
  const { objects, diagnostics } = rendered.value.linked
  const used = new Set(objects.flatMap(object => object.services))
  for (const name of unbuilt.filter(service => used.has(service))) {
    io.stderr.write(
      `${name} is not built since its files changed: its image is as in the manifest (devloop build ${name})\n`,
    )
  }
  for (const { message } of diagnostics) io.stderr.write(`${message}\n`)
  const onNodes = await local(
    objects.flatMap(object =>
      object.images.filter(image => image.service === undefined).map(({ image }) => image),
    ),
  )
  if (!onNodes.ok) return onNodes.error
  const final = objects.map(object => withImages(object, references, image => onNodes.value.has(image)))
  io.stdout.write(printObjects(final, options.output))
  return exitCodes.ok
}
