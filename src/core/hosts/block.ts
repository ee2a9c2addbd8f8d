import { linesOf } from './host-lines.js'
import { canonicalAddress, hostNameKind } from './host-name.js'

/**
 * devloop's block in a hosts file: `# BEGIN devloop ID`, the lines, `# END devloop ID`. All else stays byte for byte as it was, so that texts are
 * read and written as Latin-1, which has a character for every byte.
 */
export type Edited =
  | { readonly kind: 'edited'; readonly text: string }
  /** A marker without its other one: where the block ends cannot be known, and what is not ours must not be touched. */
  | { readonly kind: 'damaged'; readonly line: number; readonly message: string }

/** Said in the first marker where the file had no final newline, so that taking the block away can put that right. */
const JOINED = ' (the file ended without a newline)'

/** The id of a project's block on one cluster. A context's name may have any characters. */
export function blockId(project: string, context: string): string {
  return `${encodeURIComponent(project)}@${encodeURIComponent(context)}`
}

/** An address and a name as a line of a hosts file, without its end. Throws for what is not exactly these: nothing else may get into the file. */
export function hostLine(address: string, name: string): string {
  if (canonicalAddress(address) === undefined || hostNameKind(name) !== 'plain')
    throw new Error(`not for a hosts file: ${JSON.stringify([address, name])}`)
  return `${address} ${name}`
}

/** The text with this block, in place of the one of the same id, else at the end. Without lines there is no block. */
export function withBlock(text: string, id: string, lines: readonly string[]): Edited {
  const found = findBlocks(text, id)
  if (found.kind === 'damaged') return found
  const [first, ...others] = found.blocks
  if (lines.length === 0 || first === undefined)
    return lines.length === 0 ? withoutBlock(text, id) : { kind: 'edited', text: appended(text, id, lines) }
  const all = linesOf(text)
  const end = endOfLines(text)
  const isOther = (at: number) => others.some(({ begin, end: last }) => at >= begin && at <= last)
  const kept = all.flatMap((line, at) => {
    if (isOther(at)) return []
    if (at === first.begin) return [line, ...lines.map(own => own + end)]
    return at > first.begin && at < first.end ? [] : [line]
  })
  return { kind: 'edited', text: kept.join('') }
}

/** The text without the block: as it was before the block came, where nobody else has changed it. */
export function withoutBlock(text: string, id: string): Edited {
  const found = findBlocks(text, id)
  if (found.kind === 'damaged') return found
  const all = linesOf(text)
  const last = found.blocks.at(-1)
  const isInside = (at: number) => found.blocks.some(({ begin, end }) => at >= begin && at <= end)
  const kept = all.filter((_, at) => !isInside(at)).join('')
  if (last?.joined !== true || last.end !== all.length - 1) return { kind: 'edited', text: kept }
  // The line end that was put in front is the one that the first marker has; a carriage return before it may be the file's own.
  const added = all[last.begin]?.endsWith('\r\n') === true ? '\r\n' : '\n'
  return { kind: 'edited', text: kept.endsWith(added) ? kept.slice(0, -added.length) : kept }
}

/** The lines within the blocks of an id, without their ends; none where a block is damaged. */
export function blockLines(text: string, id: string): readonly string[] {
  const found = findBlocks(text, id)
  if (found.kind === 'damaged') return []
  const all = linesOf(text)
  return found.blocks.flatMap(({ begin, end }) => all.slice(begin + 1, end).map(line => line.trim()))
}

/** Whether a line, counted from 1, lies within a block of the id. */
export function isInBlock(text: string, id: string, line: number): boolean {
  const found = findBlocks(text, id)
  return found.kind === 'found' && found.blocks.some(({ begin, end }) => line - 1 >= begin && line - 1 <= end)
}

interface Block {
  /** Places of the markers among the lines, counted from 0. */
  readonly begin: number
  readonly end: number
  readonly joined: boolean
}

function findBlocks(
  text: string,
  id: string,
): { readonly kind: 'found'; readonly blocks: readonly Block[] } | Extract<Edited, { kind: 'damaged' }> {
  const blocks: Block[] = []
  let open: { readonly at: number; readonly joined: boolean } | undefined
  const damaged = (at: number, message: string) => ({ kind: 'damaged', line: at + 1, message }) as const
  const noEnd = `it begins devloop's block ${id}, and no line ends it`
  for (const [at, whole] of linesOf(text).entries()) {
    const line = whole.trim()
    const begins = line === `# BEGIN devloop ${id}` || line === `# BEGIN devloop ${id}${JOINED}`
    if (open !== undefined && /^# BEGIN devloop /.test(line)) return damaged(open.at, noEnd)
    if (begins) open = { at, joined: line.endsWith(JOINED) }
    if (line !== `# END devloop ${id}`) continue
    if (open === undefined) return damaged(at, `it ends devloop's block ${id}, and no line begins it`)
    blocks.push({ begin: open.at, end: at, joined: open.joined })
    open = undefined
  }
  return open === undefined ? { kind: 'found', blocks } : damaged(open.at, noEnd)
}

function appended(text: string, id: string, lines: readonly string[]): string {
  const end = endOfLines(text)
  const joined = text !== '' && !text.endsWith('\n')
  const block = [`# BEGIN devloop ${id}${joined ? JOINED : ''}`, ...lines, `# END devloop ${id}`]
  return `${text}${joined ? end : ''}${block.map(line => line + end).join('')}`
}

/** The line end that most lines have; an empty file gets `\n`, which every system reads. */
function endOfLines(text: string): string {
  const all = linesOf(text).filter(line => line.endsWith('\n'))
  return all.filter(line => line.endsWith('\r\n')).length * 2 > all.length ? '\r\n' : '\n'
}

/** The ids of all blocks that a text has the first line of, each once. */
export function blockIds(text: string): readonly string[] {
  const ids = linesOf(text).flatMap(line => /^\s*# BEGIN devloop (\S+)/.exec(line)?.[1] ?? [])
  return [...new Set(ids)]
}
