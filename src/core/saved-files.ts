import type { SourceEvent } from './event.js'

/** All that a reading found changed, relative to the context: its files first, then what counts besides them. */
export function savedFiles({
  changed,
  elsewhere = [],
}: Extract<SourceEvent, { type: 'scan-finished' }>): readonly string[] {
  return [...changed, ...elsewhere]
}
