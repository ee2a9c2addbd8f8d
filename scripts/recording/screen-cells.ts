import stringWidth from 'string-width'

/** How a run of text looks. Colours are `#rrggbb`; undefined is the terminal's own. */
export interface CellStyle {
  readonly foreground: string | undefined
  readonly background: string | undefined
  readonly bold: boolean
  readonly dim: boolean
  readonly italic: boolean
  readonly underline: boolean
  readonly inverse: boolean
}

/** Text in one style; `column` is where it begins and `width` how many columns it takes. */
export interface StyledRun {
  readonly text: string
  readonly column: number
  readonly width: number
  readonly style: CellStyle
}

const PLAIN: CellStyle = {
  foreground: undefined,
  background: undefined,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
}

/** The sixteen colours of a dark terminal, in the order of SGR 30–37 and 90–97. */
const PALETTE = [
  '#21262d',
  '#ff7b72',
  '#3fb950',
  '#d29922',
  '#58a6ff',
  '#bc8cff',
  '#39c5cf',
  '#b1bac4',
  '#6e7681',
  '#ffa198',
  '#56d364',
  '#e3b341',
  '#79c0ff',
  '#d2a8ff',
  '#56d4dd',
  '#ffffff',
] as const

const ESCAPE = String.fromCharCode(27)
/** SGR, and the shifts between character sets that tmux writes around line drawing. */
const SEQUENCE = new RegExp(`${ESCAPE}\\[([0-9;:]*)m|[\\u000e\\u000f]|${ESCAPE}[()][0-9A-Za-z]`, 'g')

/**
 * Reads rows of text with SGR sequences, as `tmux capture-pane -e -p` prints them. The style carries over from row to row, as it does there.
 */
export function screenRows(text: string): readonly (readonly StyledRun[])[] {
  let style = PLAIN
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map(row => {
      const runs: StyledRun[] = []
      let column = 0
      let from = 0
      const take = (part: string): void => {
        if (part === '') return
        const width = stringWidth(part)
        runs.push({ text: part, column, width, style })
        column += width
      }
      for (const match of row.matchAll(SEQUENCE)) {
        take(row.slice(from, match.index))
        from = match.index + match[0].length
        if (match[1] !== undefined) style = applySgr(style, match[1])
      }
      take(row.slice(from))
      return runs
    })
}

/** One SGR sequence's effect (ECMA-48 8.3.117, with the 256 and true colours of xterm). */
function applySgr(before: CellStyle, parameters: string): CellStyle {
  const codes = parameters.split(/[;:]/).map(code => Number(code || '0'))
  let style = before
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0
    if (code === 38 || code === 48) {
      const { colour, used } = extendedColour(codes.slice(at + 1))
      at += used
      style = code === 38 ? { ...style, foreground: colour } : { ...style, background: colour }
    } else style = applyCode(style, code)
  }
  return style
}

function applyCode(style: CellStyle, code: number): CellStyle {
  if (code === 0) return PLAIN
  if (code === 1) return { ...style, bold: true }
  if (code === 2) return { ...style, dim: true }
  if (code === 3) return { ...style, italic: true }
  if (code === 4) return { ...style, underline: true }
  if (code === 7) return { ...style, inverse: true }
  if (code === 22) return { ...style, bold: false, dim: false }
  if (code === 23) return { ...style, italic: false }
  if (code === 24) return { ...style, underline: false }
  if (code === 27) return { ...style, inverse: false }
  if (code === 39) return { ...style, foreground: undefined }
  if (code === 49) return { ...style, background: undefined }
  if (code >= 30 && code <= 37) return { ...style, foreground: PALETTE[code - 30] }
  if (code >= 90 && code <= 97) return { ...style, foreground: PALETTE[code - 82] }
  if (code >= 40 && code <= 47) return { ...style, background: PALETTE[code - 40] }
  if (code >= 100 && code <= 107) return { ...style, background: PALETTE[code - 92] }
  return style
}

function extendedColour(rest: readonly number[]): {
  readonly colour: string | undefined
  readonly used: number
} {
  if (rest[0] === 5) return { colour: indexedColour(rest[1] ?? 0), used: 2 }
  if (rest[0] === 2) return { colour: hex(rest[1] ?? 0, rest[2] ?? 0, rest[3] ?? 0), used: 4 }
  return { colour: undefined, used: 1 }
}

/** The 6×6×6 cube and the greys of xterm's 256 colours. */
function indexedColour(index: number): string | undefined {
  if (index < 16) return PALETTE[index]
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return hex(grey, grey, grey)
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40)
  const cube = index - 16
  return hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6))
}

function hex(...parts: readonly number[]): string {
  return `#${parts.map(part => part.toString(16).padStart(2, '0')).join('')}`
}
