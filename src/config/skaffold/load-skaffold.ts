import { readdir, readFile, stat } from 'node:fs/promises'
import type { SourceRange } from '../../core/problem.js'
import type { ConfigDocument } from '../document.js'
import type { Environment } from '../resolve-variables.js'
import { chainTo, plainOf } from './config-node.js'
import { type ImportedSkaffold, importSkaffold } from './import-skaffold.js'
import type { FileFact } from './translation.js'

interface LoadSkaffold {
  /** Absolute path of the `skaffold.yaml`. */
  readonly file: string
  readonly text: string
  readonly env: Environment
  /** Whether it is read each time (`up -f skaffold.yaml`), or once, for a config that is written from it. */
  readonly live: boolean
}

/** No chain of files is longer: each round reads what the one before asked for. */
const ROUNDS = 20
/** A Dockerfile, a chart or a `skaffold.yaml` is smaller; what is larger is none. */
const SIZE_LIMIT = 1_000_000

/** Translates a `skaffold.yaml` with what the disk has: the files that it requires, Dockerfiles, charts. */
export async function loadSkaffold(options: LoadSkaffold): Promise<ImportedSkaffold> {
  const facts = new Map<string, FileFact>()
  for (let round = 1; ; round++) {
    const asked = new Set<string>()
    const imported = importSkaffold({
      ...options,
      fileAt: path => {
        if (!facts.has(path)) asked.add(path)
        return facts.get(path)
      },
    })
    if (asked.size === 0 || round === ROUNDS) return imported
    await Promise.all([...asked].map(async path => facts.set(path, await factOf(path))))
  }
}

async function factOf(path: string): Promise<FileFact> {
  try {
    const found = await stat(path)
    if (found.isDirectory()) return { kind: 'folder', names: await readdir(path) }
    if (!found.isFile()) return undefined
    return { kind: 'file', text: found.size > SIZE_LIMIT ? '' : await readFile(path, 'utf8') }
  } catch {
    // Missing or unreadable: the config is checked for it at the end, and says so at the field that names it.
    return undefined
  }
}

/** A translated file as a config document: its values are where a person wrote what they were made of. */
export function skaffoldDocument({ config, syntax, texts }: ImportedSkaffold): ConfigDocument {
  const [first] = texts
  const top: SourceRange = first?.documents[0]?.range ?? {
    file: first?.file ?? '',
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 1,
  }
  const isBroken = syntax.length > 0
  return {
    value: isBroken ? undefined : plainOf(config),
    findings: syntax,
    brokenFrom: isBroken ? Math.min(...syntax.map(({ range }) => range.line)) : Number.POSITIVE_INFINITY,
    locate(path, on) {
      const chain = chainTo(config, path)
      const from = chain.findLast(node => node.from !== undefined)?.from
      if (from === undefined) return { ...top, endLine: top.line, endColumn: top.column + 1 }
      const isThere = chain.length === path.length + 1 && chain.at(-1)?.from === from
      return isThere && on === 'value' ? from.valueRange : from.range
    },
    textAt(path) {
      const chain = chainTo(config, path)
      const node = chain.at(-1)
      if (chain.length !== path.length + 1 || node?.kind !== 'scalar') return undefined
      return node.text ?? String(node.value)
    },
    textOf: file => texts.find(one => one.file === file)?.text,
  }
}
