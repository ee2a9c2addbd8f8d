import { err, ok, type Result } from '../result.js'
import { isUnder } from './request-path.js'
import { listIn, textIn } from './route-fields.js'
import { safeRegex } from './safe-regex.js'

type Test = { readonly name: string; readonly value: string | RegExp }

/** One of a rule's `matches`; all of it must hold. */
export interface HttpMatch {
  readonly path: {
    readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression'
    readonly value: string
    readonly regex?: RegExp
  }
  readonly method: string | undefined
  /** Names in lower case. */
  readonly headers: readonly Test[]
  readonly query: readonly Test[]
}

export function compileMatch(value: unknown): Result<HttpMatch, string> {
  const type = textIn(value, 'path', 'type') ?? 'PathPrefix'
  const path = textIn(value, 'path', 'value') ?? '/'
  if (type !== 'Exact' && type !== 'PathPrefix' && type !== 'RegularExpression')
    return err(`the path type ${type}`)
  if (type !== 'RegularExpression' && (!path.startsWith('/') || /\/\/|%2f/i.test(path)))
    return err(`the path ${path}`)
  const regex =
    type === 'RegularExpression' ? safeRegex(path, { anchored: 'both', ignoreCase: false }) : undefined
  if (regex?.ok === false) return err(regex.error)
  const headers = testsOf(listIn(value, 'headers'), name => name.toLowerCase())
  if (!headers.ok) return headers
  const query = testsOf(listIn(value, 'queryParams'), name => name)
  if (!query.ok) return query
  return ok({
    path: { type, value: path, ...(regex === undefined ? {} : { regex: regex.value }) },
    method: textIn(value, 'method'),
    headers: headers.value,
    query: query.value,
  })
}

/** Of entries with one name, only the first counts. */
function testsOf(values: readonly unknown[], key: (name: string) => string): Result<readonly Test[], string> {
  const tests: Test[] = []
  for (const value of values) {
    const name = key(textIn(value, 'name') ?? '')
    if (name === '' || tests.some(test => test.name === name)) continue
    const text = textIn(value, 'value') ?? ''
    if (textIn(value, 'type') !== 'RegularExpression') tests.push({ name, value: text })
    else {
      const regex = safeRegex(text, { anchored: 'both', ignoreCase: false })
      if (!regex.ok) return regex
      tests.push({ name, value: regex.value })
    }
  }
  return ok(tests)
}

/** What comes first in the order of precedence, greatest first: path, method, number of headers, number of query parameters. */
export function matchRank({ path, method, headers, query }: HttpMatch): readonly number[] {
  const kind = { Exact: 2, RegularExpression: 1, PathPrefix: 0 }[path.type]
  const length = path.type === 'PathPrefix' ? path.value.replace(/\/$/, '').length : path.value.length
  return [kind, length, method === undefined ? 0 : 1, headers.length, query.length]
}

export interface HttpFacts {
  readonly method: string
  /** As it came, undecoded: `%2F` is data. */
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
}

export function isMatch({ path, method, headers, query }: HttpMatch, request: HttpFacts): boolean {
  const fitsPath =
    path.type === 'Exact'
      ? request.path === path.value
      : path.type === 'PathPrefix'
        ? isUnder(request.path, path.value)
        : path.regex?.test(request.path) === true
  if (!fitsPath || (method !== undefined && method !== request.method)) return false
  if (!headers.every(test => fits(test, request.headers[test.name]))) return false
  if (query.length === 0) return true
  const asked = new URLSearchParams(request.query)
  return query.every(test => fits(test, asked.get(test.name) ?? undefined))
}

const fits = ({ value }: Test, found: string | undefined): boolean =>
  found !== undefined && (typeof value === 'string' ? found === value : value.test(found))
