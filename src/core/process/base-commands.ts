/** What an image runs where its Dockerfile does not say it. */
export interface BaseCommand {
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  /** Takes the place of the base's own entrypoint script: what it makes of a command that is no program. */
  readonly interpreter?: string
}

const interpreter = (name: string): BaseCommand => ({ entrypoint: [], command: [name], interpreter: name })

/**
 * The bases whose own entrypoint and command people rely upon, by repository, as their publishers document them. Others (servers, such as nginx) say what runs
 * in a script that lies in the image alone.
 */
const BASES: readonly (readonly [RegExp, BaseCommand])[] = [
  [/^(?:docker\.io\/library\/|public\.ecr\.aws\/docker\/library\/)node$/, interpreter('node')],
  [
    /^(?:docker\.io\/library\/|public\.ecr\.aws\/docker\/library\/)python$/,
    { entrypoint: [], command: ['python3'] },
  ],
  [/^docker\.io\/oven\/bun$/, interpreter('bun')],
  [/^docker\.io\/denoland\/deno$/, { entrypoint: ['deno'], command: [] }],
  [/^gcr\.io\/distroless\/nodejs[^/]*$/, { entrypoint: ['node'], command: [] }],
  [/^gcr\.io\/distroless\/python3[^/]*$/, { entrypoint: ['python3'], command: [] }],
  [/^gcr\.io\/distroless\/java\d[^/]*$/, { entrypoint: ['java', '-jar'], command: [] }],
]

/** What a base image runs by itself; nothing where that is not known. `repository` with its registry. */
export function baseCommandOf(repository: string | undefined): BaseCommand {
  const found = BASES.find(([pattern]) => repository !== undefined && pattern.test(repository))
  return found?.[1] ?? { entrypoint: [], command: [] }
}

/** A command as the entrypoint script of such a base starts it: `CMD ["main.js"]` of a Node image is `node main.js`. */
export function asBaseStarts(command: readonly string[], base: BaseCommand): readonly string[] {
  const [first] = command
  if (base.interpreter === undefined || first === undefined) return command
  return first.startsWith('-') || /\.[cm]?[jt]s$/.test(first) ? [base.interpreter, ...command] : command
}
