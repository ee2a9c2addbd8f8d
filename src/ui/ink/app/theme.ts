import type { Row, Span, Tone } from '../../view/row.js'

/** Turns what a piece of text means into what a terminal shows. */
export interface Theme {
  readonly paint: (row: Row) => string
}

interface Style {
  readonly open: string
  readonly close: string
}

const BOLD: Style = { open: '\u001b[1m', close: '\u001b[22m' }
const DIM: Style = { open: '\u001b[2m', close: '\u001b[22m' }
const INVERSE: Style = { open: '\u001b[7m', close: '\u001b[27m' }
const PLAIN: Style = { open: '', close: '' }
const foreground = (code: number): Style => ({ open: `\u001b[${code}m`, close: '\u001b[39m' })
const both = (a: Style, b: Style): Style => ({ open: a.open + b.open, close: b.close + a.close })

const RED = foreground(31)
const GREEN = foreground(32)
const BLUE = foreground(34)
const MAGENTA = foreground(35)
const CYAN = foreground(36)

/** Of the 16 colours those that can be read on a light and on a dark ground alike: no yellow, no white, no bright ones. */
const COLOURS: Readonly<Record<Tone, Style>> = {
  plain: PLAIN,
  strong: BOLD,
  dim: DIM,
  good: GREEN,
  bad: RED,
  busy: CYAN,
  warn: MAGENTA,
  accent: BLUE,
  key: both(BOLD, BLUE),
  alarm: both(BOLD, both(RED, INVERSE)),
}

/** `NO_COLOR`: weight and inverse still say what matters. */
const WEIGHTS: Readonly<Record<Tone, Style>> = {
  plain: PLAIN,
  strong: BOLD,
  dim: DIM,
  good: PLAIN,
  bad: BOLD,
  busy: PLAIN,
  warn: PLAIN,
  accent: PLAIN,
  key: BOLD,
  alarm: both(BOLD, INVERSE),
}

export function createTheme({ color }: { readonly color: boolean }): Theme {
  const styles = color ? COLOURS : WEIGHTS
  const paint = ({ text, tone }: Span): string => {
    const { open, close } = styles[tone]
    return open === '' || text === '' ? text : `${open}${text}${close}`
  }
  return { paint: row => row.spans.map(paint).join('') }
}
