import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { ProcessRunner } from '../../ports/process-runner.js'

const NOTES = 'templates/NOTES.txt'
/** Prints the notes as an object, for `helm template` renders them and throws them away. */
const TEMPLATE = `apiVersion: v1
kind: ConfigMap
metadata: { name: notes }
data:
  notes: {{ include (print $.Template.BasePath "/NOTES.txt") . | toJson }}
`

/**
 * The notes that a chart shows its users, rendered; undefined where it has none, or where they cannot be rendered. No command of helm prints
 * them without asking a cluster, so a copy of the chart gets a template that does.
 */
export async function chartNotes(options: {
  readonly chart: string
  readonly release: string
  readonly flags: readonly string[]
  readonly runner: ProcessRunner
  readonly signal: AbortSignal
}): Promise<string | undefined> {
  const { chart, release, flags, runner, signal } = options
  if ((await readFile(join(chart, NOTES)).catch(() => undefined)) === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'devloop-notes-'))
  try {
    const copy = join(folder, basename(chart))
    await cp(chart, copy, { recursive: true, dereference: true })
    const template = 'templates/devloop-notes.yaml'
    await writeFile(join(copy, template), TEMPLATE)
    const ran = await runner.run(['helm', 'template', release, copy, '--show-only', template, ...flags], {
      signal,
    })
    if (!ran.ok) return undefined
    const { parseManifests } = await import('../../core/manifest/parse-manifests.js')
    const { objects } = parseManifests({ file: NOTES, text: ran.value.stdout, variables: undefined })
    const notes = (objects[0]?.object.data as { readonly notes?: unknown } | undefined)?.notes
    return typeof notes === 'string' && notes.trim() !== '' ? notes.trim() : undefined
  } catch {
    // Notes are a courtesy: a full disk or a socket in the chart must not keep it from being deployed.
    return undefined
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
