import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { type ManifestObject, refOf } from '../../core/kube-object.js'
import { collisions } from '../../core/manifest/collisions.js'
import type { ParsedManifests } from '../../core/manifest/parse-manifests.js'
import type { Diagnostic } from '../../core/problem.js'
import { err, ok } from '../../core/result.js'
import type { ManifestSource } from '../../ports/manifest-source.js'
import { manifestFiles } from './manifest-files.js'

// Enough to keep the disk busy without holding thousands of files in memory.
const READ_AT_ONCE = 64

/** Reads raw manifests: folders, files and globs of YAML and JSON. */
export function createManifestSource(): ManifestSource {
  return {
    async render(specs, variables, root) {
      // The YAML parser is the one heavy module here.
      const { parseManifests } = await import('../../core/manifest/parse-manifests.js')
      const places = await Promise.all(specs.map(spec => manifestFiles(spec, root)))
      const found = new Map<string, boolean>()
      places.forEach(({ files }, at) => {
        // A file that two entries name is read once, as the first says.
        for (const file of files) if (!found.has(file)) found.set(file, specs[at]?.substitute ?? false)
      })
      const objects: ManifestObject[] = []
      const diagnostics: Diagnostic[] = places.flatMap(place => place.diagnostics)
      const skipped = places.flatMap(place => place.skipped).filter(({ file }) => !found.has(file))
      const entries = [...found]
      for (let at = 0; at < entries.length; at += READ_AT_ONCE) {
        const batch = entries.slice(at, at + READ_AT_ONCE)
        const texts = await Promise.all(batch.map(([file]) => readText(file)))
        batch.forEach(([file, substitute], position) => {
          const text = texts[position]
          if (text === undefined || !text.ok) {
            const why = text?.error ?? 'was not read'
            diagnostics.push({ severity: 'error', message: `${relative(root, file)}: ${why}` })
            return
          }
          const parsed = parseManifests({
            file,
            text: text.value,
            variables: substitute ? variables : undefined,
          })
          objects.push(...parsed.objects)
          diagnostics.push(...parsed.diagnostics)
          const reason = skipReason(parsed)
          if (reason !== undefined) skipped.push({ file, reason })
        })
      }
      diagnostics.push(...collisions(objects.map(({ object, source }) => ({ ref: refOf(object), source }))))
      if (diagnostics.some(({ severity }) => severity === 'error'))
        return err({ kind: 'render-failed', diagnostics })
      return ok({
        objects,
        skipped,
        files: entries.map(([file]) => file),
        folders: [...new Set(places.flatMap(place => place.folders))],
        warnings: diagnostics,
      })
    },
  }
}

function skipReason(parsed: ParsedManifests): string | undefined {
  if (parsed.objects.length > 0 || parsed.diagnostics.length > 0) return undefined
  return parsed.others > 0 ? 'has no apiVersion and kind' : 'has no document, or comments only'
}

async function readText(
  file: string,
): Promise<{ readonly ok: true; readonly value: string } | { readonly ok: false; readonly error: string }> {
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)))
  } catch (error) {
    if (error instanceof TypeError) return err('is not UTF-8')
    return err(`cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
