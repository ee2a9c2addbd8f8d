import { posix } from 'node:path'

type Plain = Readonly<Record<string, unknown>>

/** What a compose file says about one build. */
export interface ComposeBuild {
  readonly context: string
  readonly dockerfile: string
  readonly image: string | undefined
  readonly service: string
  readonly target: string | undefined
  readonly buildArgs: BuildArgs
}

/** Values, and those that the environment has. */
export type BuildArgs = Readonly<Record<string, string | { readonly env: string; readonly default?: string }>>

/** The builds of a compose file in a folder; paths are those of the project. */
export function composeBuilds(compose: unknown, folder: string): readonly ComposeBuild[] {
  const services = isPlain(compose) ? compose.services : undefined
  if (!isPlain(services)) return []
  return Object.entries(services).flatMap(([service, value]) => {
    if (!isPlain(value) || value.build === undefined) return []
    const build = typeof value.build === 'string' ? { context: value.build } : value.build
    if (!isPlain(build)) return []
    const context = posix.join(folder, String(build.context ?? '.')).replace(/(?<=.)\/$/, '')
    const image = typeof value.image === 'string' ? value.image : undefined
    return [
      {
        context,
        dockerfile: posix.join(context, String(build.dockerfile ?? 'Dockerfile')),
        image,
        service,
        target: typeof build.target === 'string' ? build.target : undefined,
        buildArgs: argsOf(build.args),
      },
    ]
  })
}

/** A mapping, or a list of `NAME=value`; a name alone is that of the environment. */
function argsOf(args: unknown): BuildArgs {
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(args)
    ? args.filter(item => typeof item === 'string').map(splitArg)
    : isPlain(args)
      ? Object.entries(args)
      : []
  return Object.fromEntries(entries.flatMap(([name, value]) => argOf(name, value)))
}

function argOf(name: string, value: unknown): readonly (readonly [string, BuildArgs[string]])[] {
  if (value === null || value === undefined) return [[name, { env: name }]]
  const text = String(value)
  const variable = /^\$(?:\{(\w+)(?::?-([^}$]*))?\}|(\w+))$/.exec(text)
  const env = variable?.[1] ?? variable?.[3]
  if (env !== undefined)
    return [[name, variable?.[2] === undefined ? { env } : { env, default: variable[2] }]]
  // What is put together of several variables is not known here; the Dockerfile's own default holds.
  return /\$(?!\$)/.test(text.replaceAll('$$', '')) ? [] : [[name, text.replaceAll('$$', '$')]]
}

const splitArg = (arg: string): readonly [string, unknown] => {
  const equals = arg.indexOf('=')
  return equals === -1 ? [arg, null] : [arg.slice(0, equals), arg.slice(equals + 1)]
}

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
