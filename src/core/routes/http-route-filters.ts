import type { CorsSettings } from './ingress-annotations.js'
import { fieldsIn, listIn, numberIn, textIn } from './route-fields.js'
import type { HeaderChange } from './route-table.js'

/** The filters of a rule or of a backend. */
export interface CompiledFilters {
  readonly requestHeaders: readonly HeaderChange[]
  readonly responseHeaders: readonly HeaderChange[]
  readonly redirect: HttpRedirect | undefined
  readonly rewrite:
    | { readonly hostname: string | undefined; readonly path: PathChange | undefined }
    | undefined
  readonly cors: CorsSettings | undefined
  /** Why every request must be answered with 500. */
  readonly error: string | undefined
  /** Whether a path is made that only a PathPrefix match can give. */
  readonly needsPrefix: boolean
}

export interface HttpRedirect {
  readonly scheme: string | undefined
  readonly hostname: string | undefined
  readonly port: number | undefined
  readonly path: PathChange | undefined
  readonly status: number
}

export type PathChange =
  | { readonly type: 'ReplaceFullPath'; readonly value: string }
  | { readonly type: 'ReplacePrefixMatch'; readonly value: string }

export function compileFilters(values: readonly unknown[], say: (message: string) => void): CompiledFilters {
  const requestHeaders: HeaderChange[] = []
  const responseHeaders: HeaderChange[] = []
  let redirect: HttpRedirect | undefined
  let rewrite: CompiledFilters['rewrite']
  let cors: CorsSettings | undefined
  let error: string | undefined
  for (const value of values) {
    const type = textIn(value, 'type') ?? ''
    switch (type) {
      case 'RequestHeaderModifier':
        requestHeaders.push(...changesOf(fieldsIn(value, 'requestHeaderModifier')))
        break
      case 'ResponseHeaderModifier':
        responseHeaders.push(...changesOf(fieldsIn(value, 'responseHeaderModifier')))
        break
      case 'RequestRedirect': {
        const fields = fieldsIn(value, 'requestRedirect')
        redirect = {
          scheme: textIn(fields, 'scheme'),
          hostname: textIn(fields, 'hostname'),
          port: numberIn(fields, 'port'),
          path: pathChange(fieldsIn(fields, 'path')),
          status: numberIn(fields, 'statusCode') ?? 302,
        }
        break
      }
      case 'URLRewrite': {
        const fields = fieldsIn(value, 'urlRewrite')
        rewrite = { hostname: textIn(fields, 'hostname'), path: pathChange(fieldsIn(fields, 'path')) }
        break
      }
      case 'CORS':
        cors = corsOf(fieldsIn(value, 'cors'))
        break
      case 'RequestMirror':
        say('RequestMirror: the gateway on this machine sends no copies of requests')
        break
      default:
        error = `the filter ${type === '' ? 'without a type' : type} is not known here`
        say(`${error}; its requests are answered with 500`)
    }
  }
  if (redirect !== undefined && rewrite !== undefined) {
    error = 'URLRewrite and RequestRedirect exclude each other (IncompatibleFilters)'
    say(error)
  }
  const needsPrefix = [redirect?.path, rewrite?.path].some(change => change?.type === 'ReplacePrefixMatch')
  return { requestHeaders, responseHeaders, redirect, rewrite, cors, error, needsPrefix }
}

function changesOf(fields: unknown): readonly HeaderChange[] {
  const pairs = (type: 'set' | 'add') =>
    listIn(fields, type).flatMap((item): readonly HeaderChange[] => {
      const [name, value] = [textIn(item, 'name'), textIn(item, 'value')]
      return name === undefined || value === undefined ? [] : [{ type, name, value }]
    })
  const removed = listIn(fields, 'remove').flatMap((name): readonly HeaderChange[] =>
    typeof name === 'string' ? [{ type: 'remove', name }] : [],
  )
  return [...pairs('set'), ...pairs('add'), ...removed]
}

function pathChange(fields: unknown): PathChange | undefined {
  const type = textIn(fields, 'type')
  if (type === 'ReplaceFullPath') return { type, value: textIn(fields, 'replaceFullPath') ?? '/' }
  if (type === 'ReplacePrefixMatch') return { type, value: textIn(fields, 'replacePrefixMatch') ?? '' }
  return undefined
}

function corsOf(fields: unknown): CorsSettings {
  const texts = (name: string) => listIn(fields, name).map(String)
  return {
    origins: texts('allowOrigins'),
    methods: texts('allowMethods').join(', '),
    headers: texts('allowHeaders').join(', '),
    expose: texts('exposeHeaders').join(', ') || undefined,
    credentials: fieldsIn(fields).allowCredentials === true,
    maxAge: String(numberIn(fields, 'maxAge') ?? 5),
  }
}

/** The path after a change. `prefix` is that of the match. */
export function changedPath(path: string, prefix: string, change: PathChange): string {
  if (change.type === 'ReplaceFullPath')
    return change.value.startsWith('/') ? change.value : `/${change.value}`
  const bare = prefix.replace(/\/$/, '')
  const rest = path.slice(bare.length)
  return `${change.value.replace(/\/$/, '')}${rest}` || '/'
}
