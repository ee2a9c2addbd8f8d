import { type ConfigPath, type Finding, finding } from './finding.js'

/** A regular expression as JavaScript writes it, without slashes and flags. */
export function checkPattern(pattern: string, path: ConfigPath): readonly Finding[] {
  try {
    new RegExp(pattern)
    return []
  } catch (error) {
    // `Invalid regular expression: /(/: Unterminated group`; the pattern itself may have anything in it.
    const words = error instanceof Error ? error.message : String(error)
    return [
      finding(path, `"${pattern}" is no regular expression: ${words.slice(words.lastIndexOf(': ') + 2)}`),
    ]
  }
}
