import { canonicalAddress } from './host-name.js'

/** A line of a hosts file that maps names. */
export interface HostLine {
  /** Counted from 1. */
  readonly line: number
  readonly address: string
  /** In lower case. */
  readonly names: readonly string[]
}

/** The lines of a text, each with its own line end; the last has none where the text does not end with one. */
export function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** What a hosts file maps, as hosts(5) reads it: an address, names, and a comment from `#` on. Other lines map nothing. */
export function hostLines(text: string): readonly HostLine[] {
  return linesOf(text).flatMap((whole, at) => {
    const [first = '', ...names] = withoutMark(whole).split('#', 1).join('').trim().split(/\s+/)
    const address = canonicalAddress(first.split('%', 1).join(''))
    return address === undefined || names.length === 0
      ? []
      : [{ line: at + 1, address, names: names.map(name => name.toLowerCase()) }]
  })
}

/** Windows editors put a byte order mark in front, which is read here as three Latin-1 characters. */
const withoutMark = (line: string): string => line.replace(/^\u00ef\u00bb\u00bf/, '')
