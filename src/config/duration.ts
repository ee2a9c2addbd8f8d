const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 }

/** Seconds of a duration such as `90s`, `1m30s`, or a number of seconds. The schema has checked its form. */
export function durationSeconds(duration: string | number): number {
  if (typeof duration === 'number') return duration
  let seconds = 0
  for (const [, amount, unit] of duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    seconds += Number(amount) * (unitSeconds[unit ?? ''] ?? 0)
  return seconds
}
