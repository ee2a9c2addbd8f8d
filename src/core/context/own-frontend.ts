import { parseDockerfile } from './dockerfile-instructions.js'

/** `docker/dockerfile` in a stable version: what each engine has built in, in the version of its time. */
const STABLE = /^(?:docker\.io\/)?docker\/dockerfile(?::1(?:\.\d+)*)?$/

/** The stable frontend that a Dockerfile asks for by `# syntax=`; undefined where it asks for none, or for one that an engine has not built in. */
export function stableFrontend(dockerfile: string): string | undefined {
  const { syntax } = parseDockerfile(dockerfile)
  return syntax !== undefined && STABLE.test(syntax.image) ? syntax.image : undefined
}

/** Whether a build failed because its frontend could not be fetched, as where no registry can be reached. */
export function isFrontendMissing({
  message,
  step = '',
}: {
  readonly message: string
  readonly step?: string
}): boolean {
  return (
    /^resolve image config for .*docker\/dockerfile/.test(step) ||
    /docker\/dockerfile\S*: (?:failed|not found)/.test(message)
  )
}

/** Whether a frontend did not understand a Dockerfile: it may be written for a newer one. */
export const isBeyondFrontend = ({ message }: { readonly message: string }): boolean =>
  /dockerfile parse error|unknown (?:instruction|flag)|unsupported mount type/.test(message)

const DIRECTIVE = /^#\s*[a-zA-Z][a-zA-Z0-9]*\s*=/

/** The same Dockerfile for the engine's own frontend: `# syntax=` is a comment, behind the other directives, for a comment ends these. No line moves otherwise. */
export function withOwnFrontend(dockerfile: string): string {
  const lines = dockerfile.split('\n')
  let at = lines.findIndex(line => /^\uFEFF?#\s*syntax\s*=/i.test(line))
  if (at === -1) return dockerfile
  const mark = lines[at]?.startsWith('\uFEFF') ? '\uFEFF' : ''
  const comment = (lines[at] ?? '').replace(/^\uFEFF?#\s*/, '# built in, for it cannot be fetched: ')
  for (let next = lines[at + 1]; next !== undefined && DIRECTIVE.test(next); next = lines[at + 1])
    lines[at++] = next
  lines[at] = comment
  return mark + lines.join('\n')
}
