import { type Finding, finding } from './finding.js'
import type { ResolveContext } from './resolve-context.js'
import type { Environment } from './resolve-variables.js'
import type { ConfigInput } from './schema.js'
import type { ServiceInput } from './service-schema.js'

/** Build arguments with their values. One whose environment variable is not set and that has no default is left out, so that the Dockerfile's own default holds. */
export function resolveBuildArgs(
  service: string,
  buildArgs: ServiceInput['buildArgs'],
  { document, env }: Pick<ResolveContext, 'document' | 'env'>,
): Readonly<Record<string, string>> {
  const at = ['services', service, 'buildArgs']
  const values = Object.entries(buildArgs ?? {}).flatMap(
    ([name, given]): readonly (readonly [string, string])[] => {
      if (typeof given !== 'object') return [[name, document.textAt([...at, name]) ?? String(given)]]
      const fallback =
        given.default === undefined
          ? undefined
          : (document.textAt([...at, name, 'default']) ?? String(given.default))
      const value = env[given.env] ?? fallback
      return value === undefined ? [] : [[name, value]]
    },
  )
  return Object.fromEntries(values)
}

/** Warns of arguments that are left out. */
export function checkBuildArgs(services: ConfigInput['services'], env: Environment): readonly Finding[] {
  return Object.entries(services ?? {}).flatMap(([service, input]) =>
    Object.entries(input?.buildArgs ?? {}).flatMap(([name, given]) =>
      typeof given !== 'object' || given.default !== undefined || env[given.env] !== undefined
        ? []
        : [
            finding(
              ['services', service, 'buildArgs', name],
              `the environment variable ${given.env} is not set: the Dockerfile's own default of ${name} holds`,
              { severity: 'warning', suggestion: `set ${given.env}, or add "default:"` },
            ),
          ],
    ),
  )
}
