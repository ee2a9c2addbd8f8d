import type { ConfigDocument } from './document.js'
import { type Finding, finding } from './finding.js'
import type { ConfigInput } from './schema.js'
import { nearest } from './suggest.js'

export type Environment = Readonly<Record<string, string | undefined>>

/** The value of each declared variable; one finding for each that the environment does not set and that has no default. An empty value counts as set. */
export function resolveVariables(
  variables: ConfigInput['variables'],
  document: ConfigDocument,
  env: Environment,
): { readonly values: Readonly<Record<string, string>>; readonly findings: readonly Finding[] } {
  const values: Record<string, string> = {}
  const findings: Finding[] = []
  for (const [name, variable] of Object.entries(variables ?? {})) {
    const path = ['variables', name]
    if (typeof variable !== 'object') {
      values[name] = document.textAt(path) ?? String(variable)
      continue
    }
    const fallback =
      variable.default === undefined
        ? undefined
        : (document.textAt([...path, 'default']) ?? String(variable.default))
    const value = env[variable.env] ?? fallback
    if (value !== undefined) values[name] = value
    else findings.push(unset(name, variable.env, env))
  }
  return { values, findings }
}

function unset(name: string, variable: string, env: Environment): Finding {
  const near = nearest(variable, Object.keys(env))
  const message = `the environment variable ${variable} is not set, and "${name}" has no default`
  return finding(['variables', name, 'env'], message, {
    suggestion: near === undefined ? `set ${variable}, or add "default:"` : `did you mean "${near}"?`,
  })
}
