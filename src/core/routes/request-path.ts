/** The raw target at its first `?`; the query keeps it. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const at = target.indexOf('?')
  return at === -1 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at) }
}

/**
 * The path that nginx matches locations with: `%XX` decoded once (also `%2F`), `//` merged, dots resolved. Undefined for what nginx answers with 400: above the
 * root, `%00`, a `%` that begins no escape. https://github.com/nginx/nginx/blob/master/src/http/ngx_http_parse.c (ngx_http_parse_complex_uri)
 */
export function nginxPath(raw: string): string | undefined {
  const hash = raw.indexOf('#')
  const path = hash === -1 ? raw : raw.slice(0, hash)
  if (!path.startsWith('/') || /%(?![0-9a-f]{2})/i.test(path) || path.includes('%00')) return undefined
  const decoded = path.includes('%') ? decode(path) : path
  if (!/\/\.{0,2}(\/|$)/.test(decoded)) return decoded
  const kept: string[] = []
  const parts = decoded.split('/').slice(1)
  for (const [at, part] of parts.entries()) {
    const isLast = at === parts.length - 1
    if (part === '..' && kept.pop() === undefined) return undefined
    if (part !== '' && part !== '.' && part !== '..') kept.push(part)
    else if (isLast) kept.push('')
  }
  return `/${kept.join('/')}`
}

/** Bytes that are no UTF-8 stand for themselves. */
function decode(path: string): string {
  const bytes = Buffer.from(
    Buffer.from(path, 'utf8')
      .toString('latin1')
      .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') ? bytes.toString('latin1') : text
}

/** A path as nginx escapes one that it made anew (NGX_ESCAPE_URI). */
export function escapePath(path: string): string {
  return path.replace(/[\x00-\x20#%?\x7f-\uffff]+/g, text =>
    [...Buffer.from(text, 'utf8')]
      .map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  )
}

/** Whether a path is the prefix itself or lies below it, by segments. A slash at the end of the prefix counts for nothing. */
export function isUnder(path: string, prefix: string): boolean {
  const bare = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix
  return path.startsWith(bare) && (path.length === bare.length || path[bare.length] === '/')
}
