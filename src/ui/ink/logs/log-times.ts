/** `10:14:03.127` in local time; `utcOffset` in minutes to the east replaces the zone of the process. Empty for what is no time. */
export function localTime(time: string, utcOffset?: number): string {
  const at = Date.parse(time)
  if (Number.isNaN(at)) return ''
  const offset = utcOffset ?? -new Date(at).getTimezoneOffset()
  return new Date(at + offset * 60_000).toISOString().slice(11, 23)
}

/** How long ago: `now`, `12s`, `3m`, `2h`, `4d`. */
export function relativeTime(time: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(time)) / 1000)
  if (Number.isNaN(seconds)) return ''
  if (seconds < 1) return 'now'
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}
