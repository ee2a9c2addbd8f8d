import type { LogOrigin } from '../../core/logs/log-line.js'

/** Gives each origin a number, so that a stored line names it in a few bytes. */
export interface Origins {
  /** The number, and the one object that all lines of this origin share. */
  intern(origin: LogOrigin): { readonly index: number; readonly origin: LogOrigin }
  at(index: number): LogOrigin | undefined
}

/** `onNew` is told each new origin. */
export function createOrigins(onNew: (index: number, origin: LogOrigin) => void): Origins {
  const all: LogOrigin[] = []
  const known = new Map<string, { readonly index: number; readonly origin: LogOrigin }>()
  return {
    intern(given) {
      const { service, namespace, pod, podUid, container, role, restarts } = given
      const key = [service ?? '/', namespace, pod, podUid, container, role, restarts].join('\0')
      const found = known.get(key)
      if (found !== undefined) return found
      const entry = { index: all.length, origin: { ...given } }
      all.push(entry.origin)
      known.set(key, entry)
      onNew(entry.index, entry.origin)
      return entry
    },
    at: index => all[index],
  }
}
