import { formatDiagnostic } from '../../core/format-diagnostic.js'
import { lintManifests } from '../../core/lint/lint-manifests.js'
import { renderProject } from '../../engine/effects/render.js'
import { placeFinding } from '../../engine/place-finding.js'
import type { CommandEnd } from '../command-end.js'
import { compose } from '../compose.js'
import type { CommandIo } from '../io.js'
import { loadProject } from '../open-project.js'
import { untranslatedLines } from '../tell-untranslated.js'

/** Checks all that can be checked without Docker and a cluster. */
export async function validate(
  io: CommandIo,
  options: { readonly file?: string; readonly print?: true },
): Promise<CommandEnd> {
  const loaded = await loadProject(io, options)
  if (!loaded.ok) return loaded.error
  const { project, warnings, profiles } = loaded.value
  if (options.print === true) {
    const { printConfig } = await import('../../config/print-config.js')
    io.stdout.write(printConfig(loaded.value))
    for (const diagnostic of warnings) io.stderr.write(`${formatDiagnostic(diagnostic).join('\n')}\n`)
    return 0
  }
  const { manifests, locateField } = compose(io)
  const { result: rendered } = await renderProject(manifests, {
    project,
    cluster: undefined,
    only: undefined,
    configHashKey: '',
    signal: new AbortController().signal,
  })
  if (!rendered.ok) return rendered.error
  const { objects, diagnostics } = rendered.value.linked
  const found = lintManifests({ objects, services: project.services, connected: false })
  const lint = await Promise.all(found.map(finding => placeFinding(finding, locateField)))
  for (const diagnostic of [...warnings, ...diagnostics, ...lint]) {
    io.stdout.write(`${formatDiagnostic(diagnostic).join('\n')}\n`)
  }
  for (const line of untranslatedLines(loaded.value.untranslated ?? [], io.cwd)) io.stdout.write(`${line}\n`)
  for (const { name, active, why } of profiles)
    io.stdout.write(`profile ${name} is ${active ? 'active' : 'not active'}: ${why}\n`)
  io.stdout.write(
    `${project.configFile} is valid: ${counted(project.services.length, 'service')}, ${counted(objects.length, 'object')}\n`,
  )
  return 0
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
