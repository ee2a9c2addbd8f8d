import { err, ok, type Result } from '../result.js'

const POSIX: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
  cntrl: '\\x00-\\x1f\\x7f',
}

/**
 * A regular expression of a manifest, written for PCRE or RE2, as JavaScript's. What JavaScript lacks (possessive quantifiers, atomic groups) is an
 * error, as is a repetition of a repetition that can divide the same text in more than one way: it takes time without bound.
 */
export function safeRegex(
  source: string,
  { anchored, ignoreCase }: { readonly anchored: 'start' | 'both'; readonly ignoreCase: boolean },
): Result<RegExp, string> {
  const flag = /^\(\?i\)/.test(source)
  const body = source
    .replace(/^\(\?i\)/, '')
    .replace(/\[:(\w+):\]/g, (whole, name: string) => POSIX[name] ?? whole)
    .replace(/\\(A|z|Z)|\\([\s\S])/g, (whole, edge: string | undefined) =>
      edge === undefined ? whole : edge === 'A' ? '^' : '$',
    )
    .replace(/\(\?P</g, '(?<')
  try {
    const text = anchored === 'both' ? `^(?:${body})$` : `^${body}`
    const regex = new RegExp(text, ignoreCase || flag ? 'i' : '')
    return isRunaway(body)
      ? err(`it repeats what repeats itself, and could take minutes to fail: ${source}`)
      : ok(regex)
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error))
  }
}

interface Frame {
  /** Repeated parts right in this group. */
  readonly repeated: string[]
  /** Characters that must be there once for each repetition. */
  readonly fixed: string[]
}

const REPEAT = /^(?:[*+]|\{\d+,\})/
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})/
const ATOM = /^(?:\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|[^()|])/

/** Whether a repeated group has a repetition in it and no character that marks where one round ends. */
function isRunaway(source: string): boolean {
  const stack: Frame[] = [{ repeated: [], fixed: [] }]
  let rest = source
  while (rest !== '') {
    const open = /^\((?:\?(?::|<?[=!]|<\w+>))?/.exec(rest)
    if (open !== null) {
      stack.push({ repeated: [], fixed: [] })
      rest = rest.slice(open[0].length)
      continue
    }
    if (rest[0] === ')') {
      const inner = stack.pop()
      rest = rest.slice(1)
      const quantifier = QUANTIFIER.exec(rest)?.[0] ?? ''
      rest = rest.slice(quantifier.length)
      const outer = stack.at(-1)
      if (inner === undefined || outer === undefined) return false
      const isMarked = inner.fixed.some(mark => inner.repeated.every(part => !matchesMark(part, mark)))
      if (REPEAT.test(quantifier) && inner.repeated.length > 0 && !isMarked) return true
      if (inner.repeated.length > 0) outer.repeated.push(...inner.repeated)
      continue
    }
    const atom = rest[0] === '|' ? '|' : (ATOM.exec(rest)?.[0] ?? rest.slice(0, 1))
    rest = rest.slice(atom.length)
    const quantifier = QUANTIFIER.exec(rest)?.[0] ?? ''
    rest = rest.slice(quantifier.length)
    if (quantifier !== '') rest = rest.replace(/^\?/, '')
    const frame = stack.at(-1)
    if (frame === undefined) return false
    if (REPEAT.test(quantifier)) frame.repeated.push(atom)
    else if (quantifier === '' && /^(?:\\[^\w]|[^\\[.^$|])$/.test(atom)) frame.fixed.push(atom.slice(-1))
    // Of alternatives, none must be there.
    if (atom === '|') frame.fixed.length = 0
  }
  return false
}

function matchesMark(part: string, mark: string): boolean {
  try {
    return new RegExp(`^${part}$`, 'i').test(mark)
  } catch {
    return true
  }
}
