import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import type { ParsedManifests } from '../../core/manifest/parse-manifests.js'
import type { Diagnostic } from '../../core/problem.js'
import type { SkippedFile } from '../../ports/manifest-source.js'
import type { RootOutput } from './root.js'

// Enough to keep the disk busy without holding thousands of files in memory.
const READ_AT_ONCE = 64

export interface RawFile {
  readonly file: string
  readonly substitute: boolean
}

/** Reads raw manifests; a file whose bytes and variables are those of the last reading is not parsed again. */
export interface RawReader {
  /** For each file what it holds. Files that were not asked for are forgotten. */
  read(
    files: readonly RawFile[],
    options: { readonly variables: Readonly<Record<string, string>>; readonly root: string },
  ): Promise<ReadonlyMap<string, RootOutput>>
}

export function createRawReader(): RawReader {
  let memory = new Map<string, { readonly hash: string; readonly output: RootOutput }>()
  return {
    async read(files, { variables, root }) {
      // The YAML parser is the one heavy module here.
      const { parseManifests } = await import('../../core/manifest/parse-manifests.js')
      const given = JSON.stringify(variables)
      const next: typeof memory = new Map()
      for (let at = 0; at < files.length; at += READ_AT_ONCE) {
        const batch = files.slice(at, at + READ_AT_ONCE)
        const contents = await Promise.all(batch.map(({ file }) => contentOf(file)))
        batch.forEach(({ file, substitute }, position) => {
          const content = contents[position]
          if (content === undefined || typeof content === 'string') {
            next.set(file, { hash: '', output: unreadable(file, root, content ?? 'was not read') })
            return
          }
          const hash = createHash('sha256')
            .update(substitute ? given : '')
            .update('\0')
            .update(content)
            .digest('hex')
          const known = memory.get(file)
          if (known?.hash === hash) {
            next.set(file, known)
            return
          }
          const text = decode(content)
          const output =
            text === undefined
              ? unreadable(file, root, 'is not UTF-8')
              : outputOf(file, parseManifests({ file, text, variables: substitute ? variables : undefined }))
          next.set(file, { hash, output })
        })
      }
      memory = next
      return new Map([...next].map(([file, { output }]) => [file, output]))
    },
  }
}

function outputOf(file: string, parsed: ParsedManifests): RootOutput {
  const reason = skipReason(parsed)
  const skipped: readonly SkippedFile[] = reason === undefined ? [] : [{ file, reason }]
  return { objects: parsed.objects, diagnostics: parsed.diagnostics, skipped }
}

function unreadable(file: string, root: string, why: string): RootOutput {
  const fault: Diagnostic = { severity: 'error', message: `${relative(root, file)}: ${why}` }
  return { objects: [], diagnostics: [fault], skipped: [] }
}

function skipReason(parsed: ParsedManifests): string | undefined {
  if (parsed.objects.length > 0 || parsed.diagnostics.length > 0) return undefined
  return parsed.others > 0 ? 'has no apiVersion and kind' : 'has no document, or comments only'
}

function decode(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    return undefined
  }
}

/** The bytes, or why there are none. */
async function contentOf(file: string): Promise<Uint8Array | string> {
  try {
    return await readFile(file)
  } catch (error) {
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
}
