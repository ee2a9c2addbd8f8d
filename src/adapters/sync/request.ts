import { stat } from 'node:fs/promises'
import { err, ok, type Result } from '../../core/result.js'
import type { FileChange, RestartOptions, SyncProblem, SyncRefused } from '../../ports/file-sync.js'
import { type ArchiveEntry, archive, recordsOf } from './archive.js'

/** One request to the script: what is sent, and how many bytes of files that is. */
export interface WriteRequest {
  readonly bytes: number
  send(): AsyncGenerator<Uint8Array | string>
}

/** Looks at the files that are to be sent. One that is there no more is left out: the save that took it away comes next. */
export async function writeRequest(
  containerId: string,
  changes: readonly FileChange[],
): Promise<Result<WriteRequest, SyncRefused>> {
  const broken = changes.find(({ to }) => /[\n\r\0]/.test(to))
  if (broken !== undefined)
    return err({ kind: 'sync-refused', message: `the name ${JSON.stringify(broken.to)} has a line break` })
  const entries: ArchiveEntry[] = []
  const lines: string[] = [`container ${containerId}`]
  const add = (word: 'file' | 'link', to: string, entry: ArchiveEntry): void => {
    lines.push(`${word} ${entries.length} ${entry.mode.toString(8)} ${entry.size} ${to}`)
    entries.push(entry)
  }
  let bytes = 0
  const late: string[] = []
  for (const change of changes) {
    switch (change.kind) {
      case 'file': {
        const found = await stat(change.from).catch(() => undefined)
        if (found === undefined || !found.isFile()) break
        bytes += found.size
        add('file', change.to, { mode: change.mode, size: found.size, content: { file: change.from } })
        break
      }
      case 'link': {
        const text = change.target
        add('link', change.to, { mode: 0o644, size: Buffer.byteLength(text), content: { text } })
        break
      }
      case 'folder':
        lines.push(`folder ${change.to}`)
        break
      case 'delete':
        late.push(`delete ${change.to}`)
    }
  }
  const head = [...lines, ...late, `write ${recordsOf(entries)}`].map(line => `${line}\n`).join('')
  return ok({
    bytes,
    async *send() {
      yield head
      yield* archive(entries)
    },
  })
}

/** The text that asks for a restart. */
export function restartRequest(
  containerId: string,
  { ports, grace, patience }: Pick<RestartOptions, 'ports' | 'grace' | 'patience'>,
): string {
  const hundredths = (milliseconds: number) => Math.ceil(milliseconds / 10)
  const words = ports.map(port => port.toString(16).toUpperCase().padStart(4, '0'))
  return `container ${containerId}\n${['restart', hundredths(grace), hundredths(patience), ...words].join(' ')}\n`
}

/** What an answer of the script means. `unknown`: the node's runtime keeps containers elsewhere. */
export type Answer =
  | { readonly kind: 'done'; readonly detail: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly problem: SyncProblem }

export function parseAnswer(line: string): Answer {
  const space = line.indexOf(' ')
  const word = space === -1 ? line : line.slice(0, space)
  const rest = space === -1 ? '' : line.slice(space + 1).trim()
  switch (word) {
    case 'done':
      return { kind: 'done', detail: rest }
    case 'unknown':
      return { kind: 'unknown' }
    case 'gone':
      return { kind: 'failed', problem: { kind: 'container-gone' } }
    default:
      return {
        kind: 'failed',
        problem: { kind: 'sync-refused', message: word === 'refused' ? rest : `it was answered: ${line}` },
      }
  }
}
