import { stripVTControlCharacters } from 'node:util'

/** The patterns of the config's `logs.ignore`, which are checked when it is read. */
export function compileIgnore(patterns: readonly string[]): readonly RegExp[] {
  return patterns.map(pattern => new RegExp(pattern))
}

/** Whether a line is left out of what is shown. Its colours do not count: `^GET` matches a green GET, too. */
export function isIgnored(ignore: readonly RegExp[], text: string): boolean {
  if (ignore.length === 0) return false
  const bare = text.includes('\u001b') ? stripVTControlCharacters(text) : text
  return ignore.some(pattern => pattern.test(bare))
}
