import type { LogOrigin, NewLogLine } from '../core/logs/log-line.js'

/** Where a line of this service comes from; everything may be said otherwise. */
export function originOf(service: string, over: Partial<LogOrigin> = {}): LogOrigin {
  const pod = over.pod ?? `${service}-6d4cf56db6-x2k9z`
  return {
    service,
    namespace: 'shop',
    pod,
    podUid: `uid-${pod}`,
    container: 'app',
    role: 'app',
    restarts: 0,
    ...over,
  }
}

/** A line as a store is given it, of half past twelve. */
export function logLine(
  text: string,
  origin: LogOrigin = originOf('api'),
  over: Partial<NewLogLine> = {},
): NewLogLine {
  return { origin, kind: 'line', time: '2026-03-01T12:30:15.123456789Z', text, ...over }
}
