import { nginxPath, splitTarget } from './request-path.js'
import type { RouteRequest } from './route-table.js'

/** Text, and variables of nginx, that requests are spread by. */
export type HashBy = readonly ({ readonly text: string } | { readonly variable: string })[]

/** Reads `upstream-hash-by`. An error names the first variable that says something about nginx itself, or that is not known. */
export function hashByOf(value: string): HashBy | { readonly unknown: string } {
  const parts = [...value.matchAll(/\$\{(\w+)\}|\$(\w+)|([^$]+|\$)/g)].map(([, braced, bare, text]) => {
    const variable = braced ?? bare
    return variable === undefined ? { text: text ?? '' } : { variable: variable.toLowerCase() }
  })
  const unknown = parts.find(part => part.variable !== undefined && reader(part.variable) === undefined)
  return unknown?.variable === undefined ? parts : { unknown: unknown.variable }
}

/** The text that decides which pod a request goes to; as in nginx, a variable that is not there is empty. */
export function hashText(hashBy: HashBy, request: RouteRequest): string {
  return hashBy.map(part => ('text' in part ? part.text : (reader(part.variable)?.(request) ?? ''))).join('')
}

type Read = (request: RouteRequest) => string | undefined

const query = ({ target }: RouteRequest): string => splitTarget(target).query.slice(1)

const VARIABLES: ReadonlyMap<string, Read> = new Map<string, Read>(
  Object.entries({
    request_uri: ({ target }) => target,
    uri: ({ target }) => nginxPath(splitTarget(target).path),
    document_uri: ({ target }) => nginxPath(splitTarget(target).path),
    args: query,
    query_string: query,
    host: ({ host }) => host.replace(/:\d+$/, '').toLowerCase(),
    http_host: ({ host }) => host,
    request_method: ({ method }) => method,
    scheme: () => 'http',
    // Every request comes from this machine.
    remote_addr: () => '127.0.0.1',
    binary_remote_addr: () => '127.0.0.1',
  } satisfies Readonly<Record<string, Read>>),
)

function reader(variable: string): Read | undefined {
  const known = VARIABLES.get(variable)
  if (known !== undefined) return known
  const [, kind, name = ''] = /^(arg|http|cookie)_(\w+)$/.exec(variable) ?? []
  switch (kind) {
    case 'arg':
      return request => field(query(request).split('&'), name)
    case 'cookie':
      return ({ headers }) => field((headers.cookie ?? '').split(/;\s*/), name)
    case 'http':
      return ({ headers }) => headers[name.replaceAll('_', '-')]
    default:
      return undefined
  }
}

/** Of `name=value`, in whatever case, as nginx has it. */
function field(pairs: readonly string[], name: string): string | undefined {
  const found = pairs.find(pair => pair.slice(0, pair.indexOf('=')).toLowerCase() === name)
  return found?.slice(found.indexOf('=') + 1)
}
