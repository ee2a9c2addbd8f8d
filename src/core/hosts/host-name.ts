/** What a name that somebody wants a browser to find can be to a hosts file. */
export type HostNameKind =
  /** A line of a hosts file can have it. */
  | 'plain'
  /** `*.example.com`: a hosts file has no wildcards. */
  | 'wildcard'
  /** `localhost` and `*.localhost` (RFC 6761): always this machine, and in no need of a line. */
  | 'local'
  /** No name by RFC 1123: never written anywhere. */
  | 'invalid'

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const LONGEST = 253

/** Strict on purpose: nothing passes that could be read as an address, as two names, as a comment or as another line. Names are in lower case. */
export function hostNameKind(name: string): HostNameKind {
  const isWildcard = name.startsWith('*.')
  const rest = isWildcard ? name.slice(2) : name
  const labels = rest.split('.')
  // A last label of digits alone makes it an address to many readers (WHATWG URL, "ends in a number").
  const isName =
    rest.length <= LONGEST &&
    labels.every(label => LABEL.test(label)) &&
    !/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')
  if (!isName) return 'invalid'
  if (labels.at(-1) === 'localhost') return 'local'
  return isWildcard ? 'wildcard' : 'plain'
}

/** A name in the form that DNS has for it: `서울.kr` is `xn--2i4bq6h.kr`. Undefined where there is none, or it is the same. */
export function asciiName(name: string): string | undefined {
  if (!/[^\u0000-\u007f]/.test(name) || /[\s/?#@:\\[\]%]/.test(name) || !URL.canParse(`http://${name}/`))
    return undefined
  return new URL(`http://${name}/`).hostname
}

/** An address in the one form that it has: `0:0::1` is `::1`. Undefined for what is no address. */
export function canonicalAddress(text: string): string | undefined {
  const address = text.toLowerCase()
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address))
    return address.split('.').every(part => Number(part) <= 255 && !/^0\d/.test(part)) ? address : undefined
  if (!/^[0-9a-f:]+(\.\d{1,3}){0,3}$/.test(address) || !address.includes(':')) return undefined
  return URL.canParse(`http://[${address}]/`)
    ? new URL(`http://[${address}]/`).hostname.slice(1, -1)
    : undefined
}

/** Whether an address always is this machine: `127.0.0.0/8`, `::1`. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}
