import { formatDiagnostic } from '../../core/format-diagnostic.js'
import { renderProject } from '../../engine/effects/render.js'
import type { CommandEnd } from '../command-end.js'
import { compose } from '../compose.js'
import type { CommandIo } from '../io.js'
import { loadProject } from '../open-project.js'

/** Checks all that can be checked without Docker and a cluster. */
export async function validate(io: CommandIo, options: { readonly file?: string }): Promise<CommandEnd> {
  const loaded = await loadProject(io, options)
  if (!loaded.ok) return loaded.error
  const { project, warnings } = loaded.value
  const { manifests } = compose(io)
  const { result: rendered } = await renderProject(manifests, {
    project,
    cluster: undefined,
    only: undefined,
    configHashKey: '',
    signal: new AbortController().signal,
  })
  if (!rendered.ok) return rendered.error
  for (const diagnostic of [...warnings, ...rendered.value.linked.diagnostics]) {
    io.stdout.write(`${formatDiagnostic(diagnostic).join('\n')}\n`)
  }
  const { objects } = rendered.value.linked
  io.stdout.write(
    `${project.configFile} is valid: ${project.services.length} services, ${objects.length} objects\n`,
  )
  return 0
}
