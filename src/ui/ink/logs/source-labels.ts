import stringWidth from 'string-width'
import type { LogLine, LogOrigin } from '../../../core/logs/log-line.js'
import { shorten } from './lay-out.js'

/** How sources are named beside their lines. */
export interface SourceLabels {
  /** Cells that the longest name wants. */
  readonly widest: number
  /** The name within so many cells: the end of the pod stays when the rest is shortened. */
  label(origin: LogOrigin, cells?: number): string
}

/**
 * Names for the sources of these lines: the service; `service/container` where several containers of it speak, or one that is not its own; and
 * the end of the pod's name where several pods do.
 */
export function sourceLabels(lines: readonly LogLine[]): SourceLabels {
  const pods = new Map<string, Set<string>>()
  const containers = new Map<string, Set<string>>()
  for (const { origin } of lines) {
    added(pods, sourceOf(origin), origin.podUid)
    added(containers, sourceOf(origin), origin.container)
  }
  const parts = (origin: LogOrigin): readonly [string, string] => {
    const source = sourceOf(origin)
    const several = (containers.get(source)?.size ?? 0) > 1
    const name = several || origin.role !== 'app' ? `${source}/${origin.container}` : source
    const end = origin.pod.slice(origin.pod.lastIndexOf('-') + 1)
    const many = origin.service !== undefined && (pods.get(source)?.size ?? 0) > 1
    return [name, many ? ` ${end}` : '']
  }
  const label = (origin: LogOrigin, cells = Number.POSITIVE_INFINITY): string => {
    const [name, end] = parts(origin)
    const room = cells - stringWidth(end)
    return room < 4 ? shorten(name + end, cells) : shorten(name, room) + end
  }
  let widest = 0
  for (const { origin, kind } of lines)
    if (kind === 'line') widest = Math.max(widest, stringWidth(label(origin)))
  return { widest, label }
}

/** What a source is coloured by. */
function sourceOf(origin: LogOrigin): string {
  return origin.service ?? origin.pod
}

function added(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([value]))
  else set.add(value)
}

/** Of the 16 colours those that can be read on light and on dark; red is for errors. */
const COLORS = ['36', '35', '32', '94', '33', '95'] as const

/** A colour for each source: in the order of `services`, then of first sight, so that neighbours differ. */
export function createSourceColors(services: readonly string[]): (origin: LogOrigin) => string {
  const places = new Map(services.map((name, index) => [name, index]))
  return origin => {
    const source = sourceOf(origin)
    const place = places.get(source) ?? places.size
    places.set(source, place)
    return COLORS[place % COLORS.length] ?? ''
  }
}
