import { formatAge } from './age.js'
import type { PodView } from './pod-view.js'
import { type Row, type Span, span, spansWidth } from './row.js'
import type { ItemView } from './service-view.js'
import { waySpans } from './steps.js'
import { padEnd, widthOf } from './text.js'

/** What stands in the table, one row each: what keys act on, and pods and headings between. */
export type Entry =
  | { readonly kind: 'item'; readonly id: string; readonly item: ItemView }
  | { readonly kind: 'pod'; readonly id: string; readonly pod: PodView; readonly ofItem: string }
  /** What is told of the selected row. */
  | { readonly kind: 'note'; readonly id: string; readonly row: Row; readonly ofItem: string }
  | {
      readonly kind: 'fold'
      readonly id: typeof FOLD
      readonly count: number
      readonly ready: number
      readonly folded: boolean
    }

/** The row that shows or hides the workloads of no service. */
export const FOLD = 'fold'

export interface TableInput {
  readonly services: readonly ItemView[]
  readonly workloads: readonly ItemView[]
  readonly selected: string
  /** What stands below the selected row, above its pods. */
  readonly notes: readonly Row[]
  readonly folded: boolean
  /** Rows that there are: with room for all, every service shows its pods. */
  readonly rows: number
}

/** The table from top to bottom. Pods stand under the selected row, or under every one where there is room. */
export function tableEntries({
  services,
  workloads,
  selected,
  notes,
  folded,
  rows,
}: TableInput): readonly Entry[] {
  const withPods = (showPods: (item: ItemView) => boolean): readonly Entry[] => {
    const entriesOf = (item: ItemView): readonly Entry[] => [
      { kind: 'item', id: item.id, item },
      ...(item.id === selected
        ? notes.map((row, at) => ({ kind: 'note' as const, id: `${item.id} ${at}`, row, ofItem: item.id }))
        : []),
      ...(showPods(item)
        ? item.pods.map(pod => ({ kind: 'pod' as const, id: pod.uid, pod, ofItem: item.id }))
        : []),
    ]
    const ready = workloads.filter(({ phase }) => phase === 'live').length
    const fold: readonly Entry[] =
      workloads.length === 0 ? [] : [{ kind: 'fold', id: FOLD, count: workloads.length, ready, folded }]
    return [...services.flatMap(entriesOf), ...fold, ...(folded ? [] : workloads.flatMap(entriesOf))]
  }
  const all = withPods(() => true)
  return all.length <= rows ? all : withPods(({ id }) => id === selected)
}

/** Whether an entry belongs to the item above it. */
const isBelow = ({ kind }: Entry): boolean => kind === 'pod' || kind === 'note'

/** The ids that the selection goes through. */
export const selectableIds = (entries: readonly Entry[]): readonly string[] =>
  entries.flatMap(entry => (isBelow(entry) ? [] : [entry.id]))

/** The part of the table that is shown: the selected row and its pods stay in sight. */
export function visibleEntries(entries: readonly Entry[], selected: string, rows: number): readonly Entry[] {
  if (entries.length <= rows) return entries
  const at = Math.max(
    0,
    entries.findIndex(({ id }) => id === selected),
  )
  const pods = entries.slice(at + 1).findIndex(entry => !isBelow(entry))
  const end = at + 1 + (pods === -1 ? entries.length - at - 1 : pods)
  // The selected row stands as far in the middle as its pods allow.
  const top = Math.min(
    at,
    Math.max(0, Math.min(entries.length - rows, Math.max(at - Math.floor(rows / 2), end - rows))),
  )
  return entries.slice(top, top + rows)
}

export interface TableLook {
  readonly columns: number
  readonly nameColumns: number
  readonly selected: string
  /** Columns for the names of pods, the same for all that are shown. */
  readonly podColumns: number
  /** Ids of the services whose logs are shown; empty for all. */
  readonly focused: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Columns for the names: as many as the longest takes, and at most a third of the screen. */
export function nameColumns(items: readonly ItemView[], columns: number): number {
  const longest = Math.max(8, ...items.map(({ name }) => widthOf(name)))
  return Math.min(longest, Math.max(14, Math.floor(columns / 3)))
}

export function entryRow(entry: Entry, look: TableLook): Row {
  switch (entry.kind) {
    case 'item':
      return itemRow(entry.item, look)
    case 'pod':
      return podRow(entry.pod, look)
    case 'note':
      return entry.row
    case 'fold':
      return foldRow(entry, look)
  }
}

const pointer = (id: string, { selected }: TableLook): Span => span(id === selected ? '▸' : ' ', 'accent')

function itemRow(item: ItemView, look: TableLook): Row {
  const { id, name, mark, counts, way } = item
  const isFocused = look.focused.includes(id)
  // Pods of an earlier revision serve, too, until those of the newest do.
  const readyPods = Math.min(item.pods.filter(({ isReady }) => isReady).length, counts?.desired ?? 0)
  const serving = Math.max(readyPods, counts?.ready ?? 0)
  const ready = counts === undefined ? '' : `${serving}/${counts.desired}`
  const head: readonly Span[] = [
    pointer(id, look),
    span(mark.sign, mark.tone),
    span(isFocused ? '*' : ' ', 'accent'),
    span(padEnd(name, look.nameColumns), id === look.selected ? 'strong' : 'plain'),
    span(`${ready.padStart(6)}  `, counts !== undefined && serving < counts.desired ? 'warn' : 'dim'),
  ]
  return {
    spans: [...head, ...waySpans(way, look.columns - spansWidth(head))],
    selected: id === look.selected,
  }
}

/** Columns for the names of pods: what the longest of the other columns leaves, so that they stand below each other. */
export function podColumns(
  pods: readonly PodView[],
  { columns, now }: { readonly columns: number; readonly now: number },
): number {
  const tail = Math.max(0, ...pods.map(pod => spansWidth(podTail(pod, now))))
  const longest = Math.max(0, ...pods.map(({ name }) => widthOf(name)))
  return Math.min(longest, Math.max(LEAST_POD_NAME, columns - POD_INDENT.length - tail))
}

const LEAST_POD_NAME = 12
const POD_INDENT = '    └ '

function podRow(pod: PodView, { podColumns: width, now }: TableLook): Row {
  return { spans: [span(POD_INDENT, 'dim'), span(padEnd(pod.name, width), 'dim'), ...podTail(pod, now)] }
}

function podTail(
  { ready, isReady, status, restarts, createdAt, save, stale }: PodView,
  now: number,
): readonly Span[] {
  const runs = save === undefined ? '' : save === 0 ? 'as found' : `save ${save}`
  return [
    span(ready.padStart(5), isReady ? 'good' : 'warn'),
    span(`  ${status}`, isReady ? 'plain' : 'warn'),
    ...(restarts === 0 ? [] : [span(` ${restarts} restart${restarts === 1 ? '' : 's'}`, 'warn')]),
    span(`  ${formatAge(Math.max(0, now - createdAt))}`, 'dim'),
    span(runs === '' ? '' : `  ${runs}`, stale ? 'warn' : 'dim'),
    span(stale ? ' (old)' : '', 'warn'),
  ]
}

function foldRow({ count, ready, folded }: Extract<Entry, { kind: 'fold' }>, look: TableLook): Row {
  return {
    spans: [
      pointer(FOLD, look),
      span(`${folded ? '+' : '-'} ${count} other workload${count === 1 ? '' : 's'}, ${ready} ready`, 'dim'),
    ],
    selected: look.selected === FOLD,
  }
}
