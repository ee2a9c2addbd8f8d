import type { LogLine } from '../../../core/logs/log-line.js'
import {
  type Gutter,
  gutter,
  joinGutter,
  type LineOptions,
  type LineSource,
  renderBody,
} from './render-log-line.js'
import { createSourceColors, type SourceLabels, sourceLabels } from './source-labels.js'

/** Renders lines as they are needed, and remembers the rows of those that were. */
export interface LineRenderer {
  /** Changes how lines are shown from now on. The width of names is kept while the pane is as wide as it was. */
  configure(options: Omit<LineOptions, 'labelWidth'>, current: number | undefined): void
  /** The lines among which sources must be told apart. */
  nameSources(lines: readonly LogLine[]): void
  /** Lets the names be narrower than they were. */
  forgetNames(): void
  rows(line: LogLine): readonly string[]
  rowCount(line: LogLine): number
}

/** Rows remembered: those of a few large screens, some MB at most. */
const MOST_ROWS = 4000

export function createLineRenderer(services: readonly string[]): LineRenderer {
  const cache = createRowCache()
  const colors = createSourceColors(services)
  let options: LineOptions = {
    width: 1,
    wrap: true,
    left: 0,
    raw: false,
    color: false,
    timestamps: 'off',
    now: 0,
    labelWidth: 0,
  }
  let key = ''
  let current: number | undefined
  let labels: SourceLabels = sourceLabels([])
  let named: readonly LogLine[] = []

  const rekey = () => {
    const { width, wrap, left, raw, timestamps, labelWidth, search } = options
    key = [width, wrap, left, raw, timestamps, labelWidth, search].join()
  }
  const fitNames = () => {
    // Names take at most a quarter of the pane; they never shrink while one scrolls, so that the text does not jump.
    const most = Math.max(6, Math.min(32, Math.floor(options.width / 4)))
    const labelWidth = Math.min(most, Math.max(options.labelWidth, labels.widest))
    if (labelWidth !== options.labelWidth) options = { ...options, labelWidth }
    rekey()
  }
  const sourceOf = (line: LogLine): LineSource => ({
    label: labels.label(line.origin, line.kind === 'line' ? options.labelWidth : undefined),
    style: options.color ? colors(line.origin) : '',
    current: line.seq === current,
  })
  const body = (line: LogLine, source: LineSource): readonly string[] => {
    const own = `${key} ${source.current} ${line.kind === 'line' ? '' : source.label}`
    return cache.get(line.seq, own) ?? cache.put(line.seq, own, renderBody(line, options, source))
  }
  return {
    configure(next, match) {
      const labelWidth = next.width === options.width ? options.labelWidth : 0
      options = { ...next, labelWidth }
      current = match
      fitNames()
    },
    nameSources(lines) {
      if (lines === named) return
      named = lines
      labels = sourceLabels(lines)
      fitNames()
    },
    forgetNames() {
      options = { ...options, labelWidth: 0 }
      fitNames()
    },
    rows(line) {
      const source = sourceOf(line)
      const beside: Gutter = gutter(line, options, source)
      return joinGutter(body(line, source), beside)
    },
    rowCount: line => body(line, sourceOf(line)).length,
  }
}

interface RowCache {
  get(seq: number, key: string): readonly string[] | undefined
  put(seq: number, key: string, rows: readonly string[]): readonly string[]
}

/** The rows put last, by line; a line's rows count only with the key that they were put with. */
function createRowCache(): RowCache {
  const held = new Map<number, { readonly key: string; readonly rows: readonly string[] }>()
  let total = 0
  return {
    get(seq, key) {
      const found = held.get(seq)
      return found?.key === key ? found.rows : undefined
    },
    put(seq, key, rows) {
      total += rows.length - (held.get(seq)?.rows.length ?? 0)
      held.delete(seq)
      held.set(seq, { key, rows })
      for (const [oldest, { rows: out }] of held) {
        if (total <= MOST_ROWS || oldest === seq) break
        held.delete(oldest)
        total -= out.length
      }
      return rows
    },
  }
}
