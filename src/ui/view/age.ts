const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `<1m`, `3m`, `2h`, `4d`: in no unit that would change every second. */
export function formatAge(milliseconds: number): string {
  if (milliseconds < MINUTE) return '<1m'
  if (milliseconds < HOUR) return `${Math.floor(milliseconds / MINUTE)}m`
  if (milliseconds < DAY) return `${Math.floor(milliseconds / HOUR)}h`
  return `${Math.floor(milliseconds / DAY)}d`
}

/** Milliseconds after which `formatAge` says something else. */
export function untilNextAge(milliseconds: number): number {
  const unit = milliseconds < HOUR ? MINUTE : milliseconds < DAY ? HOUR : DAY
  return unit - (Math.max(0, milliseconds) % unit)
}
