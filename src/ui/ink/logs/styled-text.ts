import { applySgr, PLAIN, type SgrState, toParameters } from './sgr.js'

/** A run of text in one style. */
export interface Span {
  /** Free of control characters but for tabs and, where rows are meant to break, line ends. */
  readonly text: string
  /** SGR parameters, such as `1;31`; empty for none. */
  readonly style: string
}

/** C0, DEL, C1, and what is invisible or turns the direction of text: Unicode's bidi controls, zero-width spaces, line separators. */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/
const LONE_SURROGATE = /\p{Surrogate}/gu

/** What ends a string that a terminal would keep for itself: BEL, ST as ESC \ or as C1; CAN and SUB abort it. */
const STRING_END = /\u0007|\u001b\\|\u009c|\u0018|\u001a/g
const CSI = /([0-?]*)([ -/]*)([@-~])?/y
const ESCAPE = /[ -/]*[0-~]/y

/**
 * The text of a program as runs of styled text: its colours and attributes stay, everything else that a terminal would obey goes (cursor
 * movement, titles, links, device control strings, bells, bidi overrides), so that no line can hide or forge another. A string sequence that
 * never ends loses only its introducer: what follows stays to be read.
 */
export function parseStyledText(raw: string, color: boolean): readonly Span[] {
  const text = wellFormed(raw)
  if (!UNSAFE.test(text)) return text === '' ? [] : [{ text, style: '' }]
  const spans: Span[] = []
  let state: SgrState = PLAIN
  let style = ''
  let run = ''
  const restyle = (next: SgrState) => {
    state = next
    const parameters = toParameters(next, color)
    if (parameters === style) return
    if (run !== '') spans.push({ text: run, style })
    run = ''
    style = parameters
  }
  let at = 0
  while (at < text.length) {
    const char = text[at] ?? ''
    if (!UNSAFE.test(char)) {
      const from = at
      do at++
      while (at < text.length && !UNSAFE.test(text[at] ?? ''))
      run += text.slice(from, at)
      continue
    }
    if (char === '\u001b' || (char >= '\u0080' && char <= '\u009f')) {
      const sequence = readSequence(text, at)
      at = sequence.end
      if (sequence.sgr !== undefined) restyle(applySgr(state, sequence.sgr))
      continue
    }
    run += substitute(char)
    at++
  }
  if (run !== '') spans.push({ text: run, style })
  return spans
}

/** The same without styles. */
export function plainText(raw: string): string {
  const text = wellFormed(raw)
  if (!UNSAFE.test(text)) return text
  return parseStyledText(text, false)
    .map(span => span.text)
    .join('')
}

function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, '\ufffd')
}

/** Tabs and line ends keep their meaning; what would overwrite the line or begin another becomes a space. */
function substitute(char: string): string {
  if (char === '\t' || char === '\n') return char
  return /[\r\u000b\u000c\u2028\u2029]/.test(char) ? ' ' : ''
}

/** Where the escape sequence that begins here ends, and its parameters if it sets colours or attributes. */
function readSequence(text: string, start: number): { readonly end: number; readonly sgr?: string } {
  const single = text[start] !== '\u001b'
  // A C1 control is ESC and the character 0x40 lower.
  const kind = single ? String.fromCharCode(text.charCodeAt(start) - 0x40) : (text[start + 1] ?? '')
  const body = start + (single ? 1 : 2)
  if (kind === '[') {
    CSI.lastIndex = body
    const [whole = '', parameters = '', intermediates = '', final] = CSI.exec(text) ?? []
    const end = body + whole.length
    if (final !== 'm' || intermediates !== '' || !/^[\d;:]*$/.test(parameters)) return { end }
    return { end, sgr: parameters }
  }
  if (kind !== '' && 'P]X^_'.includes(kind)) {
    STRING_END.lastIndex = body
    const end = STRING_END.exec(text)
    return { end: end === null ? body : end.index + end[0].length }
  }
  if (single) return { end: body }
  ESCAPE.lastIndex = start + 1
  const rest = ESCAPE.exec(text)
  return { end: start + 1 + (rest?.[0].length ?? 0) }
}

/** Puts `style` upon the parts of the text that the pattern finds; its own style gives way there. */
export function highlight(spans: readonly Span[], pattern: RegExp, style: string): readonly Span[] {
  const whole = spans.map(span => span.text).join('')
  const marks: { readonly from: number; readonly to: number }[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(whole); match !== null; match = pattern.exec(whole)) {
    if (match[0] === '') pattern.lastIndex++
    else marks.push({ from: match.index, to: match.index + match[0].length })
    if (!pattern.global) break
  }
  if (marks.length === 0) return spans
  const marked: Span[] = []
  let offset = 0
  let next = 0
  for (const span of spans) {
    const end = offset + span.text.length
    let at = offset
    while (at < end) {
      while ((marks[next]?.to ?? Number.POSITIVE_INFINITY) <= at) next++
      const mark = marks[next]
      const inside = mark !== undefined && mark.from <= at
      const to = Math.min(end, inside ? mark.to : (mark?.from ?? end))
      marked.push({ text: span.text.slice(at - offset, to - offset), style: inside ? style : span.style })
      at = to
    }
    offset = end
  }
  return marked
}
