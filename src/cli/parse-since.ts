const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The time that `5m`, `1h30m`, `2d` or `2026-01-31T08:00:00Z` means, in milliseconds since the epoch; undefined for anything else. */
export function parseSince(text: string, now: number): number | undefined {
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    let ago = 0
    for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
      ago += Number(amount) * (UNITS[unit] ?? 0)
    return now - ago
  }
  if (!/^\d{4}-\d\d(-\d\d)?/.test(text)) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
