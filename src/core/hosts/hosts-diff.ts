import { linesOf } from './host-lines.js'

/** Unchanged lines that are shown before and after. */
const CONTEXT = 3

/** The change of a file as one hunk of a unified diff, which `patch` takes: all between the first and the last line that differ. Empty where nothing does. */
export function hostsDiff(file: string, before: string, after: string): string {
  if (before === after) return ''
  const old = linesOf(before)
  const now = linesOf(after)
  const shorter = Math.min(old.length, now.length)
  let head = 0
  while (head < shorter && old[head] === now[head]) head += 1
  let tail = 0
  while (tail < shorter - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1
  const from = Math.max(0, head - CONTEXT)
  const rest = Math.max(0, tail - CONTEXT)
  const hunk = [
    ...old.slice(from, head).map(line => ` ${line}`),
    ...old.slice(head, old.length - tail).map(line => `-${line}`),
    ...now.slice(head, now.length - tail).map(line => `+${line}`),
    ...old.slice(old.length - tail, old.length - rest).map(line => ` ${line}`),
  ]
  const lines = hunk.map(line => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`))
  const ranges = `@@ -${range(from, old.length - rest - from)} +${range(from, now.length - rest - from)} @@`
  return `--- ${file}\n+++ ${file}\n${ranges}\n${lines.join('')}`
}

/** An empty range names the line before it. */
const range = (from: number, length: number): string => `${length === 0 ? from : from + 1},${length}`
