/** Unchanged lines that are shown before and after a change. */
const CONTEXT = 3
/** Cells of the table of common lines; beyond it what differs is shown as a whole. */
const LARGEST = 4_000_000

interface Line {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
}

/** The hunks of a unified diff of two texts, without the names of files; empty where they are equal. */
export function diffLines(before: readonly string[], after: readonly string[]): readonly string[] {
  const lines = compare(before, after)
  const shown = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ sign }) => sign !== ' '),
  )
  const printed: string[] = []
  let old = 1
  let now = 1
  for (let at = 0; at < lines.length; ) {
    let end = at
    while (end < lines.length && shown[end] === shown[at]) end += 1
    const part = lines.slice(at, end)
    const removed = part.filter(({ sign }) => sign !== '+').length
    const added = part.filter(({ sign }) => sign !== '-').length
    if (shown[at] === true) {
      printed.push(`@@ -${range(old, removed)} +${range(now, added)} @@`)
      for (const { sign, text } of part) printed.push(`${sign}${text}`)
    }
    old += removed
    now += added
    at = end
  }
  return printed
}

/** An empty range names the line before it. */
const range = (from: number, length: number): string => `${length === 0 ? from - 1 : from},${length}`

function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && before[head] === after[head]) head += 1
  let tail = 0
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1
  const same = (lines: readonly string[]): Line[] => lines.map(text => ({ sign: ' ', text }))
  return [
    ...same(before.slice(0, head)),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ]
}

/** Along the longest common subsequence; what is taken away comes before what takes its place. */
function middle(before: readonly string[], after: readonly string[]): readonly Line[] {
  const removed = (lines: readonly string[]): Line[] => lines.map(text => ({ sign: '-', text }))
  const added = (lines: readonly string[]): Line[] => lines.map(text => ({ sign: '+', text }))
  if (before.length * after.length > LARGEST) return [...removed(before), ...added(after)]
  const width = after.length + 1
  const common = new Uint32Array((before.length + 1) * width)
  const at = (row: number, column: number): number => common[row * width + column] ?? 0
  for (let row = before.length - 1; row >= 0; row--)
    for (let column = after.length - 1; column >= 0; column--)
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1))
  const lines: Line[] = []
  let row = 0
  let column = 0
  while (row < before.length && column < after.length) {
    const text = before[row] ?? ''
    if (text === after[column]) {
      lines.push({ sign: ' ', text })
      row += 1
      column += 1
    } else if (at(row + 1, column) >= at(row, column + 1)) {
      lines.push({ sign: '-', text })
      row += 1
    } else {
      lines.push({ sign: '+', text: after[column] ?? '' })
      column += 1
    }
  }
  return [...lines, ...removed(before.slice(row)), ...added(after.slice(column))]
}
