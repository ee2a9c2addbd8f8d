/** A container runtime's time of a line: seconds since the epoch, and the nanoseconds in that second. */
export interface LogTime {
  readonly seconds: number
  readonly nanos: number
}

const FORMAT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/

/** Reads RFC 3339 with up to nine digits after the point; undefined for anything else. */
export function parseLogTime(text: string): LogTime | undefined {
  const match = FORMAT.exec(text)
  if (match === null) return undefined
  const [, date = '', fraction = '', zone = ''] = match
  const milliseconds = Date.parse(date + zone)
  if (Number.isNaN(milliseconds)) return undefined
  return { seconds: milliseconds / 1000, nanos: Number(fraction.padEnd(9, '0')) }
}

/** Negative where `a` is earlier. Nodes write in their own zone, so the texts cannot be compared. */
export function compareLogTimes(a: LogTime, b: LogTime): number {
  return a.seconds - b.seconds || a.nanos - b.nanos
}
