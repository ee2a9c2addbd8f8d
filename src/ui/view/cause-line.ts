const MESSAGE_KEYS = ['msg', 'message', 'error', 'err']

/** `Error: …`, `java.io.IOException: …`, `Error [ERR_MODULE_NOT_FOUND]: …`, `Uncaught TypeError: …`. */
const THROWN =
  /^\s*(?:Uncaught\s+|Exception in thread "[^"]*"\s+)?[\w$.]*(?:Error|Exception)(?:\s\[\w+\])?:\s*\S/
const ROOT_CAUSE = /^\s*Caused by:\s*\S/
const FATAL = /^\s*(?:\[(?:panic|fatal|error|critical)\]|(?:panic|fatal error|fatal|error|critical):)\s*\S/i

/**
 * The line of a program's last words that says what went wrong, where one can be told from the stack around it: the innermost cause of a chain, else the
 * first error that has a name, else a line that calls itself fatal.
 */
export function causeLine(lines: readonly string[]): string | undefined {
  const found =
    lines.findLast(line => ROOT_CAUSE.test(line)) ??
    lines.find(line => THROWN.test(line)) ??
    lines.map(jsonError).find(text => text !== undefined) ??
    lines.find(line => FATAL.test(line))
  return found?.trim()
}

/** The message of a JSON line of level error or worse (pino's numbers, or names). */
function jsonError(line: string): string | undefined {
  if (!line.trimStart().startsWith('{')) return undefined
  try {
    const entry: unknown = JSON.parse(line)
    if (typeof entry !== 'object' || entry === null) return undefined
    const fields = Object.fromEntries(Object.entries(entry))
    const { level } = fields
    const isBad =
      typeof level === 'number' ? level >= 50 : /^(error|fatal|critical|panic)$/i.test(String(level ?? ''))
    if (!isBad) return undefined
    return MESSAGE_KEYS.map(key => fields[key]).find(value => typeof value === 'string' && value !== '') as
      | string
      | undefined
  } catch {
    return undefined
  }
}
