import { readFile } from 'node:fs/promises'
import type { BuildSecret } from '../../core/project.js'
import { err, ok, type Result } from '../../core/result.js'

/** Lines of a secret shorter than this are not hidden by themselves: a lone brace would blot out half of the output. */
const shortestLine = 6

/** The values of a service's build secrets, by id. The error says which one cannot be read, and never holds a value. */
export async function readSecrets(
  secrets: readonly BuildSecret[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Result<ReadonlyMap<string, Buffer>, string>> {
  const values = new Map<string, Buffer>()
  for (const secret of secrets) {
    if ('env' in secret) {
      const value = env[secret.env]
      if (value === undefined)
        return err(`the build secret ${secret.id} needs the variable ${secret.env}, which is not set`)
      values.set(secret.id, Buffer.from(value))
    } else {
      try {
        values.set(secret.id, await readFile(secret.file))
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        return err(
          `the build secret ${secret.id} cannot be read from ${secret.file}: ${code === 'ENOENT' ? 'there is no such file' : code}`,
        )
      }
    }
  }
  return ok(values)
}

/** Replaces secrets in a text with `***`: each whole value, and each of its lines of at least 6 characters. */
export function redactor(values: Iterable<Buffer>): (text: string) => string {
  const hidden = new Set<string>()
  for (const value of values) {
    const whole = value.toString('utf8').trim()
    if (whole !== '') hidden.add(whole)
    for (const line of whole.split('\n')) if (line.trim().length >= shortestLine) hidden.add(line.trim())
  }
  const longestFirst = [...hidden].sort((a, b) => b.length - a.length)
  return text => longestFirst.reduce((result, secret) => result.replaceAll(secret, '***'), text)
}
