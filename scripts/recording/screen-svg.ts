import { type CellStyle, type StyledRun, screenRows } from './screen-cells.js'

const CELL = { width: 8.4, height: 18 }
const MARGIN = 16
const FOREGROUND = '#e6edf3'
const BACKGROUND = '#0d1117'
const FONT =
  "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Noto Sans Mono', 'Noto Sans Mono CJK KR', Menlo, Consolas, monospace"

/** Draws a captured terminal screen, as `tmux capture-pane -e -p` prints it, as an SVG of `columns` × `rows` cells; the title is for those who cannot see it. */
export function screenSvg(
  capture: string,
  size: { readonly columns: number; readonly rows: number; readonly title: string },
): string {
  const width = round(size.columns * CELL.width + 2 * MARGIN)
  const height = size.rows * CELL.height + 2 * MARGIN
  const rows = screenRows(capture).slice(0, size.rows)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="14">`,
    `<title>${escapeXml(size.title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    ...rows.flatMap((runs, row) => runs.flatMap(run => drawRun(run, row))),
    '</svg>',
    '',
  ].join('\n')
}

function drawRun({ text, column, width, style }: StyledRun, row: number): readonly string[] {
  const x = round(MARGIN + column * CELL.width)
  const y = MARGIN + row * CELL.height
  const { ink, paper } = colours(style)
  const drawn: string[] = []
  if (paper !== undefined)
    drawn.push(
      `<rect x="${x}" y="${y}" width="${round(width * CELL.width)}" height="${CELL.height}" fill="${paper}"/>`,
    )
  // Every run is stretched to its cells, so that columns stay aligned whatever font the reader has.
  if (text.trim() !== '')
    drawn.push(
      `<text x="${x}" y="${y + 13}" xml:space="preserve" textLength="${round(width * CELL.width)}" lengthAdjust="spacingAndGlyphs" fill="${ink}"${attributes(style)}>${escapeXml(text)}</text>`,
    )
  return drawn
}

function colours(style: CellStyle): { readonly ink: string; readonly paper: string | undefined } {
  const ink = style.foreground ?? FOREGROUND
  return style.inverse
    ? { ink: style.background ?? BACKGROUND, paper: ink }
    : { ink, paper: style.background }
}

function attributes({ bold, dim, italic, underline }: CellStyle): string {
  return [
    bold ? ' font-weight="bold"' : '',
    dim ? ' opacity="0.6"' : '',
    italic ? ' font-style="italic"' : '',
    underline ? ' text-decoration="underline"' : '',
  ].join('')
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
